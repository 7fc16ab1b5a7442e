package io.javisor.kvm.tiny;

import io.javisor.core.memory.GuestMemory;
import io.javisor.kvm.KvmVcpuState;
import io.javisor.kvm.abi.KvmDtableLayout;
import io.javisor.kvm.abi.KvmRegsLayout;
import io.javisor.kvm.abi.KvmSegmentLayout;
import io.javisor.kvm.abi.KvmSregsLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** The state that a tiny guest starts in, with the tables that it needs in memory. */
enum StartState {
    /** Real mode, every segment at 0. */
    REAL,
    /** 64-bit mode at privilege level 0, the first 5 GiB mapped to themselves. */
    LONG,
    /** As {@link #LONG}, at privilege level 3, I/O instructions allowed. */
    USER;

    private static final int CODE_TYPE = 0xB; // execute, read, accessed
    private static final int DATA_TYPE = 0x3; // read, write, accessed
    private static final int BUSY_TSS_TYPE = 0xB;

    // Intel SDM vol. 3A §2.5, §2.2.1
    private static final long CR0_PE = 1;
    private static final long CR0_ET = 1 << 4;
    private static final long CR0_NE = 1 << 5;
    private static final long CR0_PG = 1L << 31;
    private static final long CR4_PAE = 1 << 5;
    private static final long EFER_LME = 1 << 8;
    private static final long EFER_LMA = 1 << 10;

    // Page table entries, Intel SDM vol. 3A §4.5: present, writable, user, accessed, dirty; and page size.
    private static final long PAGE_TABLE = 0x67;
    private static final long LARGE_PAGE = PAGE_TABLE | 0x80;
    private static final long LARGE_PAGE_SIZE = 2 << 20;

    private static final long RFLAGS_FIXED = 2;
    private static final long RFLAGS_IOPL_3 = 3 << 12;

    /** Where interrupt tables lie. */
    long idtGpa() {
        return this == REAL ? 0 : TinyGuest.IDT_GPA;
    }

    /** Writes the GDT, which real-mode guests may load too, and page tables. */
    void writeTables(GuestMemory memory) {
        // null, 64-bit code, flat data of 4 GiB; the same for privilege level 3
        long[] gdt = {0, 0x00AF_9B00_0000_FFFFL, 0x00CF_9300_0000_FFFFL, 0x00AF_FB00_0000_FFFFL, 0x00CF_F300_0000_FFFFL
        };
        for (int i = 0; i < gdt.length; i++) {
            memory.putLong(TinyGuest.GDT_GPA + 8L * i, gdt[i]);
        }
        memory.putShort(TinyGuest.GDTR_GPA, (short) (8 * gdt.length - 1));
        memory.putInt(TinyGuest.GDTR_GPA + 2, (int) TinyGuest.GDT_GPA);
        if (this == REAL) {
            return;
        }
        long pml4 = TinyGuest.PAGE_TABLES_GPA;
        long pdpt = pml4 + 0x1000;
        memory.putLong(pml4, pdpt | PAGE_TABLE);
        for (int gib = 0; gib < TinyGuest.MAPPED_GIB; gib++) {
            long directory = pdpt + 0x1000 + 0x1000L * gib;
            memory.putLong(pdpt + 8L * gib, directory | PAGE_TABLE);
            for (int i = 0; i < 512; i++) {
                memory.putLong(directory + 8L * i, (512L * gib + i) * LARGE_PAGE_SIZE | LARGE_PAGE);
            }
        }
    }

    /** Makes an interrupt or exception go to {@code handlerGpa}, at privilege level 0. */
    void writeGate(GuestMemory memory, int vector, long handlerGpa) {
        if (this == REAL) {
            memory.putShort(4L * vector, (short) handlerGpa);
            memory.putShort(4L * vector + 2, (short) 0);
            return;
        }
        // Intel SDM vol. 3A §6.14.1: present 64-bit interrupt gate
        long low = (handlerGpa & 0xFFFF) | (8L << 16) | (0x8EL << 40) | ((handlerGpa >>> 16 & 0xFFFF) << 48);
        memory.putLong(idtGpa() + 16L * vector, low);
        memory.putLong(idtGpa() + 16L * vector + 8, handlerGpa >>> 32);
    }

