package io.javisor.kvm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.javisor.core.cpu.CpuidEntry;
import io.javisor.kvm.abi.KvmCpuid2Layout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What kernels leave in a {@code kvm_cpuid2}. */
class KvmCpuidTest {
    private static final List<CpuidEntry> ENTRIES =
            List.of(CpuidEntry.leaf(0, 0x10, 1, 2, 3), CpuidEntry.leaf(0x4000_00FF, 0, 0, 0, 0));

    private static MemorySegment answer(int room, int nent, Arena arena) {
        MemorySegment answer = KvmCpuid.room(room, arena);
        MemorySegment.copy(KvmCpuid.encode(ENTRIES, arena), 0, answer, 0, KvmCpuid2Layout.sizeBytes(ENTRIES.size()));
        KvmCpuid2Layout.setNent(answer, nent);
        return answer;
    }

    @Test
    void aKernelThatTellsTheCount() {
        try (Arena arena = Arena.ofConfined()) {
            assertEquals(ENTRIES, KvmCpuid.decode(answer(128, 2, arena)));
            assertEquals(ENTRIES.subList(0, 1), KvmCpuid.decode(answer(128, 1, arena)));
        }
    }

    /** Linux 6.1 and before. */
    @Test
    void aKernelThatLeavesTheCountAsItWasGiven() {
        try (Arena arena = Arena.ofConfined()) {
            assertEquals(ENTRIES, KvmCpuid.decode(answer(128, 128, arena)));
            assertEquals(ENTRIES, KvmCpuid.decode(answer(2, 2, arena)));
            assertEquals(List.of(), KvmCpuid.decode(KvmCpuid.room(128, arena)));
        }
    }
}
