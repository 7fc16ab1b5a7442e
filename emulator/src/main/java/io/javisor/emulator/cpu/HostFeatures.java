package io.javisor.emulator.cpu;

import io.javisor.core.cpu.HostCpu;
import io.javisor.emulator.decode.Feature;
import io.javisor.emulator.decode.Form;
import io.javisor.emulator.decode.InstructionClass;
import io.javisor.emulator.decode.InstructionTable;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Which instruction sets can be offered to a guest here: those that the host's processor has, and those that need none of it. */
public final class HostFeatures {
    /**
     * A property of the JVM: what the engine takes the host's processor not to have, by Linux's names, separated by commas. So {@code avx} on
     * any host shows what a host without AVX does.
     */
    public static final String MASK_PROPERTY = "javisor.host.mask";

    /** What no form of the class compute belongs to. */
    private static final Set<Feature> WITHOUT_HOST = withoutHost();

    private HostFeatures() {}

    /** Read when first asked for, and once: a process's machines ask again and again. */
    private static final class Flags {
        static final Set<String> OF_HOST = HostCpu.flags(HostCpu.CPUINFO);
    }

    /** What a guest can be offered on a host with these: them, and what no form of the class compute belongs to. */
    public static Set<Feature> offered(Set<Feature> host) {
        Set<Feature> features = EnumSet.copyOf(WITHOUT_HOST);
        features.addAll(host);
        return features;
    }

    /**
     * What the host's processor has as Linux lists it, without what {@link #MASK_PROPERTY} names.
     *
     * @throws IllegalArgumentException if it names what is no feature, with those that there are
     */
    public static Set<Feature> ofHost() {
        return masked(Flags.OF_HOST, System.getProperty(MASK_PROPERTY, ""));
    }

    static Set<Feature> masked(Set<String> flags, String mask) {
        if (mask.isBlank()) {
            return of(flags);
        }
        Set<String> left = new HashSet<>(flags);
        Set<String> known =
                Feature.all().stream().map(HostFeatures::linuxName).collect(Collectors.toCollection(TreeSet::new));
        for (String word : List.of(mask.split(","))) {
            String name = word.strip();
            if (!name.isEmpty() && !known.contains(name)) {
                throw new IllegalArgumentException(
                        MASK_PROPERTY + ": '" + name + "' is no feature; there are " + String.join(", ", known));
            }
            left.remove(name);
        }
        return of(left);
    }

    /** What the processor with these of Linux's flags has. What computes in YMM registers counts with AVX only (SDM vol. 1 §14.5.3, §14.7.1). */
    public static Set<Feature> of(Set<String> flags) {
        Set<Feature> features = EnumSet.noneOf(Feature.class);
        for (Feature feature : Feature.all()) {
            if (flags.contains(linuxName(feature))) {
                features.add(feature);
            }
        }
        if (!features.contains(Feature.AVX)) {
            features.removeAll(EnumSet.of(Feature.AVX2, Feature.FMA, Feature.F16C));
        }
        return features;
    }

    private static Set<Feature> withoutHost() {
        Set<Feature> features = EnumSet.allOf(Feature.class);
        for (Form form : InstructionTable.forms()) {
            if (form.kind() == InstructionClass.COMPUTE) {
                features.removeIf(form::needs);
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
