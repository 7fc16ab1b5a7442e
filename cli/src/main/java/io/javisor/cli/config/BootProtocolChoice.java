package io.javisor.cli.config;

import io.javisor.firmware.BootProtocol;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A boot protocol as users name it.
 *
 * @param protocol null for {@code auto}: by the image
 */
public record BootProtocolChoice(@Nullable BootProtocol protocol) {
    private static final String AUTO = "auto";

    /** What {@link #parse} takes. */
    public static List<String> names() {
        return Stream.concat(
                        Stream.of(AUTO), Arrays.stream(BootProtocol.values()).map(BootProtocol::optionName))
                .toList();
    }

    /**
     * Finds a protocol by its name, in any case.
     *
     * @throws IllegalArgumentException naming those that there are
     */
    public static BootProtocolChoice parse(String text) {
        String wanted = text.toLowerCase(Locale.ROOT);
        if (wanted.equals(AUTO)) {
            return new BootProtocolChoice(null);
        }
        for (BootProtocol protocol : BootProtocol.values()) {
            if (protocol.optionName().equals(wanted)) {
                return new BootProtocolChoice(protocol);
            }
        }
        throw new IllegalArgumentException("'" + text + "' is none of " + String.join(", ", names()));
    }

    /** As {@link #parse}, in the case that the schema has: an editor that goes by it would complain of another. */
    static BootProtocolChoice parseExactly(String text) {
        if (!names().contains(text)) {
            throw new IllegalArgumentException("'" + text + "' is none of " + String.join(", ", names()));
        }
        return parse(text);
    }

    @Override
    public String toString() {
        return protocol == null ? AUTO : protocol.optionName();
    }
}
