package io.javisor.kvm.abi;

import java.lang.foreign.MemorySegment;

/** {@code struct kvm_lapic_state}: the register page of a local APIC, one register every 16 bytes. KVM api.rst §4.57 */
public final class KvmLapicStateLayout {
    public static final int SIZE = 1024;
    public static final int REGS_OFFSET = 0;
    public static final int REGS_COUNT = 1024;

    private KvmLapicStateLayout() {}

    /** The 32-bit register at {@code register}, its offset in the APIC page (SDM vol. 3 table 12-1). */
    public static int register(MemorySegment m, int register) {
        return Abi.getU32(m, REGS_OFFSET + register);
    }

    public static void setRegister(MemorySegment m, int register, int value) {
        Abi.setU32(m, REGS_OFFSET + register, value);
    }
}
