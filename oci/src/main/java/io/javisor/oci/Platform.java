package io.javisor.oci;

import io.javisor.core.text.Printable;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What an image runs on (OCI image-spec 1.1, image-index.md, "platform").
 *
 * @param os such as {@code linux}
 * @param architecture as Go has it, such as {@code amd64}
 * @param variant of the processor, such as {@code v8}; empty without
 */
public record Platform(String os, String architecture, String variant) {
    /** What javisor's guests are. */
    public static final Platform LINUX_AMD64 = new Platform("linux", "amd64", "");

    private static final Set<String> SYSTEMS = Set.of("linux", "windows", "darwin", "freebsd");
    private static final Pattern WORD = Pattern.compile("[A-Za-z0-9_.-]{1,64}");
    private static final Pattern LEVEL = Pattern.compile("v[0-9]{1,2}");

    /** Worse than any distance between levels. */
    private static final int NEWER = 1000;

    /**
     * Reads {@code OS/ARCHITECTURE[/VARIANT]}, or one of the first two alone: of Linux, or for amd64. {@code x86_64} and {@code aarch64} are taken for
     * {@code amd64} and {@code arm64}; capitals don't matter.
     *
     * @throws OciException in one line, if it is none
     */
    public static Platform parse(String text) {
        String[] parts = text.toLowerCase(Locale.ROOT).split("/", -1);
        for (String part : parts) {
            if (!WORD.matcher(part).matches()) {
                throw invalid(text);
            }
        }
        return switch (parts.length) {
            case 1 ->
                SYSTEMS.contains(parts[0])
                        ? new Platform(parts[0], "amd64", "")
                        : new Platform("linux", goName(parts[0]), "");
            case 2 -> new Platform(parts[0], goName(parts[1]), "");
            case 3 -> new Platform(parts[0], goName(parts[1]), parts[2]);
            default -> throw invalid(text);
        };
    }

    private static OciException invalid(String text) {
        return new OciException(
                "\"" + Printable.asciiLine(text) + "\": is an invalid platform; it is written linux/amd64");
    }

    private static String goName(String architecture) {
        return switch (architecture) {
            case "x86_64", "x86-64" -> "amd64";
            case "aarch64" -> "arm64";
            case "i386", "i686" -> "386";
            default -> architecture;
        };
    }

    /**
     * Whether an image made for {@code other} is what is asked for by this. A variant counts only if it is asked for: then an older one will do where the
     * architecture counts them ({@code v2}).
     */
    public boolean takes(Platform other) {
        if (!os.equals(other.os) || !architecture.equals(other.architecture)) {
            return false;
        }
        if (variant.isEmpty() || variant.equals(other.variant)) {
            return true;
        }
        return level() > 0 && other.level() > 0 && other.level() <= level();
    }

    /** How far {@code other}, which this takes, is from what is asked for: 0 is the very same; older ones are better than newer. */
    public int distance(Platform other) {
        int mine = level();
        int others = other.level();
        if (mine == 0 || others == 0) {
            return variant.equals(other.variant) ? 0 : NEWER;
        }
        return others <= mine ? mine - others : NEWER + others - mine;
    }

    /** The number of the variant, which has a default (containerd's platforms package, "normalizeArch"); 0 if it has none. */
    private int level() {
        String numbered = !variant.isEmpty()
                ? variant
                : switch (architecture) {
                    case "amd64" -> "v1";
                    case "arm64" -> "v8";
                    case "arm" -> "v7";
                    default -> "";
                };
        return LEVEL.matcher(numbered).matches() ? Integer.parseInt(numbered.substring(1)) : 0;
    }

    @Override
    public String toString() {
        return os + "/" + architecture + (variant.isEmpty() ? "" : "/" + variant);
    }
}
