package io.javisor.kvm.abi;

import java.lang.foreign.MemorySegment;

/** {@code struct kvm_vcpu_events}: pending and injected exceptions, interrupts, NMIs and SMIs. KVM api.rst §4.31 */
public final class KvmVcpuEventsLayout {
    public static final int SIZE = 64;
    public static final int EXCEPTION_INJECTED_OFFSET = 0;
    public static final int EXCEPTION_NR_OFFSET = 1;
    public static final int EXCEPTION_HAS_ERROR_CODE_OFFSET = 2;
    public static final int EXCEPTION_PENDING_OFFSET = 3;
    public static final int EXCEPTION_ERROR_CODE_OFFSET = 4;
    public static final int INTERRUPT_INJECTED_OFFSET = 8;
    public static final int INTERRUPT_NR_OFFSET = 9;
    public static final int INTERRUPT_SOFT_OFFSET = 10;
    public static final int INTERRUPT_SHADOW_OFFSET = 11;
    public static final int NMI_INJECTED_OFFSET = 12;
    public static final int NMI_PENDING_OFFSET = 13;
    public static final int NMI_MASKED_OFFSET = 14;
    public static final int SIPI_VECTOR_OFFSET = 16;
    public static final int FLAGS_OFFSET = 20;
    public static final int SMI_SMM_OFFSET = 24;
    public static final int SMI_PENDING_OFFSET = 25;
    public static final int SMI_SMM_INSIDE_NMI_OFFSET = 26;
    public static final int SMI_LATCHED_INIT_OFFSET = 27;
    public static final int TRIPLE_FAULT_PENDING_OFFSET = 28;
    public static final int EXCEPTION_HAS_PAYLOAD_OFFSET = 55;
    public static final int EXCEPTION_PAYLOAD_OFFSET = 56;

    private KvmVcpuEventsLayout() {}

    public static int exceptionInjected(MemorySegment m) {
        return Abi.getU8(m, EXCEPTION_INJECTED_OFFSET);
    }

    public static void setExceptionInjected(MemorySegment m, int value) {
        Abi.setU8(m, EXCEPTION_INJECTED_OFFSET, value);
    }

    public static int exceptionNr(MemorySegment m) {
        return Abi.getU8(m, EXCEPTION_NR_OFFSET);
    }

    public static void setExceptionNr(MemorySegment m, int value) {
        Abi.setU8(m, EXCEPTION_NR_OFFSET, value);
    }

    public static int exceptionHasErrorCode(MemorySegment m) {
        return Abi.getU8(m, EXCEPTION_HAS_ERROR_CODE_OFFSET);
    }

    public static void setExceptionHasErrorCode(MemorySegment m, int value) {
        Abi.setU8(m, EXCEPTION_HAS_ERROR_CODE_OFFSET, value);
    }

    public static int exceptionPending(MemorySegment m) {
        return Abi.getU8(m, EXCEPTION_PENDING_OFFSET);
    }

    public static void setExceptionPending(MemorySegment m, int value) {
        Abi.setU8(m, EXCEPTION_PENDING_OFFSET, value);
    }

    public static int exceptionErrorCode(MemorySegment m) {
        return Abi.getU32(m, EXCEPTION_ERROR_CODE_OFFSET);
    }

    public static void setExceptionErrorCode(MemorySegment m, int value) {
        Abi.setU32(m, EXCEPTION_ERROR_CODE_OFFSET, value);
    }

    public static int interruptInjected(MemorySegment m) {
        return Abi.getU8(m, INTERRUPT_INJECTED_OFFSET);
    }

    public static void setInterruptInjected(MemorySegment m, int value) {
        Abi.setU8(m, INTERRUPT_INJECTED_OFFSET, value);
    }

    public static int interruptNr(MemorySegment m) {
        return Abi.getU8(m, INTERRUPT_NR_OFFSET);
    }

    public static void setInterruptNr(MemorySegment m, int value) {
        Abi.setU8(m, INTERRUPT_NR_OFFSET, value);
    }

