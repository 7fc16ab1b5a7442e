package io.javisor.machine.config;

/**
 * A source of random bytes.
 *
 * @param bytesPerSecond the most that the guest gets, at least 1, or 0 for no limit
 */
public record RngConfig(long bytesPerSecond) implements VirtioDeviceConfig {
    /** Without a limit. */
    public static final RngConfig UNLIMITED = new RngConfig(0);

    /** @throws ConfigException if the rate is negative */
    public RngConfig {
        if (bytesPerSecond < 0) {
            throw new ConfigException("a rate of " + bytesPerSecond + " bytes per second is negative");
        }
    }

    @Override
    public String kind() {
        return "rng";
    }

    @Override
    public String description() {
        return "virtio entropy" + (bytesPerSecond == 0 ? "" : ", at most " + MemorySize.format(bytesPerSecond) + "/s");
    }
}
