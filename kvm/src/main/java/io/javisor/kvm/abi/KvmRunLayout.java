package io.javisor.kvm.abi;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/** {@code struct kvm_run}: the page that a vCPU shares with its thread. The fields of an exit are valid after {@code KVM_RUN} has
 * returned with that {@code exit_reason}, until it is called again. KVM api.rst §5 */
public final class KvmRunLayout {
    public static final int SIZE = 2352;
    public static final int REQUEST_INTERRUPT_WINDOW_OFFSET = 0;
    public static final int IMMEDIATE_EXIT_OFFSET = 1;
    public static final int EXIT_REASON_OFFSET = 8;
    public static final int READY_FOR_INTERRUPT_INJECTION_OFFSET = 12;
    public static final int IF_FLAG_OFFSET = 13;
    public static final int FLAGS_OFFSET = 14;
    public static final int CR8_OFFSET = 16;
    public static final int APIC_BASE_OFFSET = 24;
    public static final int HW_HARDWARE_EXIT_REASON_OFFSET = 32;
    public static final int FAIL_ENTRY_HARDWARE_ENTRY_FAILURE_REASON_OFFSET = 32;
    public static final int FAIL_ENTRY_CPU_OFFSET = 40;
    public static final int EX_EXCEPTION_OFFSET = 32;
    public static final int EX_ERROR_CODE_OFFSET = 36;
    public static final int IO_DIRECTION_OFFSET = 32;
    public static final int IO_SIZE_OFFSET = 33;
    public static final int IO_PORT_OFFSET = 34;
    public static final int IO_COUNT_OFFSET = 36;
    public static final int IO_DATA_OFFSET_OFFSET = 40;
    public static final int DEBUG_ARCH_EXCEPTION_OFFSET = 32;
    public static final int DEBUG_ARCH_PC_OFFSET = 40;
    public static final int DEBUG_ARCH_DR6_OFFSET = 48;
    public static final int DEBUG_ARCH_DR7_OFFSET = 56;
    public static final int MMIO_PHYS_ADDR_OFFSET = 32;
    public static final int MMIO_DATA_OFFSET = 40;
    public static final int MMIO_DATA_COUNT = 8;
    public static final int MMIO_LEN_OFFSET = 48;
    public static final int MMIO_IS_WRITE_OFFSET = 52;
    public static final int HYPERCALL_NR_OFFSET = 32;
    public static final int HYPERCALL_ARGS_OFFSET = 40;
    public static final int HYPERCALL_ARGS_COUNT = 6;
    public static final int HYPERCALL_RET_OFFSET = 88;
    public static final int HYPERCALL_LONGMODE_OFFSET = 96;
    public static final int INTERNAL_SUBERROR_OFFSET = 32;
    public static final int INTERNAL_NDATA_OFFSET = 36;
    public static final int INTERNAL_DATA_OFFSET = 40;
    public static final int INTERNAL_DATA_COUNT = 16;
    public static final int EMULATION_FAILURE_FLAGS_OFFSET = 40;
    public static final int EMULATION_FAILURE_INSN_SIZE_OFFSET = 48;
    public static final int EMULATION_FAILURE_INSN_BYTES_OFFSET = 49;
    public static final int EMULATION_FAILURE_INSN_BYTES_COUNT = 15;
    public static final int SYSTEM_EVENT_TYPE_OFFSET = 32;
    public static final int SYSTEM_EVENT_NDATA_OFFSET = 36;
    public static final int SYSTEM_EVENT_DATA_OFFSET = 40;
    public static final int SYSTEM_EVENT_DATA_COUNT = 16;
    public static final int EOI_VECTOR_OFFSET = 32;
    public static final int MSR_ERROR_OFFSET = 32;
    public static final int MSR_REASON_OFFSET = 40;
    public static final int MSR_INDEX_OFFSET = 44;
    public static final int MSR_DATA_OFFSET = 48;
    public static final int NOTIFY_FLAGS_OFFSET = 32;
    public static final int KVM_VALID_REGS_OFFSET = 288;
    public static final int KVM_DIRTY_REGS_OFFSET = 296;
    public static final int S_REGS_REGS_OFFSET = 304;
    public static final int S_REGS_SREGS_OFFSET = 448;
    public static final int S_REGS_EVENTS_OFFSET = 760;

    private static final VarHandle BYTE = ValueLayout.JAVA_BYTE.varHandle();

    private KvmRunLayout() {}

    /**
     * Asks a running or about to be entered {@code KVM_RUN} to return at once with EINTR; visible to the kernel in program order with
     * volatile accesses. Any thread.
     */
    public static void setImmediateExit(MemorySegment m, int value) {
        BYTE.setVolatile(m, (long) IMMEDIATE_EXIT_OFFSET, (byte) value);
    }

