package io.javisor.testkit.guest;

import io.javisor.core.cpu.CpuRegisters;
import io.javisor.core.cpu.GeneralRegisters;
import io.javisor.core.cpu.SegmentState;
import io.javisor.core.cpu.SystemRegisters;
import io.javisor.core.cpu.TableState;
import io.javisor.core.engine.EngineVcpu;
import io.javisor.core.memory.GuestMemory;

/** The state that a tiny guest starts in, with the tables that it needs in memory. */
enum StartState {
    /** Real mode, every segment at 0. */
    REAL,
    /** 64-bit mode at privilege level 0, the first 5 GiB mapped to themselves. */
    LONG,
    /** As {@link #LONG}, at privilege level 3, I/O instructions allowed. */
    USER;

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
    void apply(EngineVcpu vcpu, long entryGpa) {
        SystemRegisters now = vcpu.registers().system();
        long flags = this == USER ? RFLAGS_FIXED | RFLAGS_IOPL_3 : RFLAGS_FIXED;
        vcpu.setRegisters(new CpuRegisters(
                GeneralRegisters.at(entryGpa, TinyGuest.STACK_TOP_GPA, flags),
                this == REAL ? realMode(now) : longMode(now)));
    }

    private static SystemRegisters realMode(SystemRegisters now) {
        SegmentState data = SegmentState.realModeData(0);
        return new SystemRegisters(
                SegmentState.realModeCode(0),
                data,
                data,
                data,
                data,
                data,
                now.tr(),
                now.ldt(),
                now.gdt(),
                now.idt(),
                now.cr0(),
                now.cr2(),
                now.cr3(),
                now.cr4(),
                now.cr8(),
                now.efer(),
                now.apicBase());
    }

    private SystemRegisters longMode(SystemRegisters now) {
        SegmentState code = this == USER ? atLevel3(SegmentState.code64(0x1B)) : SegmentState.code64(0x08);
        SegmentState data = this == USER ? atLevel3(SegmentState.data(0x23)) : SegmentState.data(0x10);
        return new SystemRegisters(
                code,
                data,
                data,
                data,
                data,
                data,
                SegmentState.tss(0),
                now.ldt(),
                new TableState(TinyGuest.GDT_GPA, 5 * 8 - 1),
                new TableState(TinyGuest.IDT_GPA, 0xFFF),
                CR0_PG | CR0_NE | CR0_ET | CR0_PE,
                now.cr2(),
                TinyGuest.PAGE_TABLES_GPA,
                CR4_PAE,
                now.cr8(),
                EFER_LMA | EFER_LME,
                now.apicBase());
    }

    private static SegmentState atLevel3(SegmentState segment) {
        return new SegmentState(
                segment.base(),
                segment.limit(),
                segment.selector(),
                segment.type(),
                segment.codeOrData(),
                3,
                segment.present(),
                segment.available(),
                segment.longMode(),
                segment.defaultBig(),
                segment.granular(),
                segment.unusable());
    }
}
