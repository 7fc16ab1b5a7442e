package io.javisor.kvm;

import io.javisor.core.cpu.MsrEntry;
import io.javisor.kvm.abi.KvmMsrEntryLayout;
import io.javisor.kvm.abi.KvmMsrsLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;

/** The model-specific registers of a vCPU's state. */
final class KvmMsrs {
    static final int IA32_TSC = 0x10;
    private static final int IA32_TSC_DEADLINE = 0x6E0;
    private static final int IA32_APIC_BASE = 0x1B;
    private static final int IA32_EFER = 0xC000_0080;
    // MTRRs (Intel SDM vol. 4 table 2-2), which KVM has and never lists.
    private static final int IA32_MTRR_PHYSBASE0 = 0x200;
    private static final int VARIABLE_MTRR_COUNT = 8;
    /** The most that a call takes: the kernel wants fewer than MAX_IO_MSRS, 256 (Linux arch/x86/kvm/x86.c). */
    private static final int MAX_COUNT = 255;

    private static final int[] FIXED_MTRRS = {
        0x250, 0x258, 0x259, 0x268, 0x269, 0x26A, 0x26B, 0x26C, 0x26D, 0x26E, 0x26F, 0x2FF
    };

    private KvmMsrs() {}

    /**
     * The numbers of what a snapshot keeps, without those that the registers have. The time stamp counter is the first and the deadline of the
     * local APIC's timer the last: KVM works out from the counter when that is.
     */
    static List<Integer> saved(int[] listed) {
        LinkedHashSet<Integer> indices = new LinkedHashSet<>();
        boolean deadline = false;
        for (int index : listed) {
            if (index == IA32_TSC) {
                indices.addFirst(index);
            } else if (index == IA32_TSC_DEADLINE) {
                deadline = true;
            } else {
                indices.add(index);
            }
        }
        for (int i = 0; i < 2 * VARIABLE_MTRR_COUNT; i++) {
            indices.add(IA32_MTRR_PHYSBASE0 + i);
        }
        for (int index : FIXED_MTRRS) {
            indices.add(index);
        }
        indices.remove(IA32_APIC_BASE);
        indices.remove(IA32_EFER);
        if (deadline) {
            indices.add(IA32_TSC_DEADLINE);
        }
        return List.copyOf(indices);
    }

    /** The values of those MSRs that can be read. */
    static List<MsrEntry> read(KvmVcpuState vcpu, List<Integer> indices) {
        List<MsrEntry> entries = new ArrayList<>();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment msrs = arena.allocate(KvmMsrsLayout.sizeBytes(MAX_COUNT), Long.BYTES);
            int from = 0;
            while (from < indices.size()) {
                int count = Math.min(MAX_COUNT, indices.size() - from);
                KvmMsrsLayout.setNmsrs(msrs, count);
                for (int i = 0; i < count; i++) {
                    KvmMsrEntryLayout.setIndex(msrs, KvmMsrsLayout.entryOffset(i), indices.get(from + i));
                }
                int read = vcpu.getMsrs(msrs);
                for (int i = 0; i < read; i++) {
                    entries.add(new MsrEntry(
                            indices.get(from + i), KvmMsrEntryLayout.data(msrs, KvmMsrsLayout.entryOffset(i))));
                }
                from += read < count ? read + 1 : count; // KVM stops at one that this guest's processor does not have
            }
        }
        return entries;
    }

    /**
     * Sets them all.
     *
     * @throws KvmException naming one that KVM refuses and that has another value
     */
    static void write(KvmVcpuState vcpu, List<MsrEntry> entries) {
        int from = 0;
        while (from < entries.size()) {
            List<MsrEntry> some = entries.subList(from, Math.min(from + MAX_COUNT, entries.size()));
            int done = vcpu.trySetMsrs(some);
            from += done;
            if (done < some.size()) {
                MsrEntry refused = some.get(done);
                if (!read(vcpu, List.of(refused.index())).equals(List.of(refused))) {
                    throw vcpu.refused(refused);
                }
                from++;
            }
        }
    }
}
