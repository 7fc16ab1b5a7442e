package io.javisor.machine;

/**
 * Told how a machine's start goes on. Both methods are called while the machine or its guest waits, on any thread: they return at
 * once and throw nothing.
 */
public interface BootObserver {
    /** Looks away. */
    BootObserver NONE = new BootObserver() {
        @Override
        public void reached(BootStep step) {}

        @Override
        public void consoleOutput(int value) {}
    };

    /** A step is done. Comes again for each virtual CPU, when a paused machine goes on, and in each life after a reset. */
    void reached(BootStep step);

    /** The guest has written a byte, 0 to 255, to its first serial port. Never called by two threads at once. */
    void consoleOutput(int value);
}