    public static int immediateExit(MemorySegment m) {
        return (byte) BYTE.getVolatile(m, (long) IMMEDIATE_EXIT_OFFSET) & 0xFF;
    }

    public static int requestInterruptWindow(MemorySegment m) {
        return Abi.getU8(m, REQUEST_INTERRUPT_WINDOW_OFFSET);
    }

    public static void setRequestInterruptWindow(MemorySegment m, int value) {
        Abi.setU8(m, REQUEST_INTERRUPT_WINDOW_OFFSET, value);
    }

    public static int exitReason(MemorySegment m) {
        return Abi.getU32(m, EXIT_REASON_OFFSET);
    }

    public static void setExitReason(MemorySegment m, int value) {
        Abi.setU32(m, EXIT_REASON_OFFSET, value);
    }

    public static int readyForInterruptInjection(MemorySegment m) {
        return Abi.getU8(m, READY_FOR_INTERRUPT_INJECTION_OFFSET);
    }

    public static void setReadyForInterruptInjection(MemorySegment m, int value) {
        Abi.setU8(m, READY_FOR_INTERRUPT_INJECTION_OFFSET, value);
    }

    public static int ifFlag(MemorySegment m) {
        return Abi.getU8(m, IF_FLAG_OFFSET);
    }

    public static void setIfFlag(MemorySegment m, int value) {
        Abi.setU8(m, IF_FLAG_OFFSET, value);
    }

    public static int flags(MemorySegment m) {
        return Abi.getU16(m, FLAGS_OFFSET);
    }

    public static void setFlags(MemorySegment m, int value) {
        Abi.setU16(m, FLAGS_OFFSET, value);
    }

    public static long cr8(MemorySegment m) {
        return Abi.getU64(m, CR8_OFFSET);
    }

    public static void setCr8(MemorySegment m, long value) {
        Abi.setU64(m, CR8_OFFSET, value);
    }

    public static long apicBase(MemorySegment m) {
        return Abi.getU64(m, APIC_BASE_OFFSET);
    }

    public static void setApicBase(MemorySegment m, long value) {
        Abi.setU64(m, APIC_BASE_OFFSET, value);
    }

    public static long hwHardwareExitReason(MemorySegment m) {
        return Abi.getU64(m, HW_HARDWARE_EXIT_REASON_OFFSET);
    }

    public static void setHwHardwareExitReason(MemorySegment m, long value) {
        Abi.setU64(m, HW_HARDWARE_EXIT_REASON_OFFSET, value);
    }

    public static long failEntryHardwareEntryFailureReason(MemorySegment m) {
        return Abi.getU64(m, FAIL_ENTRY_HARDWARE_ENTRY_FAILURE_REASON_OFFSET);
    }

    public static void setFailEntryHardwareEntryFailureReason(MemorySegment m, long value) {
        Abi.setU64(m, FAIL_ENTRY_HARDWARE_ENTRY_FAILURE_REASON_OFFSET, value);
    }

    public static int failEntryCpu(MemorySegment m) {
        return Abi.getU32(m, FAIL_ENTRY_CPU_OFFSET);
    }

    public static void setFailEntryCpu(MemorySegment m, int value) {
        Abi.setU32(m, FAIL_ENTRY_CPU_OFFSET, value);
    }

    public static int exException(MemorySegment m) {
        return Abi.getU32(m, EX_EXCEPTION_OFFSET);
    }

    public static void setExException(MemorySegment m, int value) {
        Abi.setU32(m, EX_EXCEPTION_OFFSET, value);
    }

    public static int exErrorCode(MemorySegment m) {
        return Abi.getU32(m, EX_ERROR_CODE_OFFSET);
    }

    public static void setExErrorCode(MemorySegment m, int value) {
        Abi.setU32(m, EX_ERROR_CODE_OFFSET, value);
    }

    public static int ioDirection(MemorySegment m) {
        return Abi.getU8(m, IO_DIRECTION_OFFSET);
    }

    public static void setIoDirection(MemorySegment m, int value) {
        Abi.setU8(m, IO_DIRECTION_OFFSET, value);
    }

    public static int ioSize(MemorySegment m) {
        return Abi.getU8(m, IO_SIZE_OFFSET);
    }

    public static void setIoSize(MemorySegment m, int value) {
        Abi.setU8(m, IO_SIZE_OFFSET, value);
    }

    public static int ioPort(MemorySegment m) {
        return Abi.getU16(m, IO_PORT_OFFSET);
    }

    public static void setIoPort(MemorySegment m, int value) {
        Abi.setU16(m, IO_PORT_OFFSET, value);
    }

    public static int ioCount(MemorySegment m) {
        return Abi.getU32(m, IO_COUNT_OFFSET);
    }

