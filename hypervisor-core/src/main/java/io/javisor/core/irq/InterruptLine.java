package io.javisor.core.irq;

/**
 * An interrupt line as its device sees it: a level that the device raises and lowers. How it reaches the guest (a pulse of an
 * edge-triggered input, a level, a message) is the line's own business. Both calls may come from any thread, are idempotent,
 * never block and allocate nothing.
 */
public interface InterruptLine {
    /** A line that is connected to nothing. */
    InterruptLine UNCONNECTED = new InterruptLine() {
        @Override
        public void raise() {}

        @Override
        public void lower() {}
    };

    /** The device requests service. */
    void raise();

    /** The device no longer requests service. */
    void lower();

    /** Raises or lowers the line to the device's interrupt predicate. */
    default void set(boolean asserted) {
        if (asserted) {
            raise();
        } else {
            lower();
        }
    }

    /**
     * One request that needs no acknowledgement: raised and at once lowered. An edge-triggered line sends it whatever its level is, so that
     * none is lost where several threads do this.
     */
    default void pulse() {
        raise();
        lower();
    }
}
