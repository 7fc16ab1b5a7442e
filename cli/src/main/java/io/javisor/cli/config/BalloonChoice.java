package io.javisor.cli.config;

import io.javisor.machine.config.BalloonConfig;
import io.javisor.machine.config.VirtioDeviceConfig;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether a machine has a memory balloon, as options and configuration files have it.
 *
 * @param balloon null for none
 */
public record BalloonChoice(@Nullable BalloonConfig balloon) {
    /**
     * Reads one.
     *
     * @throws IllegalArgumentException if it is neither {@code off} nor {@link BalloonConfig#SYNTAX}
     * @throws io.javisor.machine.config.ConfigException if a value is out of range
     */
    public static BalloonChoice parse(String text) {
        return new BalloonChoice(text.equals("off") ? null : BalloonConfig.parse(text));
    }

    @Override
    public String toString() {
        return balloon == null ? "off" : balloon.toString();
    }

    /** The device, or none. */
    List<VirtioDeviceConfig> devices() {
        return balloon == null ? List.of() : List.of(balloon);
    }
}
