package io.javisor.emulator.cpu;

import io.javisor.core.cpu.HostCpu;
import io.javisor.emulator.decode.Feature;
import io.javisor.emulator.decode.Form;
import io.javisor.emulator.decode.InstructionClass;
import io.javisor.emulator.decode.InstructionTable;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/** Which instruction sets can be offered to a guest here: those that the host's processor has, and those that need none of it. */
public final class HostFeatures {
    private HostFeatures() {}

    /**
     * Of this host.
     *
     * @return what the processor has as Linux lists it, and what no form of the class compute belongs to
     */
    public static Set<Feature> offered() {
        Set<Feature> features = of(HostCpu.flags(HostCpu.CPUINFO));
        features.addAll(withoutHost());
        return features;
    }

    /** What the processor with these of Linux's flags has. */
    public static Set<Feature> of(Set<String> flags) {
        Set<Feature> features = EnumSet.noneOf(Feature.class);
        for (Feature feature : Feature.all()) {
            if (flags.contains(linuxName(feature))) {
                features.add(feature);
            }
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
