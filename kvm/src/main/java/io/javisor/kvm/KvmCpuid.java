package io.javisor.kvm;

import io.javisor.core.cpu.CpuidEntry;
import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import io.javisor.kvm.abi.KvmConstants;
import io.javisor.kvm.abi.KvmCpuid2Layout;
import io.javisor.kvm.abi.KvmCpuidEntry2Layout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** {@code struct kvm_cpuid2} to and from records. */
final class KvmCpuid {
    private static final int FIRST_COUNT = 128;
    private static final int MAX_COUNT = 4096;

    // In 32-bit words.
    private static final int ENTRY_WORDS = KvmCpuidEntry2Layout.SIZE / Integer.BYTES;
    private static final int FUNCTION = KvmCpuidEntry2Layout.FUNCTION_OFFSET / Integer.BYTES;
    private static final int INDEX = KvmCpuidEntry2Layout.INDEX_OFFSET / Integer.BYTES;
    private static final int FLAGS = KvmCpuidEntry2Layout.FLAGS_OFFSET / Integer.BYTES;
    private static final int EAX = KvmCpuidEntry2Layout.EAX_OFFSET / Integer.BYTES;
    private static final int EBX = KvmCpuidEntry2Layout.EBX_OFFSET / Integer.BYTES;
    private static final int ECX = KvmCpuidEntry2Layout.ECX_OFFSET / Integer.BYTES;
    private static final int EDX = KvmCpuidEntry2Layout.EDX_OFFSET / Integer.BYTES;

    // No flags of an entry are all ones: KVM_CPUID_FLAG_* are three bits.
    private static final int UNWRITTEN = -1;

    private KvmCpuid() {}

    /** Fetches a list whose length is not known before: E2BIG asks for more room. */
    static List<CpuidEntry> read(Fd fd, String name, long request) {
        try (Arena arena = Arena.ofConfined()) {
            for (int count = FIRST_COUNT; ; count *= 2) {
                long size = KvmCpuid2Layout.sizeBytes(count);
                MemorySegment cpuid = room(count, arena);
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

    /** Room for that many entries, none of them written. */
    static MemorySegment room(int count, Arena arena) {
        MemorySegment cpuid = arena.allocate(KvmCpuid2Layout.sizeBytes(count), Long.BYTES);
        KvmCpuid2Layout.setNent(cpuid, count);
        int[] words = new int[count * ENTRY_WORDS];
        Arrays.fill(words, UNWRITTEN);
        KvmCpuid2Layout.putEntryWords(cpuid, words);
        return cpuid;
    }

    static MemorySegment encode(List<CpuidEntry> entries, Arena arena) {
        MemorySegment cpuid = arena.allocate(KvmCpuid2Layout.sizeBytes(entries.size()), Long.BYTES);
        KvmCpuid2Layout.setNent(cpuid, entries.size());
        int[] words = new int[entries.size() * ENTRY_WORDS];
        int at = 0;
        for (CpuidEntry entry : entries) {
            words[at + FUNCTION] = entry.function();
            words[at + INDEX] = entry.index();
            words[at + FLAGS] = entry.indexed() ? KvmConstants.KVM_CPUID_FLAG_SIGNIFCANT_INDEX : 0;
            words[at + EAX] = entry.eax();
            words[at + EBX] = entry.ebx();
            words[at + ECX] = entry.ecx();
            words[at + EDX] = entry.edx();
            at += ENTRY_WORDS;
        }
        KvmCpuid2Layout.putEntryWords(cpuid, words);
        return cpuid;
    }

    /**
     * The entries that the kernel wrote. They may be fewer than {@code nent} says: up to Linux 6.1, KVM_GET_CPUID2 leaves the caller's
     * {@code nent} as it was given.
     */
    static List<CpuidEntry> decode(MemorySegment cpuid) {
        int count = KvmCpuid2Layout.nent(cpuid);
        int[] words = KvmCpuid2Layout.entryWords(cpuid, count);
        List<CpuidEntry> entries = new ArrayList<>(count);
        for (int at = 0; at < words.length && words[at + FLAGS] != UNWRITTEN; at += ENTRY_WORDS) {
            entries.add(new CpuidEntry(
                    words[at + FUNCTION],
                    words[at + INDEX],
                    (words[at + FLAGS] & KvmConstants.KVM_CPUID_FLAG_SIGNIFCANT_INDEX) != 0,
                    words[at + EAX],
                    words[at + EBX],
                    words[at + ECX],
                    words[at + EDX]));
        }
        return List.copyOf(entries);
    }
}
