package io.javisor.machine.doctor;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * What {@code /proc/cpuinfo} says of the processors.
 *
 * @param vendor as CPUID leaf 0 spells it; empty if unknown
 * @param model the name for people; empty if unknown
 * @param count how many Linux uses
 * @param flags features by Linux's names; empty if unknown
 */
record CpuInfo(String vendor, String model, int count, Set<String> flags) {
    CpuInfo {
        flags = Set.copyOf(flags);
    }

    static CpuInfo read(HostFiles files) {
        Map<String, String> first = new HashMap<>();
        int count = 0;
        for (String line : files.text("proc/cpuinfo").lines().toList()) {
            int colon = line.indexOf(':');
            if (colon < 0) {
                continue;
            }
            String key = line.substring(0, colon).strip();
            if (key.equals("processor")) {
                count++;
            }
            first.putIfAbsent(key, line.substring(colon + 1).strip());
        }
        String flags = first.getOrDefault("flags", "");
        return new CpuInfo(
                first.getOrDefault("vendor_id", ""),
                first.getOrDefault("model name", ""),
                count,
                flags.isEmpty() ? Set.of() : Set.of(flags.split("\\s+")));
    }

    boolean hasVirtualisation() {
        return flags.contains("vmx") || flags.contains("svm");
    }

    /** Whether this is itself a virtual machine. */
    boolean isVirtual() {
        return flags.contains("hypervisor");
    }

    /** What the vendor calls its virtualisation. */
    String virtualisationName() {
        return flags.contains("vmx") ? "VT-x" : flags.contains("svm") ? "AMD-V" : isIntel() ? "VT-x" : "AMD-V (SVM)";
    }

    /** The module that drives it; others than Intel's have AMD's. */
    String kvmModule() {
        return isIntel() ? "kvm_intel" : "kvm_amd";
    }

    // Zhaoxin and Centaur have VT-x
    private boolean isIntel() {
        return flags.contains("vmx")
                || (!flags.contains("svm")
                        && Set.of("GenuineIntel", "CentaurHauls", "Shanghai").contains(vendor));
    }
}
