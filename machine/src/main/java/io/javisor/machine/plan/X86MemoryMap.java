package io.javisor.machine.plan;

import io.javisor.core.memory.GpaRange;
import java.util.ArrayList;
import java.util.List;

/**
 * Every guest address and port in one place. Where a number is not free to choose, its source is named; {@code docs/memory-map.md}
 * has the same as a table.
 */
public final class X86MemoryMap {
    // Boot data below 1 MiB, where no operating system has anything yet.
    public static final long GDT_GPA = 0x500;
    public static final long PVH_START_INFO_GPA = 0x6000;
    public static final long ZERO_PAGE_GPA = 0x7000;
    public static final long BOOT_STACK_LIMIT_GPA = 0x8000;

    /** The stack grows down from here. */
    public static final long BOOT_STACK_GPA = 0x8FF0;

    public static final long PAGE_TABLES_GPA = 0x9000;
    public static final long PAGE_TABLES_SIZE = 0x6000;
    public static final long COMMAND_LINE_GPA = 0x20000;

    /** COMMAND_LINE_SIZE of Linux on x86, arch/x86/include/asm/setup.h. */
    public static final long COMMAND_LINE_SIZE = 2048;

    /** Start of the extended BIOS data area; usable RAM below 1 MiB ends here. */
    public static final long EBDA_GPA = 0x9FC00;

    /** The BIOS segment, which operating systems search for tables (MP specification 1.4 §4). */
    public static final long BIOS_SEGMENT_GPA = 0xF0000;

    /** Where operating systems search for the RSDP too (ACPI 6.5 §5.2.5.1). */
    public static final long ACPI_TABLES_GPA = 0xE0000;

    public static final long MP_FLOATING_POINTER_GPA = BIOS_SEGMENT_GPA;
    public static final long MP_TABLE_GPA = BIOS_SEGMENT_GPA + 0x10;
    public static final long MP_TABLE_SIZE = 0x4000;

    /** RAM from here on is the operating system's to be loaded to. */
    public static final long HIGH_MEMORY_GPA = 0x10_0000;

    /** RAM below 4 GiB ends here at the latest: above lie devices. */
    public static final long LOW_RAM_LIMIT_GPA = 0xC000_0000L;

    public static final long DEVICE_HOLE_GPA = LOW_RAM_LIMIT_GPA;

    /** Registers of virtio devices, a page each, as many as {@link #VIRTIO_MMIO_GSIS}. Where nothing else is in the hole of a PC. */
    public static final long VIRTIO_MMIO_GPA = 0xD000_0000L;

    public static final long VIRTIO_MMIO_SLOT_SIZE = 0x1000;

    public static final long IOAPIC_GPA = 0xFEC0_0000L; // 82093AA §3.0
    public static final long LOCAL_APIC_GPA = 0xFEE0_0000L; // Intel SDM vol. 3 §11.4.1

    /** Four pages for the engine's own use: KVM's identity map and real-mode TSS on Intel. Out of everybody's way. */
    public static final long ENGINE_RESERVED_GPA = 0xFFFB_C000L;

    public static final long HIGH_RAM_GPA = 0x1_0000_0000L;

    /**
     * Memory of devices that is no RAM lies above all RAM and the device hole, each at a multiple of this: Linux adds memory by sections of 128 MiB, and maps
     * it by pages of 1 GiB where it can.
     */
    public static final long DEVICE_MEMORY_ALIGNMENT = 1L << 30;

    // Ports
    public static final int PIC_PORT = 0x20;
    public static final int PIT_PORT = 0x40;
    public static final int I8042_DATA_PORT = 0x60;
    public static final int SYSTEM_CONTROL_B_PORT = 0x61;
    public static final int I8042_COMMAND_PORT = 0x64;
    public static final int RTC_PORT = 0x70;
    public static final int POST_PORT = 0x80;
    public static final int SYSTEM_CONTROL_A_PORT = 0x92;
    public static final int SECOND_PIC_PORT = 0xA0;
    public static final int DEBUG_EXIT_PORT = 0xF4;
    public static final int COM4_PORT = 0x2E8;
    public static final int COM2_PORT = 0x2F8;
    public static final int COM3_PORT = 0x3E8;
    public static final int COM1_PORT = 0x3F8;
    public static final int ELCR_PORT = 0x4D0; // Intel 82371SB §2.5
    public static final int PVPANIC_PORT = 0x505; // QEMU docs/specs/pvpanic
    public static final int PM1A_EVENT_PORT = 0x600;
    public static final int PM1A_CONTROL_PORT = 0x604;
    public static final int PM_TIMER_PORT = 0x608;
    public static final int RESET_CONTROL_PORT = 0xCF9;

    // Global system interrupts: the ISA numbers.
    public static final int TIMER_GSI = 0;
    public static final int KEYBOARD_GSI = 1;
    public static final int COM2_COM4_GSI = 3;
    public static final int COM1_COM3_GSI = 4;
    public static final int RTC_GSI = 8;
    public static final int SCI_GSI = 9;

    /**
     * The interrupts of virtio devices, by slot: first what a PC leaves to expansion cards, then what it has for devices that this machine has not
     * (mouse, floppy disk, printer, IDE), then the I/O APIC's inputs past ISA.
     */
    public static final List<Integer> VIRTIO_MMIO_GSIS =
            List.of(5, 10, 11, 12, 6, 7, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23);

    private X86MemoryMap() {}

    /** Where {@code memoryBytes} of RAM lie: below the device hole, and what does not fit there from 4 GiB on. */
    public static List<GpaRange> ram(long memoryBytes) {
        List<GpaRange> ranges = new ArrayList<>(2);
        long low = Math.min(memoryBytes, LOW_RAM_LIMIT_GPA);
        ranges.add(new GpaRange(0, low));
        if (memoryBytes > low) {
            ranges.add(new GpaRange(HIGH_RAM_GPA, memoryBytes - low));
        }
        return List.copyOf(ranges);
    }

    /**
     * Where a device's memory of {@code sizeBytes} lies.
     *
     * @param beneath the last range below it, of RAM or of another device
     */
    public static GpaRange deviceMemory(GpaRange beneath, long sizeBytes) {
        long free = Math.max(beneath.endGpa(), HIGH_RAM_GPA);
        return new GpaRange((free + DEVICE_MEMORY_ALIGNMENT - 1) & -DEVICE_MEMORY_ALIGNMENT, sizeBytes);
    }
}
