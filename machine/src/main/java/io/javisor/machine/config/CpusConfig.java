package io.javisor.machine.config;

import io.javisor.core.cpu.CpuConfig;

/**
 * A machine's processors.
 *
 * @param count how many, 1 to {@link #MAX_COUNT}
 * @param features template and features of each
 */
public record CpusConfig(int count, CpuConfig features) {
    /** xAPIC ids are bytes, of which 255 is the broadcast and one is the I/O APIC's. */
    public static final int MAX_COUNT = 254;

    /** One, with all that the engine offers. */
    public static final CpusConfig DEFAULT = new CpusConfig(1, CpuConfig.DEFAULT);

    /** @throws ConfigException if {@code count} is out of range */
    public CpusConfig {
        requireCount(count);
    }

    /** Throws a {@link ConfigException} unless a machine can have that many processors. */
    public static void requireCount(int count) {
        if (count < 1 || count > MAX_COUNT) {
            throw new ConfigException("cpus must be 1 to " + MAX_COUNT + ", not " + count
                    + (count < 1 ? "" : ": interrupts are addressed by 8-bit APIC ids"));
        }
    }

    /** So many of them. */
    public CpusConfig withCount(int value) {
        return new CpusConfig(value, features);
    }

    /** As many, with other features. */
    public CpusConfig withFeatures(CpuConfig value) {
        return new CpusConfig(count, value);
    }
}
