package io.javisor.kvm.abi;

import java.lang.foreign.MemorySegment;

/** {@code struct kvm_regs}: the general registers. KVM api.rst §4.11 */
public final class KvmRegsLayout {
    public static final int SIZE = 144;
    public static final int RAX_OFFSET = 0;
    public static final int RBX_OFFSET = 8;
    public static final int RCX_OFFSET = 16;
    public static final int RDX_OFFSET = 24;
    public static final int RSI_OFFSET = 32;
    public static final int RDI_OFFSET = 40;
    public static final int RSP_OFFSET = 48;
    public static final int RBP_OFFSET = 56;
    public static final int R8_OFFSET = 64;
    public static final int R9_OFFSET = 72;
    public static final int R10_OFFSET = 80;
    public static final int R11_OFFSET = 88;
    public static final int R12_OFFSET = 96;
    public static final int R13_OFFSET = 104;
    public static final int R14_OFFSET = 112;
    public static final int R15_OFFSET = 120;
    public static final int RIP_OFFSET = 128;
    public static final int RFLAGS_OFFSET = 136;

    private KvmRegsLayout() {}

    public static long rax(MemorySegment m) {
        return Abi.getU64(m, RAX_OFFSET);
    }

    public static void setRax(MemorySegment m, long value) {
        Abi.setU64(m, RAX_OFFSET, value);
    }

    public static long rbx(MemorySegment m) {
        return Abi.getU64(m, RBX_OFFSET);
    }

    public static void setRbx(MemorySegment m, long value) {
        Abi.setU64(m, RBX_OFFSET, value);
    }

    public static long rcx(MemorySegment m) {
        return Abi.getU64(m, RCX_OFFSET);
    }

    public static void setRcx(MemorySegment m, long value) {
        Abi.setU64(m, RCX_OFFSET, value);
    }

    public static long rdx(MemorySegment m) {
        return Abi.getU64(m, RDX_OFFSET);
    }

    public static void setRdx(MemorySegment m, long value) {
        Abi.setU64(m, RDX_OFFSET, value);
    }

    public static long rsi(MemorySegment m) {
        return Abi.getU64(m, RSI_OFFSET);
    }

    public static void setRsi(MemorySegment m, long value) {
        Abi.setU64(m, RSI_OFFSET, value);
    }

    public static long rdi(MemorySegment m) {
        return Abi.getU64(m, RDI_OFFSET);
    }

    public static void setRdi(MemorySegment m, long value) {
        Abi.setU64(m, RDI_OFFSET, value);
    }

    public static long rsp(MemorySegment m) {
        return Abi.getU64(m, RSP_OFFSET);
    }

    public static void setRsp(MemorySegment m, long value) {
        Abi.setU64(m, RSP_OFFSET, value);
    }

    public static long rbp(MemorySegment m) {
        return Abi.getU64(m, RBP_OFFSET);
    }

    public static void setRbp(MemorySegment m, long value) {
        Abi.setU64(m, RBP_OFFSET, value);
    }

    public static long r8(MemorySegment m) {
        return Abi.getU64(m, R8_OFFSET);
    }

    public static void setR8(MemorySegment m, long value) {
        Abi.setU64(m, R8_OFFSET, value);
    }

    public static long r9(MemorySegment m) {
        return Abi.getU64(m, R9_OFFSET);
    }

    public static void setR9(MemorySegment m, long value) {
        Abi.setU64(m, R9_OFFSET, value);
    }

    public static long r10(MemorySegment m) {
        return Abi.getU64(m, R10_OFFSET);
    }

    public static void setR10(MemorySegment m, long value) {
        Abi.setU64(m, R10_OFFSET, value);
    }

    public static long r11(MemorySegment m) {
        return Abi.getU64(m, R11_OFFSET);
    }

    public static void setR11(MemorySegment m, long value) {
        Abi.setU64(m, R11_OFFSET, value);
    }

    public static long r12(MemorySegment m) {
        return Abi.getU64(m, R12_OFFSET);
    }

    public static void setR12(MemorySegment m, long value) {
        Abi.setU64(m, R12_OFFSET, value);
    }

    public static long r13(MemorySegment m) {
        return Abi.getU64(m, R13_OFFSET);
    }

    public static void setR13(MemorySegment m, long value) {
        Abi.setU64(m, R13_OFFSET, value);
    }

    public static long r14(MemorySegment m) {
        return Abi.getU64(m, R14_OFFSET);
    }

    public static void setR14(MemorySegment m, long value) {
        Abi.setU64(m, R14_OFFSET, value);
    }

    public static long r15(MemorySegment m) {
        return Abi.getU64(m, R15_OFFSET);
    }

    public static void setR15(MemorySegment m, long value) {
        Abi.setU64(m, R15_OFFSET, value);
    }

    public static long rip(MemorySegment m) {
        return Abi.getU64(m, RIP_OFFSET);
    }

    public static void setRip(MemorySegment m, long value) {
        Abi.setU64(m, RIP_OFFSET, value);
    }

    public static long rflags(MemorySegment m) {
        return Abi.getU64(m, RFLAGS_OFFSET);
    }

    public static void setRflags(MemorySegment m, long value) {
        Abi.setU64(m, RFLAGS_OFFSET, value);
    }
}
