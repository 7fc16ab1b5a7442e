package io.javisor.emulator.oracle;

import io.javisor.emulator.decode.Feature;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/** What the host's processor has, as Linux lists it. */
final class HostFeatures {
    private HostFeatures() {}

    static Set<Feature> read() {
        String flags;
        try {
            flags = Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                            .filter(line -> line.startsWith("flags"))
                            .findFirst()
                            .orElseThrow()
                    + " ";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Set<Feature> features = EnumSet.noneOf(Feature.class);
        for (Feature feature : Feature.all()) {
            if (flags.contains(" " + linuxName(feature) + " ")) {
                features.add(feature);
            }
        }
        return features;
    }

    private static String linuxName(Feature feature) {
        return switch (feature) {
            case X87 -> "fpu";
            case CLFSH -> "clflush";
            case SSE3 -> "pni";
            case SSE41 -> "sse4_1";
            case SSE42 -> "sse4_2";
            case PCLMUL -> "pclmulqdq";
            case SHA -> "sha_ni";
            default -> feature.name().toLowerCase(Locale.ROOT);
        };
    }
}