    public static void setIoCount(MemorySegment m, int value) {
        Abi.setU32(m, IO_COUNT_OFFSET, value);
    }

    public static long ioDataOffset(MemorySegment m) {
        return Abi.getU64(m, IO_DATA_OFFSET_OFFSET);
    }

    public static void setIoDataOffset(MemorySegment m, long value) {
        Abi.setU64(m, IO_DATA_OFFSET_OFFSET, value);
    }

    public static int debugArchException(MemorySegment m) {
        return Abi.getU32(m, DEBUG_ARCH_EXCEPTION_OFFSET);
    }

    public static void setDebugArchException(MemorySegment m, int value) {
        Abi.setU32(m, DEBUG_ARCH_EXCEPTION_OFFSET, value);
    }

    public static long debugArchPc(MemorySegment m) {
        return Abi.getU64(m, DEBUG_ARCH_PC_OFFSET);
    }

    public static void setDebugArchPc(MemorySegment m, long value) {
        Abi.setU64(m, DEBUG_ARCH_PC_OFFSET, value);
    }

    public static long debugArchDr6(MemorySegment m) {
        return Abi.getU64(m, DEBUG_ARCH_DR6_OFFSET);
    }

    public static void setDebugArchDr6(MemorySegment m, long value) {
        Abi.setU64(m, DEBUG_ARCH_DR6_OFFSET, value);
    }

    public static long debugArchDr7(MemorySegment m) {
        return Abi.getU64(m, DEBUG_ARCH_DR7_OFFSET);
    }

    public static void setDebugArchDr7(MemorySegment m, long value) {
        Abi.setU64(m, DEBUG_ARCH_DR7_OFFSET, value);
    }

    public static long mmioPhysAddr(MemorySegment m) {
        return Abi.getU64(m, MMIO_PHYS_ADDR_OFFSET);
    }

    public static void setMmioPhysAddr(MemorySegment m, long value) {
        Abi.setU64(m, MMIO_PHYS_ADDR_OFFSET, value);
    }

    public static int mmioLen(MemorySegment m) {
        return Abi.getU32(m, MMIO_LEN_OFFSET);
    }

    public static void setMmioLen(MemorySegment m, int value) {
        Abi.setU32(m, MMIO_LEN_OFFSET, value);
    }

    public static int mmioIsWrite(MemorySegment m) {
        return Abi.getU8(m, MMIO_IS_WRITE_OFFSET);
    }

    public static void setMmioIsWrite(MemorySegment m, int value) {
        Abi.setU8(m, MMIO_IS_WRITE_OFFSET, value);
    }

    public static long hypercallNr(MemorySegment m) {
        return Abi.getU64(m, HYPERCALL_NR_OFFSET);
    }

    public static void setHypercallNr(MemorySegment m, long value) {
        Abi.setU64(m, HYPERCALL_NR_OFFSET, value);
    }

    public static long hypercallArgs(MemorySegment m, int index) {
        return Abi.getU64(m, HYPERCALL_ARGS_OFFSET + Abi.index(index, HYPERCALL_ARGS_COUNT) * 8);
    }

    public static void setHypercallArgs(MemorySegment m, int index, long value) {
        Abi.setU64(m, HYPERCALL_ARGS_OFFSET + Abi.index(index, HYPERCALL_ARGS_COUNT) * 8, value);
    }

    public static long hypercallRet(MemorySegment m) {
        return Abi.getU64(m, HYPERCALL_RET_OFFSET);
    }

    public static void setHypercallRet(MemorySegment m, long value) {
        Abi.setU64(m, HYPERCALL_RET_OFFSET, value);
    }

    public static int hypercallLongmode(MemorySegment m) {
        return Abi.getU32(m, HYPERCALL_LONGMODE_OFFSET);
    }

    public static void setHypercallLongmode(MemorySegment m, int value) {
        Abi.setU32(m, HYPERCALL_LONGMODE_OFFSET, value);
    }

    public static int internalSuberror(MemorySegment m) {
        return Abi.getU32(m, INTERNAL_SUBERROR_OFFSET);
    }

    public static void setInternalSuberror(MemorySegment m, int value) {
        Abi.setU32(m, INTERNAL_SUBERROR_OFFSET, value);
    }

    public static int internalNdata(MemorySegment m) {
        return Abi.getU32(m, INTERNAL_NDATA_OFFSET);
    }

    public static void setInternalNdata(MemorySegment m, int value) {
        Abi.setU32(m, INTERNAL_NDATA_OFFSET, value);
    }

    public static long internalData(MemorySegment m, int index) {
        return Abi.getU64(m, INTERNAL_DATA_OFFSET + Abi.index(index, INTERNAL_DATA_COUNT) * 8);
    }

