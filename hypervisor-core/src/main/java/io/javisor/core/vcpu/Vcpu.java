package io.javisor.core.vcpu;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A virtual CPU's thread: runs the guest, and parks or ends when another thread asks.
 *
 * <p>The thread starts parked; {@link #resume} lets it run. All public methods may be called from any thread; those that wait for
 * the vCPU must not be called on its own.
 *
 * <p>How it is stopped: the request is stored (release) and the engine's vCPU is kicked, under a lock that the thread also takes
 * before it ends, so that the kick never reaches another thread. The vCPU takes the kick back, fences, and then reads the request:
 * either it sees the request, or the next run returns at once.
 */
public final class Vcpu implements AutoCloseable {
    private static final int RUN = 0;
    private static final int PAUSE = 1;
    private static final int STOP = 2;

    private static final int EXITS_A_CALL = 16;

    private static final VarHandle REQUEST;

    static {
        try {
            REQUEST = MethodHandles.lookup().findVarHandle(Vcpu.class, "request", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private enum State {
        RUNNING,
        PARKED,
        ENDED
    }

    private final int index;
    private final VcpuBackend backend;
    private final VcpuListener listener;
    private final Thread thread;
    private final Object lock = new Object();

    private int request = PAUSE; // RW through REQUEST
    private State state = State.RUNNING; // guarded by lock
    private boolean entered; // guarded by lock; whether the backend knows the thread

    /**
     * Makes the vCPU and starts its thread, parked.
     *
     * @param machineName prefix of the thread's name
     * @param index 0 for the boot CPU
     */
    public Vcpu(String machineName, int index, VcpuBackend backend, VcpuListener listener) {
        this.index = index;
        this.backend = backend;
        this.listener = listener;
        this.thread = Thread.ofPlatform()
                .name(machineName + "/vcpu-" + index)
                .daemon()
                .unstarted(this::loop);
    }

    /** Starts the thread; it parks at once. */
    public void start() {
        thread.start();
    }

    /** The vCPU's number, 0 for the boot CPU. */
    public int index() {
        return index;
    }

    /** Lets a parked vCPU run. Does nothing for one that was asked to end. */
    public void resume() {
        synchronized (lock) {
            if (request == PAUSE) {
                REQUEST.setRelease(this, RUN);
                lock.notifyAll();
            }
        }
    }

    /** Asks the vCPU to park; {@link #awaitParked} waits for it. */
    public void requestPause() {
        synchronized (lock) {
            if (request == RUN) {
                REQUEST.setRelease(this, PAUSE);
                kick();
            }
        }
    }

    /** Asks the vCPU to end; {@link #close} also waits for it. */
    public void requestStop() {
        synchronized (lock) {
            REQUEST.setRelease(this, STOP);
            kick();
            lock.notifyAll();
        }
    }

    /**
     * Waits until the vCPU is parked or has ended.
     *
     * @return false if it did neither within {@code timeoutMillis}
     */
    public boolean awaitParked(long timeoutMillis) throws InterruptedException {
        long deadline = System.nanoTime() + timeoutMillis * 1_000_000;
        synchronized (lock) {
            while (state == State.RUNNING && thread.isAlive()) {
                long left = (deadline - System.nanoTime() + 999_999) / 1_000_000;
                if (left <= 0) {
                    return false;
                }
                lock.wait(left);
            }
            return true;
        }
    }

    /**
     * Asks the vCPU to end and waits for its thread.
     *
     * @throws IllegalStateException if it has not ended within ten seconds: it hangs in an exit handler, which must not block
     */
    @Override
    public void close() {
        requestStop();
        boolean interrupted = false;
        long deadline = System.nanoTime() + 10_000_000_000L;
        while (thread.isAlive() && System.nanoTime() < deadline) {
            try {
                thread.join(10_000);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (thread.isAlive()) {
            throw new IllegalStateException(thread.getName() + " does not end: an exit handler blocks");
        }
    }

    /** Under the lock, so that the thread is alive while it is kicked. */
    private void kick() {
        if (entered && state != State.ENDED) {
            backend.kick();
        }
    }

    private void loop() {
        synchronized (lock) {
            backend.enterThread();
            entered = true;
        }
        try {
            while (parkWhilePaused()) {
                runUntilRequest();
            }
        } finally {
            synchronized (lock) {
                state = State.ENDED;
                lock.notifyAll();
            }
        }
    }

    /** Returns when a request is seen, or one was made because the vCPU cannot go on. */
    private void runUntilRequest() {
        try {
            listener.onEntry(this);
            boolean goesOn = true;
            while (goesOn) {
                goesOn = runSome();
            }
        } catch (Throwable failure) { // whatever a device threw must end the machine with a message, not the thread
            // silently
            pauseSelf();
            listener.onBug(this, failure);
        }
    }

    /**
     * Runs to a few exits; false when the thread is to look for requests. A loop that is entered once would be interpreted for the
     * guest's first 600,000 exits: the compilers take up a method that is called often much sooner.
     */
    private boolean runSome() {
        for (int i = 0; i < EXITS_A_CALL; i++) {
            VcpuExit exit = backend.run();
            if (exit != VcpuExit.CONTINUE && !goesOnAfter(exit)) {
                return false;
            }
        }
        return true;
    }

    private boolean goesOnAfter(VcpuExit exit) {
        if (exit == VcpuExit.KICKED) {
            backend.clearKick();
            // Pairs with the store of the request before the kick.
            VarHandle.fullFence();
            return (int) REQUEST.getAcquire(this) == RUN;
        }
        pauseSelf();
        listener.onExit(this, exit);
        return false;
    }

    private void pauseSelf() {
        synchronized (lock) {
            if (request == RUN) {
                REQUEST.setRelease(this, PAUSE);
            }
        }
    }

    /** Returns false when the vCPU is to end. */
    private boolean parkWhilePaused() {
        synchronized (lock) {
            state = State.PARKED;
            lock.notifyAll();
            while (request == PAUSE) {
                try {
                    lock.wait();
                } catch (InterruptedException e) {
                    // Nobody but the owner ends this thread: an interrupt is not a request.
                }
            }
            state = State.RUNNING;
            return request != STOP;
        }
    }
}
