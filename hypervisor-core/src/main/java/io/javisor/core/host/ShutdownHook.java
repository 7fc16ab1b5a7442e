package io.javisor.core.host;

/** Work for the case that the JVM is told to end while something is open. */
public final class ShutdownHook {
    private final Thread thread;

    private ShutdownHook(Thread thread) {
        this.thread = thread;
    }

    /**
     * Has work done when the JVM is told to end.
     *
     * @throws IllegalStateException if it ends already
     */
    public static ShutdownHook install(Runnable work) {
        Thread thread = Thread.ofPlatform().name("javisor/shutdown").unstarted(work);
        Runtime.getRuntime().addShutdownHook(thread);
        return new ShutdownHook(thread);
    }

    /** Takes it back. */
    public void remove() {
        try {
            boolean _ = Runtime.getRuntime().removeShutdownHook(thread);
        } catch (IllegalStateException e) {
            // The JVM is going down already: the hook runs, and that is what it is for.
        }
    }
}
