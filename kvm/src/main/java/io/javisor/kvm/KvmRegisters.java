package io.javisor.kvm;

import io.javisor.core.cpu.CpuRegisters;
import io.javisor.core.cpu.GeneralRegisters;
import io.javisor.core.cpu.SegmentState;
import io.javisor.core.cpu.SystemRegisters;
import io.javisor.core.cpu.TableState;
import io.javisor.kvm.abi.KvmDtableLayout;
import io.javisor.kvm.abi.KvmRegsLayout;
import io.javisor.kvm.abi.KvmSegmentLayout;
import io.javisor.kvm.abi.KvmSregsLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** {@code struct kvm_regs} and {@code struct kvm_sregs} to and from records. */
final class KvmRegisters {
    private KvmRegisters() {}

    static CpuRegisters get(KvmVcpuState vcpu) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment sregs = arena.allocate(KvmSregsLayout.SIZE, Long.BYTES);
            vcpu.getSregs(sregs);
            return new CpuRegisters(general(vcpu), system(sregs));
        }
    }

    static void set(KvmVcpuState vcpu, CpuRegisters registers) {
        setGeneral(vcpu, registers.general());
        try (Arena arena = Arena.ofConfined()) {
            // What the records do not have, the interrupt whose delivery has begun, stays as it is.
            MemorySegment sregs = arena.allocate(KvmSregsLayout.SIZE, Long.BYTES);
            vcpu.getSregs(sregs);
            putSystem(sregs, registers.system());
            vcpu.setSregs(sregs);
        }
    }

    static GeneralRegisters general(KvmVcpuState vcpu) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment regs = arena.allocate(KvmRegsLayout.SIZE, Long.BYTES);
            vcpu.getRegs(regs);
            return new GeneralRegisters(
                    KvmRegsLayout.rax(regs),
                    KvmRegsLayout.rbx(regs),
                    KvmRegsLayout.rcx(regs),
                    KvmRegsLayout.rdx(regs),
                    KvmRegsLayout.rsi(regs),
                    KvmRegsLayout.rdi(regs),
                    KvmRegsLayout.rsp(regs),
                    KvmRegsLayout.rbp(regs),
                    KvmRegsLayout.r8(regs),
                    KvmRegsLayout.r9(regs),
                    KvmRegsLayout.r10(regs),
                    KvmRegsLayout.r11(regs),
                    KvmRegsLayout.r12(regs),
                    KvmRegsLayout.r13(regs),
                    KvmRegsLayout.r14(regs),
                    KvmRegsLayout.r15(regs),
                    KvmRegsLayout.rip(regs),
                    KvmRegsLayout.rflags(regs));
        }
    }

    static void setGeneral(KvmVcpuState vcpu, GeneralRegisters general) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment regs = arena.allocate(KvmRegsLayout.SIZE, Long.BYTES);
            KvmRegsLayout.setRax(regs, general.rax());
            KvmRegsLayout.setRbx(regs, general.rbx());
            KvmRegsLayout.setRcx(regs, general.rcx());
            KvmRegsLayout.setRdx(regs, general.rdx());
            KvmRegsLayout.setRsi(regs, general.rsi());
            KvmRegsLayout.setRdi(regs, general.rdi());
            KvmRegsLayout.setRsp(regs, general.rsp());
            KvmRegsLayout.setRbp(regs, general.rbp());
            KvmRegsLayout.setR8(regs, general.r8());
            KvmRegsLayout.setR9(regs, general.r9());
            KvmRegsLayout.setR10(regs, general.r10());
            KvmRegsLayout.setR11(regs, general.r11());
            KvmRegsLayout.setR12(regs, general.r12());
            KvmRegsLayout.setR13(regs, general.r13());
            KvmRegsLayout.setR14(regs, general.r14());
            KvmRegsLayout.setR15(regs, general.r15());
            KvmRegsLayout.setRip(regs, general.rip());
            KvmRegsLayout.setRflags(regs, general.rflags());
            vcpu.setRegs(regs);
        }
    }

    /** From a {@code kvm_sregs} or a {@code kvm_sregs2}, which begin alike. */
    static SystemRegisters system(MemorySegment sregs) {
        return new SystemRegisters(
                segment(sregs, KvmSregsLayout.CS_OFFSET),
                segment(sregs, KvmSregsLayout.DS_OFFSET),
                segment(sregs, KvmSregsLayout.ES_OFFSET),
                segment(sregs, KvmSregsLayout.FS_OFFSET),
                segment(sregs, KvmSregsLayout.GS_OFFSET),
                segment(sregs, KvmSregsLayout.SS_OFFSET),
                segment(sregs, KvmSregsLayout.TR_OFFSET),
                segment(sregs, KvmSregsLayout.LDT_OFFSET),
                table(sregs, KvmSregsLayout.GDT_OFFSET),
                table(sregs, KvmSregsLayout.IDT_OFFSET),
                KvmSregsLayout.cr0(sregs),
                KvmSregsLayout.cr2(sregs),
                KvmSregsLayout.cr3(sregs),
                KvmSregsLayout.cr4(sregs),
                KvmSregsLayout.cr8(sregs),
                KvmSregsLayout.efer(sregs),
                KvmSregsLayout.apicBase(sregs));
    }

    /** To a {@code kvm_sregs} or a {@code kvm_sregs2}. */
    static void putSystem(MemorySegment sregs, SystemRegisters system) {
        put(sregs, KvmSregsLayout.CS_OFFSET, system.cs());
        put(sregs, KvmSregsLayout.DS_OFFSET, system.ds());
        put(sregs, KvmSregsLayout.ES_OFFSET, system.es());
        put(sregs, KvmSregsLayout.FS_OFFSET, system.fs());
        put(sregs, KvmSregsLayout.GS_OFFSET, system.gs());
        put(sregs, KvmSregsLayout.SS_OFFSET, system.ss());
        put(sregs, KvmSregsLayout.TR_OFFSET, system.tr());
        put(sregs, KvmSregsLayout.LDT_OFFSET, system.ldt());
        put(sregs, KvmSregsLayout.GDT_OFFSET, system.gdt());
        put(sregs, KvmSregsLayout.IDT_OFFSET, system.idt());
        KvmSregsLayout.setCr0(sregs, system.cr0());
        KvmSregsLayout.setCr2(sregs, system.cr2());
        KvmSregsLayout.setCr3(sregs, system.cr3());
        KvmSregsLayout.setCr4(sregs, system.cr4());
        KvmSregsLayout.setCr8(sregs, system.cr8());
        KvmSregsLayout.setEfer(sregs, system.efer());
        KvmSregsLayout.setApicBase(sregs, system.apicBase());
    }

    private static SegmentState segment(MemorySegment sregs, long at) {
        return new SegmentState(
                KvmSegmentLayout.base(sregs, at),
                KvmSegmentLayout.limit(sregs, at),
                KvmSegmentLayout.selector(sregs, at),
                KvmSegmentLayout.type(sregs, at),
                KvmSegmentLayout.s(sregs, at) != 0,
                KvmSegmentLayout.dpl(sregs, at),
                KvmSegmentLayout.present(sregs, at) != 0,
                KvmSegmentLayout.avl(sregs, at) != 0,
                KvmSegmentLayout.l(sregs, at) != 0,
                KvmSegmentLayout.db(sregs, at) != 0,
                KvmSegmentLayout.g(sregs, at) != 0,
                KvmSegmentLayout.unusable(sregs, at) != 0);
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

    private static TableState table(MemorySegment sregs, long at) {
        return new TableState(KvmDtableLayout.base(sregs, at), KvmDtableLayout.limit(sregs, at));
    }

    private static void put(MemorySegment sregs, long at, TableState table) {
        KvmDtableLayout.setBase(sregs, at, table.base());
        KvmDtableLayout.setLimit(sregs, at, table.limit());
    }

    private static int bit(boolean value) {
        return value ? 1 : 0;
    }
}
