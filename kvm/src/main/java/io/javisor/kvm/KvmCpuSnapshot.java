package io.javisor.kvm;

import io.javisor.core.cpu.Bytes;
import io.javisor.core.cpu.CpuRegisters;
import io.javisor.core.cpu.CpuState;
import io.javisor.core.cpu.DebugRegisters;
import io.javisor.core.cpu.MsrEntry;
import io.javisor.core.cpu.RunState;
import io.javisor.kvm.abi.KvmCap;
import io.javisor.kvm.abi.KvmConstants;
import io.javisor.kvm.abi.KvmDebugregsLayout;
import io.javisor.kvm.abi.KvmLapicStateLayout;
import io.javisor.kvm.abi.KvmSregs2Layout;
import io.javisor.kvm.abi.KvmXcrLayout;
import io.javisor.kvm.abi.KvmXcrsLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/** Fetches the whole state of a vCPU, and puts it back. The order of the steps is KVM's demand, and is explained where it matters. */
final class KvmCpuSnapshot {
    private static final int PDPTR_COUNT = 4;

    private final Kvm kvm;
    private final KvmVm vm;
    private final KvmVcpuState vcpu;
    private final boolean apic;

    KvmCpuSnapshot(Kvm kvm, KvmVm vm, KvmVcpuState vcpu, boolean apic) {
        this.kvm = kvm;
        this.vm = vm;
        this.vcpu = vcpu;
        this.apic = apic;
    }

    CpuState save() {
        try (Arena arena = Arena.ofConfined()) {
            // First: KVM then accepts an INIT or start-up message that has arrived, which changes the rest.
            RunState runState = runState(vcpu.mpState());
            MemorySegment sregs = arena.allocate(KvmSregs2Layout.SIZE, Long.BYTES);
            List<Long> pdptrs = getSystem(sregs);
            CpuRegisters registers = new CpuRegisters(KvmRegisters.general(vcpu), KvmRegisters.system(sregs));
            List<MsrEntry> msrs = KvmMsrs.read(vcpu, KvmMsrs.saved(kvm.msrIndexList()));
            return new CpuState(
                    CpuState.VERSION,
                    registers,
                    pdptrs,
                    msrs,
                    xcr0(arena),
                    xsave(arena),
                    debug(arena),
                    KvmEvents.get(vcpu),
                    runState,
                    localApic(arena));
        }
    }

    void restore(CpuState state) {
        try (Arena arena = Arena.ofConfined()) {
            vcpu.setMpState(mpState(state.runState()));
            // Before the events: it forgets a pending exception.
            KvmRegisters.setGeneral(vcpu, state.registers().general());
            // Before the local APIC, which needs its base.
            setSystem(arena, state);
            setXsave(arena, state);
            setDebug(arena, state.debug());
            if (apic) {
                vcpu.setLapic(segment(arena, state.localApic(), KvmLapicStateLayout.SIZE));
            }
            // After the local APIC, whose timer IA32_TSC_DEADLINE sets.
            KvmMsrs.write(vcpu, state.msrs());
            KvmEvents.set(vcpu, state.events());
        }
    }

    private List<Long> getSystem(MemorySegment sregs) {
        List<Long> pdptrs = new ArrayList<>();
        if (vm.checkExtension(KvmCap.KVM_CAP_SREGS2) > 0) {
            vcpu.getSregs2(sregs);
            if ((KvmSregs2Layout.flags(sregs) & KvmConstants.KVM_SREGS2_FLAGS_PDPTRS_VALID) != 0) {
                for (int i = 0; i < PDPTR_COUNT; i++) {
                    pdptrs.add(KvmSregs2Layout.pdptrs(sregs, i));
                }
            }
        } else {
            vcpu.getSregs(sregs);
        }
        return pdptrs;
    }

    private void setSystem(Arena arena, CpuState state) {
        MemorySegment sregs = arena.allocate(KvmSregs2Layout.SIZE, Long.BYTES);
        KvmRegisters.putSystem(sregs, state.registers().system());
        if (vm.checkExtension(KvmCap.KVM_CAP_SREGS2) > 0) {
            List<Long> pdptrs = state.pdptrs();
            for (int i = 0; i < pdptrs.size(); i++) {
                KvmSregs2Layout.setPdptrs(sregs, i, pdptrs.get(i));
            }
            KvmSregs2Layout.setFlags(sregs, pdptrs.isEmpty() ? 0 : KvmConstants.KVM_SREGS2_FLAGS_PDPTRS_VALID);
            vcpu.setSregs2(sregs);
        } else {
            vcpu.setSregs(sregs);
        }
    }

    private boolean hasXcrs() {
        return vm.checkExtension(KvmCap.KVM_CAP_XCRS) > 0;
    }

