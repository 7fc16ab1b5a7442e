package io.javisor.firmware.mptable;

import static io.javisor.firmware.mptable.MpTableLayout.*;

import io.javisor.core.bus.LittleEndian;
import io.javisor.core.irq.GsiInput;
import io.javisor.core.memory.GpaRange;
import io.javisor.core.memory.GuestMemory;
import io.javisor.firmware.layout.BootException;
import io.javisor.firmware.layout.SystemTables;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/**
 * The MP configuration table: how a kernel without ACPI learns of the processors and of the I/O APIC. One ISA bus, one I/O APIC; the 8259's
 * output at LINT0 (ExtINT) and NMI at LINT1 of every processor, as the machine programs the local APICs.
 */
public final class MpTable {
    private static final int ISA_BUS_ID = 0;
    private static final String OEM_ID = "JAVISOR";
    private static final String PRODUCT_ID = "JAVISOR";

    private final MpMachine machine;
    private final int ioApicId;
    private final int sizeBytes;
    private final MemorySegment table;
    private int at;

    private MpTable(MpMachine machine) {
        this.machine = machine;
        ioApicId = machine.ioApicId();
        sizeBytes = sizeBytes(machine);
        table = MemorySegment.ofArray(new byte[sizeBytes]);
    }

    /** What the table takes for {@code machine}, in bytes; the floating pointer's 16 are not in it. */
    public static int sizeBytes(MpMachine machine) {
        return HEADER_SIZE
                + machine.apicIds().size() * PROCESSOR_ENTRY_SIZE
                + BUS_ENTRY_SIZE
                + IO_APIC_ENTRY_SIZE
                + machine.interrupts().size() * IO_INTERRUPT_ENTRY_SIZE
                + 2 * LOCAL_INTERRUPT_ENTRY_SIZE;
    }

    /**
     * Writes the table and the floating pointer to their places.
     *
     * @throws BootException if the table is larger than its place
     */
    public static void write(GuestMemory memory, SystemTables.Mp places, MpMachine machine) {
        GpaRange place = places.table();
        MpTable table = new MpTable(machine);
        if (table.sizeBytes > place.sizeBytes()) {
            throw new BootException("the MP table for %d processors takes %d bytes, but its place %s has %d"
                    .formatted(machine.apicIds().size(), table.sizeBytes, place, place.sizeBytes()));
        }
        memory.copyIn(table.build(), 0, place.startGpa(), table.sizeBytes);
        memory.copyIn(floatingPointer(place.startGpa()), 0, places.floatingPointerGpa(), FLOATING_POINTER_SIZE);
    }

    private static MemorySegment floatingPointer(long tableGpa) {
        MemorySegment pointer = MemorySegment.ofArray(new byte[FLOATING_POINTER_SIZE]);
        putText(pointer, FP_SIGNATURE_OFFSET, "_MP_", 4);
        LittleEndian.put(pointer, FP_TABLE_GPA_OFFSET, 4, tableGpa);
        LittleEndian.put(pointer, FP_LENGTH_OFFSET, 1, FLOATING_POINTER_SIZE / 16);
        LittleEndian.put(pointer, FP_SPEC_REVISION_OFFSET, 1, SPEC_REVISION_1_4);
        putChecksum(pointer, FP_CHECKSUM_OFFSET);
        return pointer;
    }

    /** §4.3: entries ascend by type. */
    private MemorySegment build() {
        at = HEADER_SIZE;
        int processors = machine.apicIds().size();
        for (int i = 0; i < processors; i++) {
            addProcessor(machine.apicIds().get(i), i == 0);
        }
        addBus();
        addIoApic();
        for (InterruptSource interrupt : machine.interrupts()) {
            GsiInput input = interrupt.input();
            addInterrupt(IO_INTERRUPT_ENTRY, INT, flags(input), interrupt.isaIrq(), ioApicId, input.gsi());
        }
        addInterrupt(LOCAL_INTERRUPT_ENTRY, EXT_INT, 0, 0, ALL_LOCAL_APICS, 0);
        addInterrupt(LOCAL_INTERRUPT_ENTRY, NMI, 0, 0, ALL_LOCAL_APICS, 1);
        putHeader(processors + 2 + machine.interrupts().size() + 2);
        return table;
    }

