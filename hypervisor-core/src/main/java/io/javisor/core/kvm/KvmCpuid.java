package io.javisor.core.kvm;

import io.javisor.core.cpu.CpuidEntry;
import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import io.javisor.core.kvm.abi.KvmCpuid2Layout;
import io.javisor.core.kvm.abi.KvmCpuidEntry2Layout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** {@code struct kvm_cpuid2} to and from records. */
final class KvmCpuid {
    private static final int FIRST_COUNT = 128;
    private static final int MAX_COUNT = 4096;

    private KvmCpuid() {}

    /** Fetches a list whose length is not known before: E2BIG asks for more room. */
    static List<CpuidEntry> read(Fd fd, String name, long request) {
        try (Arena arena = Arena.ofConfined()) {
            for (int count = FIRST_COUNT; ; count *= 2) {
                long size = KvmCpuid2Layout.sizeBytes(count);
                MemorySegment cpuid = arena.allocate(size, Long.BYTES);
                KvmCpuid2Layout.setNent(cpuid, count);
                int result = Ioctl.tryCall(fd, name, request, cpuid, size);
                if (result == -Errno.E2BIG && count < MAX_COUNT) {
                    continue;
                }
                if (result < 0) {
                    throw Ioctl.failed(fd, name, result);
                }
                return decode(cpuid);
            }
        }
    }

    static MemorySegment encode(List<CpuidEntry> entries, Arena arena) {
        MemorySegment cpuid = arena.allocate(KvmCpuid2Layout.sizeBytes(entries.size()), Long.BYTES);
        KvmCpuid2Layout.setNent(cpuid, entries.size());
        for (int i = 0; i < entries.size(); i++) {
            CpuidEntry entry = entries.get(i);
            long at = KvmCpuid2Layout.entryOffset(i);
            KvmCpuidEntry2Layout.setFunction(cpuid, at, entry.function());
            KvmCpuidEntry2Layout.setIndex(cpuid, at, entry.index());
            KvmCpuidEntry2Layout.setFlags(cpuid, at, entry.flags());
            KvmCpuidEntry2Layout.setEax(cpuid, at, entry.eax());
            KvmCpuidEntry2Layout.setEbx(cpuid, at, entry.ebx());
            KvmCpuidEntry2Layout.setEcx(cpuid, at, entry.ecx());
            KvmCpuidEntry2Layout.setEdx(cpuid, at, entry.edx());
        }
        return cpuid;
    }

    private static List<CpuidEntry> decode(MemorySegment cpuid) {
        int count = KvmCpuid2Layout.nent(cpuid);
        List<CpuidEntry> entries = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            long at = KvmCpuid2Layout.entryOffset(i);
            entries.add(new CpuidEntry(
                    KvmCpuidEntry2Layout.function(cpuid, at),
                    KvmCpuidEntry2Layout.index(cpuid, at),
                    KvmCpuidEntry2Layout.flags(cpuid, at),
                    KvmCpuidEntry2Layout.eax(cpuid, at),
                    KvmCpuidEntry2Layout.ebx(cpuid, at),
                    KvmCpuidEntry2Layout.ecx(cpuid, at),
                    KvmCpuidEntry2Layout.edx(cpuid, at)));
        }
        return List.copyOf(entries);
    }
}
