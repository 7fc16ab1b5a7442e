package io.javisor.machine;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Tells of the states that a machine enters, in their order, and but for the end outside the machine's lock: whoever is told may write files, and whoever
 * else needs the machine does not wait for that. Any thread.
 */
final class StateChanges {
    private final Object telling = new Object(); // held while somebody is told, for the order
    private final Queue<Lifecycle> untold = new ArrayDeque<>(4); // guarded by itself
    private volatile Consumer<Lifecycle> listener = _ -> {};

    void listener(Consumer<Lifecycle> next) {
        listener = next;
    }

    /** The machine has entered a state, with its lock held. */
    void add(Lifecycle entered) {
        synchronized (untold) {
            untold.add(entered);
        }
    }

    /** Returns when all that was added before this call has been told, by whichever thread. */
    void tell() {
        synchronized (telling) {
            Lifecycle next = next();
            while (next != null) {
                listener.accept(next);
                next = next();
            }
        }
    }

    private @Nullable Lifecycle next() {
        synchronized (untold) {
            return untold.poll();
        }
    }
}
