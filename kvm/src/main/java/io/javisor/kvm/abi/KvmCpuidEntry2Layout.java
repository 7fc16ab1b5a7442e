package io.javisor.kvm.abi;

import java.lang.foreign.MemorySegment;

/** {@code struct kvm_cpuid_entry2}, an element of {@code kvm_cpuid2}. KVM api.rst §4.20 */
public final class KvmCpuidEntry2Layout {
    public static final int SIZE = 40;
    public static final int FUNCTION_OFFSET = 0;
    public static final int INDEX_OFFSET = 4;
    public static final int FLAGS_OFFSET = 8;
    public static final int EAX_OFFSET = 12;
    public static final int EBX_OFFSET = 16;
    public static final int ECX_OFFSET = 20;
    public static final int EDX_OFFSET = 24;

    private KvmCpuidEntry2Layout() {}

    public static int function(MemorySegment m, long at) {
        return Abi.getU32(m, at + FUNCTION_OFFSET);
    }

    public static void setFunction(MemorySegment m, long at, int value) {
        Abi.setU32(m, at + FUNCTION_OFFSET, value);
    }

    public static int index(MemorySegment m, long at) {
        return Abi.getU32(m, at + INDEX_OFFSET);
    }

    public static void setIndex(MemorySegment m, long at, int value) {
        Abi.setU32(m, at + INDEX_OFFSET, value);
    }

    public static int flags(MemorySegment m, long at) {
        return Abi.getU32(m, at + FLAGS_OFFSET);
    }

    public static void setFlags(MemorySegment m, long at, int value) {
        Abi.setU32(m, at + FLAGS_OFFSET, value);
    }

    public static int eax(MemorySegment m, long at) {
        return Abi.getU32(m, at + EAX_OFFSET);
    }

    public static void setEax(MemorySegment m, long at, int value) {
        Abi.setU32(m, at + EAX_OFFSET, value);
    }

    public static int ebx(MemorySegment m, long at) {
        return Abi.getU32(m, at + EBX_OFFSET);
    }

    public static void setEbx(MemorySegment m, long at, int value) {
        Abi.setU32(m, at + EBX_OFFSET, value);
    }

    public static int ecx(MemorySegment m, long at) {
        return Abi.getU32(m, at + ECX_OFFSET);
    }

    public static void setEcx(MemorySegment m, long at, int value) {
        Abi.setU32(m, at + ECX_OFFSET, value);
    }

    public static int edx(MemorySegment m, long at) {
        return Abi.getU32(m, at + EDX_OFFSET);
    }

    public static void setEdx(MemorySegment m, long at, int value) {
        Abi.setU32(m, at + EDX_OFFSET, value);
    }
}
