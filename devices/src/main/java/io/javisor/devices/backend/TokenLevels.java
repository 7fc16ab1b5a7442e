package io.javisor.devices.backend;

import java.util.HashMap;
import java.util.Map;

/** What is in each {@link TokenBucket} of a machine, by the bucket's name: it outlives the device, or a guest that starts anew would find them full. Any thread. */
public final class TokenLevels {
    /** What one bucket holds. For one bucket at a time. */
    static final class Level {
        boolean known;
        // A double has 53 bits: tokens of 2^40 are still told apart to a thousandth.
        double balance;
        long lastNanos;
    }

    private final Map<String, Level> levels = new HashMap<>();

    synchronized Level of(String name) {
        return levels.computeIfAbsent(name, _ -> new Level());
    }
}
