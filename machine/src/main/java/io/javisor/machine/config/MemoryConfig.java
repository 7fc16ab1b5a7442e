package io.javisor.machine.config;

import io.javisor.core.memory.MemoryBackingConfig;

/**
 * A machine's RAM.
 *
 * @param sizeBytes a multiple of 4 KiB, at least {@link #MIN_SIZE_BYTES}
 * @param backing what the host backs it with
 */
public record MemoryConfig(long sizeBytes, MemoryBackingConfig backing) {
    public static final long MIN_SIZE_BYTES = 2L << 20;

    /** 512 MiB of {@link MemoryBackingConfig#DEFAULT}. */
    public static final MemoryConfig DEFAULT = new MemoryConfig(512L << 20, MemoryBackingConfig.DEFAULT);

    /** @throws ConfigException if {@code sizeBytes} is out of range or no multiple */
    public MemoryConfig {
        requireSize(sizeBytes);
    }

    /** Throws a {@link ConfigException} unless a machine can have that many bytes of RAM. */
    public static void requireSize(long sizeBytes) {
        if (sizeBytes < MIN_SIZE_BYTES) {
            throw new ConfigException("memory of " + MemorySize.format(sizeBytes)
                    + " is too little; a machine needs at least " + MemorySize.format(MIN_SIZE_BYTES));
        }
        if (sizeBytes % MemorySize.PAGE_SIZE != 0) {
            throw new ConfigException("memory of " + sizeBytes + " bytes is not a multiple of 4K");
        }
    }

    /** So much of it, in bytes. */
    public MemoryConfig withSizeBytes(long value) {
        return new MemoryConfig(value, backing);
    }

    /** As much, backed by something else. */
    public MemoryConfig withBacking(MemoryBackingConfig value) {
        return new MemoryConfig(sizeBytes, value);
    }
}
