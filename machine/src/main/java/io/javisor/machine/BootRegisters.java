package io.javisor.machine;

import io.javisor.core.cpu.SegmentState;
import io.javisor.core.cpu.TableState;
import io.javisor.core.kvm.KvmVcpuState;
import io.javisor.core.kvm.abi.KvmDtableLayout;
import io.javisor.core.kvm.abi.KvmRegsLayout;
import io.javisor.core.kvm.abi.KvmSegmentLayout;
import io.javisor.core.kvm.abi.KvmSregsLayout;
import io.javisor.firmware.cpu.BootState;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Puts the boot processor into the state that the firmware prepared. */
final class BootRegisters {
    private BootRegisters() {}

    static void apply(KvmVcpuState vcpu, BootState state) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment regs = arena.allocate(KvmRegsLayout.SIZE, 8);
            KvmRegsLayout.setRip(regs, state.rip());
            KvmRegsLayout.setRsp(regs, state.rsp());
            KvmRegsLayout.setRbp(regs, state.rsp());
            KvmRegsLayout.setRbx(regs, state.rbx());
            KvmRegsLayout.setRsi(regs, state.rsi());
            KvmRegsLayout.setRflags(regs, state.rflags());
            vcpu.setRegs(regs);

            // What the state does not name (the APIC base, CR8) stays as KVM made it.
            MemorySegment sregs = arena.allocate(KvmSregsLayout.SIZE, 8);
            vcpu.getSregs(sregs);
            put(sregs, KvmSregsLayout.CS_OFFSET, state.code());
            put(sregs, KvmSregsLayout.DS_OFFSET, state.data());
            put(sregs, KvmSregsLayout.ES_OFFSET, state.data());
            put(sregs, KvmSregsLayout.FS_OFFSET, state.data());
            put(sregs, KvmSregsLayout.GS_OFFSET, state.data());
            put(sregs, KvmSregsLayout.SS_OFFSET, state.data());
            put(sregs, KvmSregsLayout.TR_OFFSET, state.tss());
            put(sregs, KvmSregsLayout.LDT_OFFSET, state.ldt());
            put(sregs, KvmSregsLayout.GDT_OFFSET, state.gdt());
            put(sregs, KvmSregsLayout.IDT_OFFSET, state.idt());
            KvmSregsLayout.setCr0(sregs, state.cr0());
            KvmSregsLayout.setCr3(sregs, state.cr3());
            KvmSregsLayout.setCr4(sregs, state.cr4());
            KvmSregsLayout.setEfer(sregs, state.efer());
            vcpu.setSregs(sregs);
        }
    }

    private static void put(MemorySegment sregs, long at, SegmentState segment) {
        KvmSegmentLayout.setBase(sregs, at, segment.base());
        KvmSegmentLayout.setLimit(sregs, at, segment.limit());
        KvmSegmentLayout.setSelector(sregs, at, segment.selector());
        KvmSegmentLayout.setType(sregs, at, segment.type());
        KvmSegmentLayout.setPresent(sregs, at, bit(segment.present()));
        KvmSegmentLayout.setDpl(sregs, at, segment.dpl());
        KvmSegmentLayout.setDb(sregs, at, bit(segment.defaultBig()));
        KvmSegmentLayout.setS(sregs, at, bit(segment.codeOrData()));
        KvmSegmentLayout.setL(sregs, at, bit(segment.longMode()));
        KvmSegmentLayout.setG(sregs, at, bit(segment.granular()));
        KvmSegmentLayout.setAvl(sregs, at, bit(segment.available()));
        KvmSegmentLayout.setUnusable(sregs, at, bit(segment.unusable()));
    }

    private static void put(MemorySegment sregs, long at, TableState table) {
        KvmDtableLayout.setBase(sregs, at, table.base());
        KvmDtableLayout.setLimit(sregs, at, table.limit());
    }

    private static int bit(boolean value) {
        return value ? 1 : 0;
    }
}