    public static void setInternalData(MemorySegment m, int index, long value) {
        Abi.setU64(m, INTERNAL_DATA_OFFSET + Abi.index(index, INTERNAL_DATA_COUNT) * 8, value);
    }

    public static long emulationFailureFlags(MemorySegment m) {
        return Abi.getU64(m, EMULATION_FAILURE_FLAGS_OFFSET);
    }

    public static void setEmulationFailureFlags(MemorySegment m, long value) {
        Abi.setU64(m, EMULATION_FAILURE_FLAGS_OFFSET, value);
    }

    public static int emulationFailureInsnSize(MemorySegment m) {
        return Abi.getU8(m, EMULATION_FAILURE_INSN_SIZE_OFFSET);
    }

    public static void setEmulationFailureInsnSize(MemorySegment m, int value) {
        Abi.setU8(m, EMULATION_FAILURE_INSN_SIZE_OFFSET, value);
    }

    public static int emulationFailureInsnBytes(MemorySegment m, int index) {
        return Abi.getU8(
                m, EMULATION_FAILURE_INSN_BYTES_OFFSET + Abi.index(index, EMULATION_FAILURE_INSN_BYTES_COUNT) * 1);
    }

    public static void setEmulationFailureInsnBytes(MemorySegment m, int index, int value) {
        Abi.setU8(
                m,
                EMULATION_FAILURE_INSN_BYTES_OFFSET + Abi.index(index, EMULATION_FAILURE_INSN_BYTES_COUNT) * 1,
                value);
    }

    public static int systemEventType(MemorySegment m) {
        return Abi.getU32(m, SYSTEM_EVENT_TYPE_OFFSET);
    }

    public static void setSystemEventType(MemorySegment m, int value) {
        Abi.setU32(m, SYSTEM_EVENT_TYPE_OFFSET, value);
    }

    public static int systemEventNdata(MemorySegment m) {
        return Abi.getU32(m, SYSTEM_EVENT_NDATA_OFFSET);
    }

    public static void setSystemEventNdata(MemorySegment m, int value) {
        Abi.setU32(m, SYSTEM_EVENT_NDATA_OFFSET, value);
    }

    public static long systemEventData(MemorySegment m, int index) {
        return Abi.getU64(m, SYSTEM_EVENT_DATA_OFFSET + Abi.index(index, SYSTEM_EVENT_DATA_COUNT) * 8);
    }

    public static void setSystemEventData(MemorySegment m, int index, long value) {
        Abi.setU64(m, SYSTEM_EVENT_DATA_OFFSET + Abi.index(index, SYSTEM_EVENT_DATA_COUNT) * 8, value);
    }

    public static int eoiVector(MemorySegment m) {
        return Abi.getU8(m, EOI_VECTOR_OFFSET);
    }

    public static void setEoiVector(MemorySegment m, int value) {
        Abi.setU8(m, EOI_VECTOR_OFFSET, value);
    }

    public static int msrError(MemorySegment m) {
        return Abi.getU8(m, MSR_ERROR_OFFSET);
    }

    public static void setMsrError(MemorySegment m, int value) {
        Abi.setU8(m, MSR_ERROR_OFFSET, value);
    }

    public static int msrReason(MemorySegment m) {
        return Abi.getU32(m, MSR_REASON_OFFSET);
    }

    public static void setMsrReason(MemorySegment m, int value) {
        Abi.setU32(m, MSR_REASON_OFFSET, value);
    }

    public static int msrIndex(MemorySegment m) {
        return Abi.getU32(m, MSR_INDEX_OFFSET);
    }

    public static void setMsrIndex(MemorySegment m, int value) {
        Abi.setU32(m, MSR_INDEX_OFFSET, value);
    }

    public static long msrData(MemorySegment m) {
        return Abi.getU64(m, MSR_DATA_OFFSET);
    }

    public static void setMsrData(MemorySegment m, long value) {
        Abi.setU64(m, MSR_DATA_OFFSET, value);
    }

    public static int notifyFlags(MemorySegment m) {
        return Abi.getU32(m, NOTIFY_FLAGS_OFFSET);
    }

    public static void setNotifyFlags(MemorySegment m, int value) {
        Abi.setU32(m, NOTIFY_FLAGS_OFFSET, value);
    }

    public static long kvmValidRegs(MemorySegment m) {
        return Abi.getU64(m, KVM_VALID_REGS_OFFSET);
    }

    public static void setKvmValidRegs(MemorySegment m, long value) {
        Abi.setU64(m, KVM_VALID_REGS_OFFSET, value);
    }

    public static long kvmDirtyRegs(MemorySegment m) {
        return Abi.getU64(m, KVM_DIRTY_REGS_OFFSET);
    }

    public static void setKvmDirtyRegs(MemorySegment m, long value) {
        Abi.setU64(m, KVM_DIRTY_REGS_OFFSET, value);
    }
}
