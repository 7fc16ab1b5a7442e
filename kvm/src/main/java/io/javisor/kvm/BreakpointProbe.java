package io.javisor.kvm;

import io.javisor.core.cpu.GeneralRegisters;
import io.javisor.core.host.Errno;
import io.javisor.core.memory.GpaRange;
import io.javisor.core.memory.GuestMemory;
import io.javisor.core.memory.MemoryBackingConfig;
import io.javisor.kvm.abi.KvmConstants;
import io.javisor.kvm.abi.KvmExit;
import io.javisor.kvm.abi.KvmGuestDebugLayout;
import io.javisor.kvm.abi.KvmRunLayout;
import io.javisor.kvm.abi.KvmSegmentLayout;
import io.javisor.kvm.abi.KvmSregsLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Runs a guest of two instructions, in real mode, into a breakpoint of the debug registers: it stops there, or at its HLT behind. */
final class BreakpointProbe {
    private static final int MEMORY_SIZE = 4096;
    private static final short NOP_HLT = (short) 0xF490;
    private static final int HLT_GPA = 1;
    private static final int RFLAGS_FIXED = 2;

    private BreakpointProbe() {}

    static boolean works(Kvm kvm) {
        try (GuestMemory memory =
                        GuestMemory.allocate(List.of(new GpaRange(0, MEMORY_SIZE)), MemoryBackingConfig.DEFAULT);
                KvmVm vm = kvm.createVm("breakpoint probe")) {
            memory.putShort(0, NOP_HLT);
            MemorySegment ram = memory.regions().getFirst().segment();
            vm.memory().setUserMemoryRegion(0, 0, 0, MEMORY_SIZE, ram.address());
            try (KvmVcpu vcpu = vm.createVcpu(0)) {
                return stops(vcpu);
            }
        }
    }

    private static boolean stops(KvmVcpu vcpu) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment sregs = arena.allocate(KvmSregsLayout.SIZE, Long.BYTES);
            vcpu.state().getSregs(sregs);
            KvmSegmentLayout.setBase(sregs, KvmSregsLayout.CS_OFFSET, 0);
            KvmSegmentLayout.setSelector(sregs, KvmSregsLayout.CS_OFFSET, 0);
            vcpu.state().setSregs(sregs);
            KvmRegisters.setGeneral(vcpu.state(), GeneralRegisters.at(0, 0, RFLAGS_FIXED));
            MemorySegment debug = arena.allocate(KvmGuestDebugLayout.SIZE, Long.BYTES);
            KvmGuestDebugLayout.setControl(
                    debug, KvmConstants.KVM_GUESTDBG_ENABLE | KvmConstants.KVM_GUESTDBG_USE_HW_BP);
            KvmGuestDebugLayout.setArchDebugreg(debug, 0, HLT_GPA);
            KvmGuestDebugLayout.setArchDebugreg(debug, 7, KvmDebug.enableInstructions(1));
            vcpu.setGuestDebug(debug);
        }
        int result;
        do {
            result = vcpu.run();
        } while (result == -Errno.EINTR);
        return result == 0 && KvmRunLayout.exitReason(vcpu.runPage()) == KvmExit.KVM_EXIT_DEBUG;
    }
}
