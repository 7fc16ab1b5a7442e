package io.javisor.emulator.apic;

import static io.javisor.emulator.apic.ApicRegisters.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.irq.DeliveryMode;
import io.javisor.emulator.apic.TestCpus.Cpu;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ApicAccessTest {
    private final TestCpus machine = new TestCpus(0x25, 0);
    private final Cpu cpu = machine.cpu(0);

    /** Index, written, read back in xAPIC mode, whether x2APIC mode takes it, and what it reads then. */
    @ParameterizedTest
    @CsvSource({
        "0x08, 0xA5, 0xA5, true, 0xA5",
        "0x08, 0x1A5, 0xA5, false, 0",
        "0x0D, 0xFFFFFFFF, 0xFF000000, false, 0x20020",
        "0x0E, 0x0FFFFFFF, 0x0FFFFFFF, false, ",
        "0x0E, 0x00000000, 0x0FFFFFFF, false, ",
        "0x0F, 0x3FF, 0x3FF, true, 0x3FF",
        "0x0F, 0x13FF, 0x3FF, false, 0x1FF",
        "0x32, 0x400FF, 0x400FF, true, 0x400FF",
        "0x32, 0xFFFFFFFF, 0x700FF, false, 0x10000",
        "0x33, 0x107FF, 0x107FF, true, 0x107FF",
        "0x34, 0xFFFFFFFF, 0x107FF, false, 0x10000",
        "0x35, 0x1A7FF, 0x1A7FF, true, 0x1A7FF",
        "0x35, 0x1F7FF, 0x1A7FF, true, 0x1A7FF",
        "0x36, 0x1A7FF, 0x1A7FF, true, 0x1A7FF",
        "0x37, 0x100FF, 0x100FF, true, 0x100FF",
        "0x37, 0x107FF, 0x100FF, false, 0x10000",
        "0x38, 0xFFFFFFFF, 0xFFFFFFFF, true, 0xFFFFFFFF",
        "0x3E, 0xB, 0xB, true, 0xB",
        "0x3E, 0xF, 0xB, false, 0",
        "0x30, 0xC4500, 0xC4500, true, 0xC4500",
        "0x30, 0xC5500, 0xC4500, true, 0xC4500",
        "0x30, 0x100000, 0, false, 0",
        "0x30, 0x2000, 0, false, 0",
        "0x30, 0x30000, 0, false, 0"
    })
    void registersKeepWhatCanBeWritten(String index, String written, String xapic, boolean legal, String x2apic) {
        int register = Integer.decode(index);
        int value = (int) (long) Long.decode(written);
        cpu.enable();
        cpu.set(register, value);
        assertEquals((int) (long) Long.decode(xapic), cpu.get(register));
        Cpu other = new TestCpus(0x25).cpu(0);
        other.enable();
        other.enableX2apic();
        assertEquals(legal, other.access.writeMsr(0x800 + register, value & 0xFFFF_FFFFL));
        assertEquals(x2apic != null, other.access.isReadableMsr(0x800 + register));
        assertEquals(x2apic == null ? 0 : Long.decode(x2apic), other.access.readMsr(0x800 + register));
        if (register != ICR) {
            assertFalse(other.access.writeMsr(0x800 + register, 1L << 32 | value), "the high half is reserved");
        }
    }

    @Test
    void identity() {
        assertEquals(0x2500_0000, cpu.get(ID));
        cpu.set(ID, 0x0700_0000);
        assertEquals(0x2500_0000, cpu.get(ID));
        assertEquals(0x0005_0014, cpu.get(VERSION));
        cpu.enableX2apic();
        assertEquals(0x25, cpu.get(ID));
        assertEquals(0x0002_0020, cpu.get(LDR));
        assertEquals(0x0005_0014, cpu.get(VERSION));
        assertFalse(cpu.access.writeMsr(0x802, 0));
        assertFalse(cpu.access.writeMsr(0x803, 0));
    }

    @Test
    void whichMsrsThereAre() {
        String readable =
                "02 03 08 0a 0d 0f 10 11 12 13 14 15 16 17 18 19 1a 1b 1c 1d 1e 1f 20 21 22 23 24 25 26 27 28 "
                        + "30 32 33 34 35 36 37 38 39 3e ";
        String writable = "08 0b 0f 28 30 32 33 34 35 36 37 38 3e ";
        cpu.enableX2apic();
        StringBuilder reads = new StringBuilder();
        StringBuilder writes = new StringBuilder();
        for (int index = 0; index < 0x100; index++) {
            if (cpu.access.isReadableMsr(MSR_X2APIC + index)) {
                reads.append("%02x ".formatted(index));
            }
            if (cpu.access.writeMsr(MSR_X2APIC + index, 0)) {
                writes.append("%02x ".formatted(index));
            }
        }
        assertEquals(readable, reads.toString());
        assertEquals(writable + "3f ", writes.toString());
        assertFalse(cpu.access.isReadableMsr(MSR_X2APIC - 1) || cpu.access.isReadableMsr(0x900));
        assertFalse(cpu.access.writeMsr(MSR_X2APIC - 1, 0) || cpu.access.writeMsr(0x900, 0));
    }

    @Test
    void msrsAreNoneInXapicModeNorMemoryInX2apicMode() {
        assertFalse(cpu.access.isReadableMsr(0x802));
        assertFalse(cpu.access.writeMsr(0x80F, 0x1FF));
        assertEquals(0, cpu.access.readMsr(0x802));
        cpu.enableX2apic();
        ApicState before = cpu.apic.save();
        cpu.access.write(16 * LDR, 4, 0x0100_0000);
        assertEquals(before, cpu.apic.save());
        assertEquals(0xFFFF_FFFFL, cpu.access.read(16 * ID, 4));
        assertTrue(cpu.access.isReadableMsr(MSR_APIC_BASE) && cpu.access.isReadableMsr(MSR_TSC_DEADLINE));
    }

    @ParameterizedTest
    @ValueSource(ints = {0x00, 0x01, 0x04, 0x07, 0x2F, 0x29, 0x2E, 0x3A, 0x3F, 0x40, 0xFF})
    void whereThereIsNoRegisterAnErrorIsLogged(int index) {
        cpu.set(index, -1);
        assertEquals(0, cpu.get(index));
        cpu.set(ESR, 0);
        assertEquals(ESR_ILLEGAL_REGISTER, cpu.get(ESR));
        assertEquals(2, cpu.access.counters().illegalAccesses());
    }

    @ParameterizedTest
    @ValueSource(ints = {APR, PPR, RRD, ISR, TMR + 7, IRR + 3, CURRENT_COUNT, VERSION})
    void readOnlyRegistersOfMemory(int index) {
        int before = cpu.get(index);
        cpu.set(index, -1);
        assertEquals(before, cpu.get(index));
        cpu.set(ESR, 0);
        assertEquals(ESR_ILLEGAL_REGISTER, cpu.get(ESR));
    }

    @Test
    void otherWidthsAndOffsets() {
        assertEquals(0x14, cpu.access.read(0x30, 1));
        assertEquals(0x05, cpu.access.read(0x32, 1));
        assertEquals(0x0014, cpu.access.read(0x30, 2));
        assertEquals(0x0500, cpu.access.read(0x31, 2));
        assertEquals(0, cpu.access.counters().illegalAccesses());
        int illegal = 0;
        for (int offset : new int[] {0xF0, 0xF1, 0xF2, 0xF4, 0xFC}) {
            for (int size : new int[] {1, 2, 4, 8}) {
                if (offset != 0xF0 || size != 4) {
                    cpu.access.write(offset, size, 0x1FF);
                    illegal++;
                }
            }
        }
        assertEquals(0xFF, cpu.get(SVR));
        assertEquals(0, cpu.access.read(0x34, 4) | cpu.access.read(0x30, 8) | cpu.access.read(0x33, 2));
        assertEquals(illegal + 3, cpu.access.counters().illegalAccesses());
    }

    @Test
    void endAndEsrOfX2apicTakeNothingButZero() {
        cpu.enable();
        cpu.enableX2apic();
        cpu.apic.receive(DeliveryMode.FIXED, 0x40, false);
        assertEquals(0x40, cpu.take());
        assertFalse(cpu.access.writeMsr(0x80B, 1));
        assertEquals(0x40, cpu.get(PPR));
        assertTrue(cpu.access.writeMsr(0x80B, 0));
        assertEquals(0, cpu.get(PPR));
        assertFalse(cpu.access.writeMsr(0x828, 1));
    }

    @Test
    void arbitrationPriority() {
        cpu.enable();
        cpu.set(TPR, 0x53);
        assertEquals(0x53, cpu.get(APR));
        cpu.apic.receive(DeliveryMode.FIXED, 0x61, false);
        assertEquals(0x60, cpu.get(APR));
    }

    /** A guest that writes anything anywhere, in every mode: values stay in their widths, states are ones that can be. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void aHostileGuest(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            Cpu guest = machine.cpu(random.nextInt(2));
            long value = random.nextInt(4) == 0 ? random.nextLong() : random.nextInt() & 0xFFFF_FFFFL;
            switch (random.nextInt(10)) {
                case 0 -> guest.access.write(random.nextInt(PAGE_SIZE), 1 << random.nextInt(4), value);
                case 1, 2 -> guest.access.write(16 * random.nextInt(0x40), 4, value);
                case 3 -> {
                    int size = 1 << random.nextInt(3);
                    assertEquals(0, guest.access.read(random.nextInt(PAGE_SIZE), size) >>> (8 * size));
                }
                case 4 -> {
                    long legal = random.nextInt(3) != 0 ? value & 0xFF : value;
                    boolean _ = guest.access.writeMsr(MSR_X2APIC + random.nextInt(0x100), legal);
                }
                case 5 -> {
                    long base = DEFAULT_BASE_GPA | random.nextInt(16) << 8;
                    boolean _ = guest.access.writeMsr(MSR_APIC_BASE, random.nextBoolean() ? base : value);
                }
                case 6 -> {
                    boolean _ = guest.access.writeMsr(MSR_TSC_DEADLINE, machine.tsc() + random.nextInt(10_000));
                    machine.nanos += random.nextInt(100_000);
                }
                case 7 -> {
                    boolean _ = machine.fabric.send(random.nextInt() & 0xFFFF_FFFFL, random.nextInt());
                    guest.apic.lint0().set(random.nextBoolean());
                    guest.apic.lint1().set(random.nextBoolean());
                }
                case 8 -> {
                    int vector = guest.serve();
                    assertTrue(vector >= -1 && vector < 256);
                    int _ = guest.apic.takeEvents(random.nextInt(16));
                }
                default -> {
                    guest.enable(random);
                    ApicState state = guest.apic.save();
                    guest.apic.restore(state);
                    assertEquals(state, guest.apic.save());
                    assertTrue(guest.timerDue >= ApicOwner.NEVER);
                }
            }
        }
    }
}
