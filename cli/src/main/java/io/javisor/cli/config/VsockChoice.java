package io.javisor.cli.config;

import io.javisor.machine.config.VirtioDeviceConfig;
import io.javisor.machine.config.VsockConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Whether a machine has virtio sockets, as options and configuration files have it.
 *
 * @param vsock null for none
 */
public record VsockChoice(@Nullable VsockConfig vsock) {
    private static final String OFF = "off";

    /**
     * Reads one.
     *
     * @throws IllegalArgumentException if it is neither {@code off} nor {@link VsockConfig#SYNTAX}
     * @throws io.javisor.machine.config.ConfigException if the path is too long
     */
    public static VsockChoice parse(String text) {
        if (text.startsWith(OFF + ",")) {
            throw new IllegalArgumentException(
                    "'" + OFF + "' stands alone, without '" + text.substring(OFF.length() + 1) + "'");
        }
        return new VsockChoice(text.equals(OFF) ? null : VsockConfig.parse(text));
    }

    /** The same with its path elsewhere. */
    VsockChoice at(UnaryOperator<Path> place) {
        return vsock == null ? this : new VsockChoice(vsock.at(place.apply(vsock.path())));
    }

    @Override
    public String toString() {
        return vsock == null ? OFF : vsock.toString();
    }

    /** The device, or none. */
    List<VirtioDeviceConfig> devices() {
        return vsock == null ? List.of() : List.of(vsock);
    }
}