    public static int interruptSoft(MemorySegment m) {
        return Abi.getU8(m, INTERRUPT_SOFT_OFFSET);
    }

    public static void setInterruptSoft(MemorySegment m, int value) {
        Abi.setU8(m, INTERRUPT_SOFT_OFFSET, value);
    }

    public static int interruptShadow(MemorySegment m) {
        return Abi.getU8(m, INTERRUPT_SHADOW_OFFSET);
    }

    public static void setInterruptShadow(MemorySegment m, int value) {
        Abi.setU8(m, INTERRUPT_SHADOW_OFFSET, value);
    }

    public static int nmiInjected(MemorySegment m) {
        return Abi.getU8(m, NMI_INJECTED_OFFSET);
    }

    public static void setNmiInjected(MemorySegment m, int value) {
        Abi.setU8(m, NMI_INJECTED_OFFSET, value);
    }

    public static int nmiPending(MemorySegment m) {
        return Abi.getU8(m, NMI_PENDING_OFFSET);
    }

    public static void setNmiPending(MemorySegment m, int value) {
        Abi.setU8(m, NMI_PENDING_OFFSET, value);
    }

    public static int nmiMasked(MemorySegment m) {
        return Abi.getU8(m, NMI_MASKED_OFFSET);
    }

    public static void setNmiMasked(MemorySegment m, int value) {
        Abi.setU8(m, NMI_MASKED_OFFSET, value);
    }

    public static int sipiVector(MemorySegment m) {
        return Abi.getU32(m, SIPI_VECTOR_OFFSET);
    }

    public static void setSipiVector(MemorySegment m, int value) {
        Abi.setU32(m, SIPI_VECTOR_OFFSET, value);
    }

    public static int flags(MemorySegment m) {
        return Abi.getU32(m, FLAGS_OFFSET);
    }

    public static void setFlags(MemorySegment m, int value) {
        Abi.setU32(m, FLAGS_OFFSET, value);
    }

    public static int smiSmm(MemorySegment m) {
        return Abi.getU8(m, SMI_SMM_OFFSET);
    }

    public static void setSmiSmm(MemorySegment m, int value) {
        Abi.setU8(m, SMI_SMM_OFFSET, value);
    }

    public static int smiPending(MemorySegment m) {
        return Abi.getU8(m, SMI_PENDING_OFFSET);
    }

    public static void setSmiPending(MemorySegment m, int value) {
        Abi.setU8(m, SMI_PENDING_OFFSET, value);
    }

    public static int smiSmmInsideNmi(MemorySegment m) {
        return Abi.getU8(m, SMI_SMM_INSIDE_NMI_OFFSET);
    }

    public static void setSmiSmmInsideNmi(MemorySegment m, int value) {
        Abi.setU8(m, SMI_SMM_INSIDE_NMI_OFFSET, value);
    }

    public static int smiLatchedInit(MemorySegment m) {
        return Abi.getU8(m, SMI_LATCHED_INIT_OFFSET);
    }

    public static void setSmiLatchedInit(MemorySegment m, int value) {
        Abi.setU8(m, SMI_LATCHED_INIT_OFFSET, value);
    }

    public static int tripleFaultPending(MemorySegment m) {
        return Abi.getU8(m, TRIPLE_FAULT_PENDING_OFFSET);
    }

    public static void setTripleFaultPending(MemorySegment m, int value) {
        Abi.setU8(m, TRIPLE_FAULT_PENDING_OFFSET, value);
    }

    public static int exceptionHasPayload(MemorySegment m) {
        return Abi.getU8(m, EXCEPTION_HAS_PAYLOAD_OFFSET);
    }

    public static void setExceptionHasPayload(MemorySegment m, int value) {
        Abi.setU8(m, EXCEPTION_HAS_PAYLOAD_OFFSET, value);
    }

    public static long exceptionPayload(MemorySegment m) {
        return Abi.getU64(m, EXCEPTION_PAYLOAD_OFFSET);
    }

    public static void setExceptionPayload(MemorySegment m, long value) {
        Abi.setU64(m, EXCEPTION_PAYLOAD_OFFSET, value);
    }
}
