package io.javisor.firmware.mptable;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.javisor.core.irq.GsiInput;
import io.javisor.core.irq.GsiInput.Polarity;
import io.javisor.core.irq.GsiInput.Trigger;
import io.javisor.core.memory.GpaRange;
import io.javisor.core.memory.GuestMemory;
import io.javisor.firmware.layout.BootException;
import io.javisor.firmware.layout.SystemTables;
import io.javisor.firmware.testing.TestMachine;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MpTableTest {
    private static final long FLOATING_POINTER_GPA = 0x9_FC00;
    private static final long TABLE_GPA = 0xF_0000;

    private static MpMachine machine(List<Integer> apicIds, List<InterruptSource> interrupts) {
        return new MpMachine(apicIds, 0x14, 0x0005_0654, 0x1783_FBFF, 0xFEE0_0000L, 0xFEC0_0000L, 0x11, interrupts);
    }

    private static List<Integer> ids(int count) {
        return IntStream.range(0, count).boxed().toList();
    }

    private static GuestMemory write(MpMachine machine) {
        GuestMemory memory = TestMachine.memory(0x10_0000);
        memory.fill(0x9_0000, 0x7_0000, (byte) 0xEE);
        MpTable.write(memory, TestMachine.MP, machine);
        return memory;
    }

    private static String text(GuestMemory memory, long gpa, int length) {
        byte[] bytes = new byte[length];
        memory.copyOut(gpa, bytes, 0, length);
        return new String(bytes, StandardCharsets.US_ASCII);
    }

    private static int u8(GuestMemory memory, long gpa) {
        return memory.getByte(gpa) & 0xFF;
    }

    private static int sum(GuestMemory memory, long gpa, int length) {
        int sum = 0;
        for (int i = 0; i < length; i++) {
            sum += memory.getByte(gpa + i);
        }
        return sum & 0xFF;
    }

    /** The entries as a guest walks them, one string each; checks header, checksum, count, order and length on the way. */
    private static List<String> parse(GuestMemory memory) {
        assertEquals("_MP_", text(memory, FLOATING_POINTER_GPA, 4));
        assertEquals(1, u8(memory, FLOATING_POINTER_GPA + 8));
        assertEquals(4, u8(memory, FLOATING_POINTER_GPA + 9));
        assertEquals(0, sum(memory, FLOATING_POINTER_GPA, 16));
        assertEquals(0, memory.getInt(FLOATING_POINTER_GPA + 11) | u8(memory, FLOATING_POINTER_GPA + 15));
        long gpa = Integer.toUnsignedLong(memory.getInt(FLOATING_POINTER_GPA + 4));
        assertEquals("PCMP", text(memory, gpa, 4));
        int length = memory.getShort(gpa + 4);
        assertEquals(4, u8(memory, gpa + 6));
        assertEquals(0, sum(memory, gpa, length));
        assertEquals("JAVISOR JAVISOR     ", text(memory, gpa + 8, 20));
        assertEquals(0, memory.getInt(gpa + 28), "no OEM table");
        assertEquals(0, memory.getInt(gpa + 40), "no extended table");
        assertEquals(0xFEE0_0000, memory.getInt(gpa + 36));
        List<String> entries = new ArrayList<>();
        long at = gpa + 44;
        int lastType = 0;
        while (at < gpa + length) {
            int type = u8(memory, at);
            assertEquals(true, type >= lastType, "entries ascend by type");
            lastType = type;
            entries.add(
                    switch (type) {
                        case 0 ->
                            "cpu %d version 0x%x flags %d signature 0x%x features 0x%x"
                                    .formatted(
                                            u8(memory, at + 1),
                                            u8(memory, at + 2),
                                            u8(memory, at + 3),
                                            memory.getInt(at + 4),
                                            memory.getInt(at + 8));
                        case 1 -> "bus %d %s".formatted(u8(memory, at + 1), text(memory, at + 2, 6));
                        case 2 ->
                            "ioapic %d version 0x%x flags %d at 0x%x"
                                    .formatted(
                                            u8(memory, at + 1),
                                            u8(memory, at + 2),
                                            u8(memory, at + 3),
                                            memory.getInt(at + 4));
                        case 3, 4 ->
                            "%s type %d flags 0x%x bus %d irq %d to apic %d pin %d"
                                    .formatted(
                                            type == 3 ? "int" : "lint",
                                            u8(memory, at + 1),
                                            memory.getShort(at + 2),
                                            u8(memory, at + 4),
                                            u8(memory, at + 5),
                                            u8(memory, at + 6),
                                            u8(memory, at + 7));
                        default -> throw new AssertionError("entry type " + type);
                    });
            at += type == 0 ? 20 : 8;
        }
        assertEquals(gpa + length, at);
        assertEquals(memory.getShort(gpa + 34), entries.size());
        assertEquals(0xEE, u8(memory, gpa + length), "nothing behind the table");
        return entries;
    }

    @Test
    void twoProcessorsAndAFewInterrupts() {
        List<InterruptSource> interrupts = List.of(
                new InterruptSource(0, GsiInput.isa(2)),
                new InterruptSource(4, GsiInput.isa(4)),
                new InterruptSource(9, new GsiInput(9, Trigger.LEVEL, Polarity.ACTIVE_LOW)),
                new InterruptSource(20, new GsiInput(20, Trigger.LEVEL, Polarity.ACTIVE_HIGH)));
        assertEquals(
                List.of(
                        "cpu 0 version 0x14 flags 3 signature 0x50654 features 0x1783fbff",
                        "cpu 1 version 0x14 flags 1 signature 0x50654 features 0x1783fbff",
                        "bus 0 ISA   ",
                        "ioapic 2 version 0x11 flags 1 at 0xfec00000",
                        "int type 0 flags 0x5 bus 0 irq 0 to apic 2 pin 2",
                        "int type 0 flags 0x5 bus 0 irq 4 to apic 2 pin 4",
                        "int type 0 flags 0xf bus 0 irq 9 to apic 2 pin 9",
                        "int type 0 flags 0xd bus 0 irq 20 to apic 2 pin 20",
                        "lint type 3 flags 0x0 bus 0 irq 0 to apic 255 pin 0",
                        "lint type 1 flags 0x0 bus 0 irq 0 to apic 255 pin 1"),
                parse(write(machine(ids(2), interrupts))));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 48, 253, 254})
    void holdsEveryProcessorCount(int count) {
        MpMachine machine = machine(ids(count), InterruptSource.identity(List.of()));
        List<String> entries = parse(write(machine));
        assertEquals(
                count, entries.stream().filter(entry -> entry.startsWith("cpu")).count());
        assertEquals(
                1,
                entries.stream()
                        .filter(entry -> entry.contains("flags 3 signature"))
                        .count());
        assertEquals("ioapic " + count + " version 0x11 flags 1 at 0xfec00000", entries.get(count + 1));
        assertEquals(44 + 20 * count + 8 + 8 + 15 * 8 + 16, MpTable.sizeBytes(machine));
    }

    @Test
    void ioApicTakesTheLowestFreeId() {
        assertEquals(3, machine(List.of(0, 1, 2, 4, 5, 6), List.of()).ioApicId());
        assertEquals(0, machine(List.of(1, 2), List.of()).ioApicId());
        assertEquals(253, machine(ids(253), List.of()).ioApicId());
    }

    @Test
    void identityAnnouncesAllOfIsaButTheCascade() {
        List<InterruptSource> sources = InterruptSource.identity(List.of());
        assertEquals(
                List.of(0, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15),
                sources.stream().map(InterruptSource::isaIrq).toList());
        for (InterruptSource source : sources) {
            assertEquals(GsiInput.isa(source.isaIrq()), source.input());
        }
    }

    @Test
    void identityPrefersTheDevicesWiring() {
        GsiInput sci = new GsiInput(9, Trigger.LEVEL, Polarity.ACTIVE_LOW);
        GsiInput high = new GsiInput(23, Trigger.EDGE, Polarity.ACTIVE_HIGH);
        List<InterruptSource> sources = InterruptSource.identity(List.of(high, sci, GsiInput.isa(4), sci));
        assertEquals(16, sources.size());
        assertEquals(new InterruptSource(9, sci), sources.get(8));
        assertEquals(new InterruptSource(23, high), sources.get(15));
    }

    @Test
    void refusesTwoWiringsOfOnePin() {
        GsiInput level = new GsiInput(5, Trigger.LEVEL, Polarity.ACTIVE_LOW);
        assertThrows(IllegalArgumentException.class, () -> InterruptSource.identity(List.of(GsiInput.isa(5), level)));
        assertThrows(IllegalArgumentException.class, () -> new InterruptSource(256, GsiInput.isa(0)));
        assertThrows(IllegalArgumentException.class, () -> new InterruptSource(0, GsiInput.isa(256)));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 255, 300})
    void refusesTooManyProcessorsAndNone(int count) {
        BootException e = assertThrows(BootException.class, () -> machine(ids(count), List.of()));
        assertEquals("an MP table takes 1 to 254 processors, not " + count, e.getMessage());
    }

    @Test
    void refusesBadApicIds() {
        BootException e = assertThrows(BootException.class, () -> machine(List.of(0, 255), List.of()));
        assertEquals("an MP table takes APIC ids from 0 to 254, not 255", e.getMessage());
        assertThrows(IllegalArgumentException.class, () -> machine(List.of(0, 0), List.of()));
    }

    @Test
    void refusesPlaceTooSmallWithBothNumbers() {
        // What is left of the EBDA's one KiB behind the floating pointer.
        SystemTables.Mp ebda = new SystemTables.Mp(FLOATING_POINTER_GPA, GpaRange.between(0x9_FC10, 0xA_0000));
        List<InterruptSource> interrupts = InterruptSource.identity(List.of());
        GuestMemory memory = TestMachine.memory(0x10_0000);
        MpTable.write(memory, ebda, machine(ids(40), interrupts));
        assertEquals(0x9_FC10, memory.getInt(FLOATING_POINTER_GPA + 4));
        BootException e =
                assertThrows(BootException.class, () -> MpTable.write(memory, ebda, machine(ids(41), interrupts)));
        assertEquals(
                "the MP table for 41 processors takes 1016 bytes, but its place 0x9fc10-0x9ffff has 1008",
                e.getMessage());
    }

    @Test
    void tableIsWhereThePointerSays() {
        assertEquals(TABLE_GPA, write(machine(ids(1), List.of())).getInt(FLOATING_POINTER_GPA + 4));
    }
}
