package io.javisor.core.cpu;

import java.util.List;

/**
 * A processor feature that CPUID announces, under its name in {@code /proc/cpuinfo} or, for those of KVM itself, QEMU's name.
 *
 * @param bits where it is announced; more than one for features that several leaves repeat
 */
public record CpuFeature(String name, List<Bit> bits) {
    /** One bit of what CPUID answers. */
    public record Bit(int function, int index, CpuidEntry.Register register, int bit) {
        /** Whether {@code entry} is the answer that holds this bit. */
        boolean isIn(CpuidEntry entry) {
            return entry.answers(function, index);
        }

        int mask() {
            return 1 << bit;
        }
    }

    public CpuFeature {
        bits = List.copyOf(bits);
    }
}
