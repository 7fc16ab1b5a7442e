package io.javisor.devices.virtio.queue;

/**
 * What a turn of the event loop leaves for a queue. A driver may refill its queue as fast as it is emptied, so a queue that is never empty must not
 * keep the loop from others: once its allowance is spent it gives no chain until the owner has renewed it, in a later turn, and has called the
 * queue's handler again. A handler knows nothing of it. For one thread, the event loop; allocates nothing.
 */
public interface TurnAllowance {
    /** For a queue that has its thread to itself, as in a measurement. */
    TurnAllowance UNLIMITED = new TurnAllowance() {
        @Override
        public boolean takeChain() {
            return true;
        }

        @Override
        public boolean mayTake() {
            return true;
        }
    };

    /** A chain is there: whether it may be taken now, which is counted. If not, the queue's handler is called again in a later turn. */
    boolean takeChain();

    /** As {@link #takeChain}, but nothing is taken yet. */
    boolean mayTake();
}