    private void putHeader(int entryCount) {
        putText(table, SIGNATURE_OFFSET, "PCMP", 4);
        put(LENGTH_OFFSET, 2, sizeBytes);
        put(SPEC_REVISION_OFFSET, 1, SPEC_REVISION_1_4);
        putText(table, OEM_ID_OFFSET, OEM_ID, OEM_ID_SIZE);
        putText(table, PRODUCT_ID_OFFSET, PRODUCT_ID, PRODUCT_ID_SIZE);
        put(ENTRY_COUNT_OFFSET, 2, entryCount);
        put(LOCAL_APIC_GPA_OFFSET, 4, machine.localApicGpa());
        putChecksum(table, CHECKSUM_OFFSET);
    }

    /** §4.3.1. */
    private void addProcessor(int apicId, boolean boot) {
        put(at, 1, PROCESSOR_ENTRY);
        put(at + 1, 1, apicId);
        put(at + 2, 1, machine.localApicVersion());
        put(at + 3, 1, CPU_ENABLED | (boot ? CPU_BOOT_PROCESSOR : 0));
        put(at + 4, 4, machine.cpuSignature());
        put(at + 8, 4, machine.cpuFeatures());
        at += PROCESSOR_ENTRY_SIZE;
    }

    /** §4.3.2. */
    private void addBus() {
        put(at, 1, BUS_ENTRY);
        put(at + 1, 1, ISA_BUS_ID);
        putText(table, at + 2, "ISA", 6);
        at += BUS_ENTRY_SIZE;
    }

    /** §4.3.3. */
    private void addIoApic() {
        put(at, 1, IO_APIC_ENTRY);
        put(at + 1, 1, ioApicId);
        put(at + 2, 1, machine.ioApicVersion());
        put(at + 3, 1, IO_APIC_USABLE);
        put(at + 4, 4, machine.ioApicGpa());
        at += IO_APIC_ENTRY_SIZE;
    }

    /** §4.3.4 and §4.3.5: the two differ in their number only. */
    private void addInterrupt(int entry, int type, int flags, int isaIrq, int apicId, int pin) {
        put(at, 1, entry);
        put(at + 1, 1, type);
        put(at + 2, 2, flags);
        put(at + 4, 1, ISA_BUS_ID);
        put(at + 5, 1, isaIrq);
        put(at + 6, 1, apicId);
        put(at + 7, 1, pin);
        at += IO_INTERRUPT_ENTRY_SIZE;
    }

    private static int flags(GsiInput input) {
        int polarity =
                switch (input.polarity()) {
                    case ACTIVE_HIGH -> POLARITY_ACTIVE_HIGH;
                    case ACTIVE_LOW -> POLARITY_ACTIVE_LOW;
                };
        int trigger =
                switch (input.trigger()) {
                    case EDGE -> TRIGGER_EDGE;
                    case LEVEL -> TRIGGER_LEVEL;
                };
        return polarity | trigger;
    }

    private void put(int offset, int size, long value) {
        LittleEndian.put(table, offset, size, value);
    }

    /** ASCII, padded with blanks. */
    private static void putText(MemorySegment target, int offset, String text, int size) {
        byte[] ascii = text.getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < size; i++) {
            target.set(ValueLayout.JAVA_BYTE, offset + i, i < ascii.length ? ascii[i] : (byte) ' ');
        }
    }

    /** All bytes together give 0, modulo 256. */
    private static void putChecksum(MemorySegment target, int checksumOffset) {
        int sum = 0;
        for (long i = 0; i < target.byteSize(); i++) {
            sum += target.get(ValueLayout.JAVA_BYTE, i);
        }
        target.set(ValueLayout.JAVA_BYTE, checksumOffset, (byte) -sum);
    }
}