    /** Sets a vCPU to begin at {@code entryGpa}. */
    void apply(KvmVcpuState vcpu, long entryGpa) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment sregs = arena.allocate(KvmSregsLayout.SIZE, Long.BYTES);
            vcpu.getSregs(sregs);
            if (this == REAL) {
                KvmSegmentLayout.setBase(sregs, KvmSregsLayout.CS_OFFSET, 0);
                KvmSegmentLayout.setSelector(sregs, KvmSregsLayout.CS_OFFSET, 0);
            } else {
                longMode(sregs);
            }
            vcpu.setSregs(sregs);
            MemorySegment regs = arena.allocate(KvmRegsLayout.SIZE, Long.BYTES);
            KvmRegsLayout.setRip(regs, entryGpa);
            KvmRegsLayout.setRsp(regs, TinyGuest.STACK_TOP_GPA);
            KvmRegsLayout.setRflags(regs, this == USER ? RFLAGS_FIXED | RFLAGS_IOPL_3 : RFLAGS_FIXED);
            vcpu.setRegs(regs);
        }
    }

    private void longMode(MemorySegment sregs) {
        int privilege = this == USER ? 3 : 0;
        int codeSelector = this == USER ? 0x1B : 0x08;
        int dataSelector = this == USER ? 0x23 : 0x10;
        segment(sregs, KvmSregsLayout.CS_OFFSET, codeSelector, CODE_TYPE, privilege);
        KvmSegmentLayout.setL(sregs, KvmSregsLayout.CS_OFFSET, 1);
        KvmSegmentLayout.setDb(sregs, KvmSregsLayout.CS_OFFSET, 0);
        segment(sregs, KvmSregsLayout.DS_OFFSET, dataSelector, DATA_TYPE, privilege);
        segment(sregs, KvmSregsLayout.ES_OFFSET, dataSelector, DATA_TYPE, privilege);
        segment(sregs, KvmSregsLayout.FS_OFFSET, dataSelector, DATA_TYPE, privilege);
        segment(sregs, KvmSregsLayout.GS_OFFSET, dataSelector, DATA_TYPE, privilege);
        segment(sregs, KvmSregsLayout.SS_OFFSET, dataSelector, DATA_TYPE, privilege);
        segment(sregs, KvmSregsLayout.TR_OFFSET, 0, BUSY_TSS_TYPE, 0);
        KvmSegmentLayout.setS(sregs, KvmSregsLayout.TR_OFFSET, 0);
        KvmSegmentLayout.setG(sregs, KvmSregsLayout.TR_OFFSET, 0);
        KvmSegmentLayout.setDb(sregs, KvmSregsLayout.TR_OFFSET, 0);
        KvmSegmentLayout.setLimit(sregs, KvmSregsLayout.TR_OFFSET, 0x67);
        KvmDtableLayout.setBase(sregs, KvmSregsLayout.GDT_OFFSET, TinyGuest.GDT_GPA);
        KvmDtableLayout.setLimit(sregs, KvmSregsLayout.GDT_OFFSET, 5 * 8 - 1);
        KvmDtableLayout.setBase(sregs, KvmSregsLayout.IDT_OFFSET, TinyGuest.IDT_GPA);
        KvmDtableLayout.setLimit(sregs, KvmSregsLayout.IDT_OFFSET, 0xFFF);
        KvmSregsLayout.setCr0(sregs, CR0_PG | CR0_NE | CR0_ET | CR0_PE);
        KvmSregsLayout.setCr3(sregs, TinyGuest.PAGE_TABLES_GPA);
        KvmSregsLayout.setCr4(sregs, CR4_PAE);
        KvmSregsLayout.setEfer(sregs, EFER_LMA | EFER_LME);
    }

    private static void segment(MemorySegment sregs, long at, int selector, int type, int privilege) {
        KvmSegmentLayout.setBase(sregs, at, 0);
        KvmSegmentLayout.setLimit(sregs, at, 0xFFFF_FFFF);
        KvmSegmentLayout.setSelector(sregs, at, selector);
        KvmSegmentLayout.setType(sregs, at, type);
        KvmSegmentLayout.setPresent(sregs, at, 1);
        KvmSegmentLayout.setDpl(sregs, at, privilege);
        KvmSegmentLayout.setDb(sregs, at, 1);
        KvmSegmentLayout.setS(sregs, at, 1);
        KvmSegmentLayout.setL(sregs, at, 0);
        KvmSegmentLayout.setG(sregs, at, 1);
        KvmSegmentLayout.setUnusable(sregs, at, 0);
    }
}