    private long xcr0(Arena arena) {
        if (!hasXcrs()) {
            return 0;
        }
        MemorySegment xcrs = arena.allocate(KvmXcrsLayout.SIZE, Long.BYTES);
        vcpu.getXcrs(xcrs);
        return KvmXcrsLayout.nrXcrs(xcrs) == 0 ? 0 : KvmXcrLayout.value(xcrs, KvmXcrsLayout.xcrOffset(0));
    }

    private Bytes xsave(Arena arena) {
        MemorySegment area = arena.allocate(vm.xsaveSizeBytes(), Long.BYTES);
        if (vm.checkExtension(KvmCap.KVM_CAP_XSAVE2) > 0) {
            vcpu.getXsave2(area);
        } else {
            vcpu.getXsave(area);
        }
        return bytes(area);
    }

    private void setXsave(Arena arena, CpuState state) {
        vcpu.setXsave(segment(arena, state.xsave(), vm.xsaveSizeBytes()));
        if (hasXcrs() && state.xcr0() != 0) {
            MemorySegment xcrs = arena.allocate(KvmXcrsLayout.SIZE, Long.BYTES);
            KvmXcrsLayout.setNrXcrs(xcrs, 1);
            KvmXcrLayout.setXcr(xcrs, KvmXcrsLayout.xcrOffset(0), 0);
            KvmXcrLayout.setValue(xcrs, KvmXcrsLayout.xcrOffset(0), state.xcr0());
            vcpu.setXcrs(xcrs);
        }
    }

    private DebugRegisters debug(Arena arena) {
        MemorySegment debug = arena.allocate(KvmDebugregsLayout.SIZE, Long.BYTES);
        vcpu.getDebugregs(debug);
        return new DebugRegisters(
                KvmDebugregsLayout.db(debug, 0),
                KvmDebugregsLayout.db(debug, 1),
                KvmDebugregsLayout.db(debug, 2),
                KvmDebugregsLayout.db(debug, 3),
                KvmDebugregsLayout.dr6(debug),
                KvmDebugregsLayout.dr7(debug));
    }

    private void setDebug(Arena arena, DebugRegisters registers) {
        MemorySegment debug = arena.allocate(KvmDebugregsLayout.SIZE, Long.BYTES);
        KvmDebugregsLayout.setDb(debug, 0, registers.dr0());
        KvmDebugregsLayout.setDb(debug, 1, registers.dr1());
        KvmDebugregsLayout.setDb(debug, 2, registers.dr2());
        KvmDebugregsLayout.setDb(debug, 3, registers.dr3());
        KvmDebugregsLayout.setDr6(debug, registers.dr6());
        KvmDebugregsLayout.setDr7(debug, registers.dr7());
        vcpu.setDebugregs(debug);
    }

    private Bytes localApic(Arena arena) {
        if (!apic) {
            return Bytes.NONE;
        }
        MemorySegment lapic = arena.allocate(KvmLapicStateLayout.SIZE, Long.BYTES);
        vcpu.getLapic(lapic);
        return bytes(lapic);
    }

    private static Bytes bytes(MemorySegment segment) {
        return Bytes.of(segment.toArray(ValueLayout.JAVA_BYTE));
    }

    /** A copy in native memory, padded with zeros. */
    private static MemorySegment segment(Arena arena, Bytes bytes, int minSizeBytes) {
        MemorySegment segment = arena.allocate(Math.max(minSizeBytes, bytes.length()), Long.BYTES);
        MemorySegment.copy(MemorySegment.ofArray(bytes.toArray()), 0, segment, 0, bytes.length());
        return segment;
    }

    static RunState runState(int mpState) {
        return switch (mpState) {
            case KvmConstants.KVM_MP_STATE_RUNNABLE -> RunState.RUNNABLE;
            case KvmConstants.KVM_MP_STATE_UNINITIALIZED -> RunState.UNINITIALIZED;
            case KvmConstants.KVM_MP_STATE_INIT_RECEIVED -> RunState.INIT_RECEIVED;
            case KvmConstants.KVM_MP_STATE_HALTED -> RunState.HALTED;
            case KvmConstants.KVM_MP_STATE_SIPI_RECEIVED -> RunState.SIPI_RECEIVED;
            default -> throw new IllegalStateException("KVM tells an unknown state of a vCPU, " + mpState);
        };
    }

    private static int mpState(RunState state) {
        return switch (state) {
            case RUNNABLE -> KvmConstants.KVM_MP_STATE_RUNNABLE;
            case UNINITIALIZED -> KvmConstants.KVM_MP_STATE_UNINITIALIZED;
            case INIT_RECEIVED -> KvmConstants.KVM_MP_STATE_INIT_RECEIVED;
            case HALTED -> KvmConstants.KVM_MP_STATE_HALTED;
            case SIPI_RECEIVED -> KvmConstants.KVM_MP_STATE_SIPI_RECEIVED;
        };
    }
}
