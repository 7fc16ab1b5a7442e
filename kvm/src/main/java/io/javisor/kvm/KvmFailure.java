package io.javisor.kvm;

import io.javisor.core.cpu.Bytes;
import io.javisor.core.engine.VcpuFailure;
import io.javisor.core.host.Errno;
import io.javisor.core.host.HostException;
import io.javisor.core.vcpu.VcpuExit;
import io.javisor.kvm.abi.KvmConstants;
import io.javisor.kvm.abi.KvmExit;
import io.javisor.kvm.abi.KvmRunLayout;
import java.lang.foreign.MemorySegment;
import java.util.function.Supplier;

/** Says in words why KVM cannot run a vCPU any further. */
final class KvmFailure {
    private static final int INSTRUCTION_BYTES = 15;
    private static final String EMULATION =
            "with VT-x or AMD-V, KVM emulates only what accesses device memory, and code in real mode";

    private KvmFailure() {}

    /**
     * Describes the last exit.
     *
     * @param run the vCPU's {@code kvm_run}
     * @param errno of KVM_RUN for {@link VcpuExit#RUN_FAILED}
     * @param atRip reads the instruction where KVM does not tell it
     */
    static VcpuFailure of(MemorySegment run, VcpuExit exit, int errno, Supplier<Bytes> atRip) {
        Bytes told = exit == VcpuExit.RUN_FAILED ? Bytes.NONE : instruction(run);
        Bytes instruction = told.length() == 0 ? readable(atRip) : told;
        return new VcpuFailure(reason(run, exit, errno), instruction, isEmulation(run, exit) ? EMULATION : null);
    }

    /** None where KVM fails to tell: the reason is known all the same. */
    private static Bytes readable(Supplier<Bytes> atRip) {
        try {
            return atRip.get();
        } catch (HostException e) {
            return Bytes.NONE;
        }
    }

    private static String reason(MemorySegment run, VcpuExit exit, int errno) {
        return switch (exit) {
            case RUN_FAILED -> "KVM_RUN failed with " + Errno.describe(errno);
            case INTERNAL_ERROR -> {
                int suberror = KvmRunLayout.internalSuberror(run);
                yield "KVM_EXIT_INTERNAL_ERROR, suberror " + suberror
                        + switch (suberror) {
                            case KvmConstants.KVM_INTERNAL_ERROR_EMULATION ->
                                " (an instruction that KVM cannot emulate)";
                            case KvmConstants.KVM_INTERNAL_ERROR_SIMUL_EX -> " (simultaneous exceptions)";
                            case KvmConstants.KVM_INTERNAL_ERROR_DELIVERY_EV ->
                                " (an exit while an event was delivered)";
                            case KvmConstants.KVM_INTERNAL_ERROR_UNEXPECTED_EXIT_REASON ->
                                " (an unexpected exit of the processor)";
                            default -> "";
                        };
            }
            case FAIL_ENTRY ->
                "KVM_EXIT_FAIL_ENTRY, hardware reason 0x%x"
                        .formatted(KvmRunLayout.failEntryHardwareEntryFailureReason(run));
            default -> KvmExit.name(KvmRunLayout.exitReason(run));
        };
    }

    private static boolean isEmulation(MemorySegment run, VcpuExit exit) {
        return exit == VcpuExit.INTERNAL_ERROR
                && KvmRunLayout.internalSuberror(run) == KvmConstants.KVM_INTERNAL_ERROR_EMULATION;
    }

    private static Bytes instruction(MemorySegment run) {
        if (KvmRunLayout.exitReason(run) != KvmExit.KVM_EXIT_INTERNAL_ERROR
                || !isEmulation(run, VcpuExit.INTERNAL_ERROR)
                || KvmRunLayout.internalNdata(run) == 0
                || (KvmRunLayout.emulationFailureFlags(run)
                                & KvmConstants.KVM_INTERNAL_ERROR_EMULATION_FLAG_INSTRUCTION_BYTES)
                        == 0) {
            return Bytes.NONE;
        }
        byte[] bytes = new byte[Math.min(INSTRUCTION_BYTES, KvmRunLayout.emulationFailureInsnSize(run))];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) KvmRunLayout.emulationFailureInsnBytes(run, i);
        }
        return Bytes.of(bytes);
    }
}
