package io.javisor.cli.config;

import io.javisor.machine.config.ConfigException;
import io.javisor.machine.config.MemorySize;
import io.javisor.machine.config.RngConfig;
import io.javisor.machine.config.VirtioDeviceConfig;
import java.util.List;

/**
 * Whether a machine has a source of random bytes, as options and configuration files have it.
 *
 * @param bytesPerSecond the most that the guest gets, 0 for no limit
 */
public record RngChoice(boolean present, long bytesPerSecond) {
    /** What {@link #parse} takes. */
    public static final String SYNTAX = "on, off or rate=SIZE";

    private static final String RATE_PREFIX = "rate=";

    /**
     * Reads one.
     *
     * @throws IllegalArgumentException if it is none of {@link #SYNTAX}
     */
    public static RngChoice parse(String text) {
        if (text.startsWith(RATE_PREFIX)) {
            return new RngChoice(true, rate(text));
        }
        return switch (text) {
            case "on" -> new RngChoice(true, 0);
            case "off" -> new RngChoice(false, 0);
            default -> throw new IllegalArgumentException("'" + text + "' is none of " + SYNTAX);
        };
    }

    private static long rate(String text) {
        try {
            return MemorySize.parse(text.substring(RATE_PREFIX.length()));
        } catch (ConfigException e) {
            throw new IllegalArgumentException(
                    "'" + text + "' is no rate; write for example rate=64K, for 64 KiB a second", e);
        }
    }

    @Override
    public String toString() {
        if (!present) {
            return "off";
        }
        return bytesPerSecond == 0 ? "on" : RATE_PREFIX + MemorySize.exact(bytesPerSecond);
    }

    /** The device, or none. */
    List<VirtioDeviceConfig> devices() {
        return present ? List.of(new RngConfig(bytesPerSecond)) : List.of();
    }
}
