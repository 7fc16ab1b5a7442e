package io.javisor.firmware.cpu;

import io.javisor.core.cpu.SegmentState;
import io.javisor.core.cpu.TableState;
import io.javisor.core.memory.GuestMemory;
import io.javisor.firmware.layout.BootLayout;

/** The states in which guests start, and the memory that they lean on: descriptor table and page tables. */
public final class BootStates {
    /** {@code __BOOT_CS} (boot.rst, "64-bit Boot Protocol"). */
    public static final int BOOT_CS = 0x10;

    /** {@code __BOOT_DS}. */
    public static final int BOOT_DS = 0x18;

    /** After the two; in long mode a TSS descriptor takes two slots. */
    public static final int BOOT_TSS = 0x20;

    /** Protection enable, CR0 bit 0. */
    public static final long CR0_PE = 1;

    /** Extension type, CR0 bit 4: hard-wired to 1 in every processor with a local APIC. */
    public static final long CR0_ET = 1 << 4;

    /** Paging, CR0 bit 31. */
    public static final long CR0_PG = 1L << 31;

    /** Physical address extension, CR4 bit 5. */
    public static final long CR4_PAE = 1 << 5;

    /** Long mode enable, EFER bit 8. */
    public static final long EFER_LME = 1 << 8;

    /** Long mode active, EFER bit 10. */
    public static final long EFER_LMA = 1 << 10;

    /** How a kernel knows that a Multiboot loader has started it. */
    public static final long MULTIBOOT_MAGIC = 0x2BAD_B002L;

    /** Bit 1 is always set; interrupts are off. */
    private static final long RFLAGS_RESERVED = 1 << 1;

    private static final TableState NO_IDT = new TableState(0, 0);

    /** From the boot sector to the setup's entry. */
    private static final int SETUP_PARAGRAPHS = 0x200 >> 4;

    private static final int REAL_MODE_LIMIT = 0xFFFF;

    private BootStates() {}

    /** 64-bit mode, paging on with an identity map of 4 GiB, RSI at the zero page: boot.rst, "64-bit Boot Protocol". */
    public static BootState linux64(BootLayout layout, long entryGpa) {
        return new BootState(
                entryGpa,
                layout.bootStack().endGpa(),
                0,
                0,
                layout.zeroPageGpa(),
                RFLAGS_RESERVED,
                CR0_PE | CR0_ET | CR0_PG,
                layout.pageTables().startGpa(),
                CR4_PAE,
                EFER_LME | EFER_LMA,
                SegmentState.code64(BOOT_CS),
                SegmentState.data(BOOT_DS),
                SegmentState.tss(BOOT_TSS),
                SegmentState.none(),
                gdt(layout),
                NO_IDT);
    }

    /** 32-bit protected mode, paging off, RBX at start_info; the guest brings its stack: pvh.pandoc, "CPU state at entry". */
    public static BootState pvh(BootLayout layout, long entryGpa) {
        return new BootState(
                entryGpa,
                0,
                0,
                layout.pvhStartInfo().startGpa(),
                0,
                RFLAGS_RESERVED,
                CR0_PE | CR0_ET,
                0,
                0,
                0,
                SegmentState.code32(BOOT_CS),
                SegmentState.data(BOOT_DS),
                SegmentState.tss(BOOT_TSS),
                SegmentState.none(),
                gdt(layout),
                NO_IDT);
    }

    /** 32-bit protected mode, paging off, EBX at the information; the guest brings its stack: Multiboot Specification 0.6.96 §3.2. */
    public static BootState multiboot(BootLayout layout, long entryGpa, long infoGpa) {
        return new BootState(
                entryGpa,
                0,
                MULTIBOOT_MAGIC,
                infoGpa,
                0,
                RFLAGS_RESERVED,
                CR0_PE | CR0_ET,
                0,
                0,
                0,
                SegmentState.code32(BOOT_CS),
                SegmentState.data(BOOT_DS),
                SegmentState.tss(BOOT_TSS),
                SegmentState.none(),
                gdt(layout),
                NO_IDT);
    }

    /** 32-bit protected mode, paging off, RSI at the zero page: boot.rst, "32-bit Boot Protocol". */
    public static BootState linux32(BootLayout layout, long entryGpa) {
        return new BootState(
                entryGpa,
                layout.bootStack().endGpa(),
                0,
                0,
                layout.zeroPageGpa(),
                RFLAGS_RESERVED,
                CR0_PE | CR0_ET,
                0,
                0,
                0,
                SegmentState.code32(BOOT_CS),
                SegmentState.data(BOOT_DS),
                SegmentState.tss(BOOT_TSS),
                SegmentState.none(),
                gdt(layout),
                NO_IDT);
    }

    /**
     * Real mode, at the setup of a bzImage: boot.rst, "Running the Kernel".
     *
     * @param setupGpa the boot sector, below 1 MiB, 16-byte aligned; the setup follows 0x200 bytes later
     * @param stackOffset the stack pointer, from there
     */
    public static BootState linux16(long setupGpa, int stackOffset) {
        int segment = (int) (setupGpa >>> 4);
        return new BootState(
                0,
                stackOffset,
                0,
                0,
                0,
                RFLAGS_RESERVED,
                CR0_ET,
                0,
                0,
                0,
                SegmentState.realModeCode(segment + SETUP_PARAGRAPHS),
                SegmentState.realModeData(segment),
                SegmentState.tss(0),
                SegmentState.none(),
                new TableState(0, REAL_MODE_LIMIT),
                // SDM vol. 3 §22.1.4: the vectors at 0, 4 bytes each.
                new TableState(0, 0x3FF));
    }

    /** Writes what {@code state} needs in memory: its descriptors, and the identity map if paging is on. */
    public static void write(GuestMemory memory, BootLayout layout, BootState state) {
        if ((state.cr0() & CR0_PE) == 0) {
            return; // real mode has neither
        }
        long gdtGpa = layout.gdtGpa();
        memory.fill(gdtGpa, BootLayout.GDT_SIZE, (byte) 0);
        memory.putLong(gdtGpa + state.code().selector(), state.code().descriptor());
        memory.putLong(gdtGpa + state.data().selector(), state.data().descriptor());
        // The upper half in long mode is bits 63:32 of the base: zero.
        memory.putLong(gdtGpa + state.tss().selector(), state.tss().descriptor());
        if ((state.cr0() & CR0_PG) != 0) {
            IdentityMap.write(memory, layout.pageTables().startGpa());
        }
    }

    private static TableState gdt(BootLayout layout) {
        return new TableState(layout.gdtGpa(), BootLayout.GDT_SIZE - 1);
    }
}
