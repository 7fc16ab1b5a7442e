package io.javisor.devices.backend;

/** Sees every byte that comes from the host before the guest does. Called by one thread at a time. */
@FunctionalInterface
public interface ConsoleInputFilter {
    /** Takes what goes on to the guest. */
    @FunctionalInterface
    interface Guest {
        /** Takes a byte (0 to 255) or {@link SerialBackend#BREAK}. */
        void accept(int unit);
    }

    /** Lets everything pass. */
    // A class: an interface's lambda is one that the JVM's AOT cache does not hold.
    ConsoleInputFilter NONE = new ConsoleInputFilter() {
        @Override
        public void filter(int value, Guest guest) {
            guest.accept(value);
        }
    };

    /**
     * A byte came.
     *
     * @param value 0 to 255
     * @param guest takes at most two units a call
     */
    void filter(int value, Guest guest);

    /** No more bytes come. {@code guest} takes at most one unit. */
    default void end(Guest guest) {}
}
