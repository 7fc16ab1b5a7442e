package io.javisor.kvm;

import io.javisor.core.cpu.CpuRegisters;
import io.javisor.core.engine.DebugRequest;
import io.javisor.core.host.Errno;
import io.javisor.core.host.HostException;
import io.javisor.core.vcpu.VcpuExit;
import io.javisor.kvm.abi.KvmConstants;
import io.javisor.kvm.abi.KvmDebugregsLayout;
import io.javisor.kvm.abi.KvmGuestDebugLayout;
import io.javisor.kvm.abi.KvmRunLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * A debugger's stops by {@code KVM_SET_GUEST_DEBUG}. Breakpoints are in the debug registers, which takes nothing of the guest's memory and goes
 * by linear addresses, before code is there too; the guest's own debug registers rest meanwhile. A guest's #DB that is not the debugger's is given
 * back to it.
 *
 * <p>Where the processor under KVM does not heed them (QEMU's TCG does not), every instruction is stepped and its address compared. That is
 * slow, and blind where the processor clears the trap flag: in handlers of interrupts and exceptions until they return, and after SYSCALL as
 * Linux sets it up.
 */
final class KvmDebug {
    /** The debug registers that hold addresses. */
    static final int MAX_BREAKPOINTS = 4;

    // Intel SDM vol. 3 §18.2.3, §18.2.4
    private static final int DB_VECTOR = 1;
    private static final long DR6_BS = 1 << 14;
    private static final long DR7_FIXED = 1 << 10;
    private static final int DR7 = 7;

    private final Kvm kvm;
    private final KvmVcpu vcpu;
    private boolean singleStep;
    private long[] breakpoints = {};
    private boolean byStepping;
    private boolean holdsInterrupts = true; // until KVM refuses
    private boolean looksFirst;

    KvmDebug(Kvm kvm, KvmVcpu vcpu) {
        this.kvm = kvm;
        this.vcpu = vcpu;
    }

    /** As {@link io.javisor.core.engine.EngineVcpu#debug}. */
    void set(DebugRequest request) {
        if (request.breakpoints().size() > MAX_BREAKPOINTS) {
            throw new IllegalArgumentException("KVM has " + MAX_BREAKPOINTS + " breakpoints, not "
                    + request.breakpoints().size());
        }
        singleStep = request.singleStep();
        breakpoints = request.breakpoints().stream().mapToLong(Long::longValue).toArray();
        byStepping = !singleStep && breakpoints.length > 0 && !kvm.breakpointsWork();
        looksFirst = byStepping;
        apply(0);
    }

    /** Whether the vCPU, about to run, stands at a breakpoint that KVM will not report. */
    boolean stopsBeforeRun() {
        if (!looksFirst) {
            return false;
        }
        CpuRegisters registers = KvmRegisters.get(vcpu.state());
        looksFirst = isBreakpoint(
                registers.system().cs().base() + registers.general().rip());
        return looksFirst;
    }

    /** After {@code KVM_EXIT_DEBUG}: the debugger's stop, or something that the guest is to have or nobody. */
    VcpuExit stopped() {
        MemorySegment run = vcpu.runPage();
        long dr6 = KvmRunLayout.debugArchDr6(run);
        boolean stepped = (dr6 & DR6_BS) != 0;
        if (stepped && singleStep) {
            return VcpuExit.DEBUG;
        }
        if (!singleStep && isBreakpoint(KvmRunLayout.debugArchPc(run))) {
            looksFirst = byStepping;
            return VcpuExit.DEBUG;
        }
        if (stepped && byStepping) {
            apply(0); // KVM steps on from where it is told so; an instruction that it emulated has lost the trap flag
        } else if (KvmRunLayout.debugArchException(run) == DB_VECTOR) {
            giveBack(dr6);
        }
        return VcpuExit.CONTINUE;
    }

    private boolean isBreakpoint(long linear) {
        return Arrays.binarySearch(breakpoints, linear) >= 0;
    }

    private void giveBack(long dr6) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment registers = arena.allocate(KvmDebugregsLayout.SIZE, Long.BYTES);
            vcpu.state().getDebugregs(registers);
            KvmDebugregsLayout.setDr6(registers, dr6);
            vcpu.state().setDebugregs(registers);
        }
        apply(KvmConstants.KVM_GUESTDBG_INJECT_DB);
    }

    private void apply(int inject) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment debug = arena.allocate(KvmGuestDebugLayout.SIZE, Long.BYTES);
            if (singleStep && holdsInterrupts) {
                try {
                    apply(debug, inject | KvmConstants.KVM_GUESTDBG_BLOCKIRQ);
                    return;
                } catch (HostException e) {
                    if (e.errno() != Errno.EINVAL) {
                        throw e;
                    }
                    holdsInterrupts = false; // before Linux 5.16
                }
            }
            apply(debug, inject);
        }
    }

    // KVM api.rst §4.87
    private void apply(MemorySegment debug, int more) {
        int control = 0;
        if (singleStep || byStepping) {
            control = KvmConstants.KVM_GUESTDBG_ENABLE | KvmConstants.KVM_GUESTDBG_SINGLESTEP | more;
        } else if (breakpoints.length > 0) {
            control = KvmConstants.KVM_GUESTDBG_ENABLE | KvmConstants.KVM_GUESTDBG_USE_HW_BP | more;
            KvmGuestDebugLayout.setArchDebugreg(debug, DR7, enableInstructions(breakpoints.length));
            for (int i = 0; i < breakpoints.length; i++) {
                KvmGuestDebugLayout.setArchDebugreg(debug, i, breakpoints[i]);
            }
        }
        KvmGuestDebugLayout.setControl(debug, control);
        vcpu.setGuestDebug(debug);
    }

    /** DR7 with the first {@code count} breakpoints on, for instructions: R/W and LEN are 0. */
    static long enableInstructions(int count) {
        long dr7 = DR7_FIXED;
        for (int i = 0; i < count; i++) {
            dr7 |= 2L << (2 * i); // G0 to G3
        }
        return dr7;
    }
}
