package io.javisor.emulator.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.javisor.core.cpu.CpuidEntry;
import io.javisor.core.memory.GuestMemory;
import io.javisor.emulator.mmu.MmuFixture;
import io.javisor.emulator.state.Bits;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.CpuFault;
import io.javisor.emulator.state.StateLayout;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A processor with 2 MiB of memory and tables to put descriptors in: GDT, IDT, LDT and TSS, a stack of each level. Paging is off in
 * protected mode, one to one in IA-32e mode.
 */
final class SystemFixture implements AutoCloseable {
    static final long GDT = 0x1000;
    static final long IDT = 0x2000;
    static final long TSS = 0x3000;
    static final long LDT = 0x5000;
    static final long STACK0 = 0x8000;
    static final long STACK3 = 0x9000;
    static final long PML4 = 0x10000;

    static final int CODE0 = 0x08;
    static final int DATA0 = 0x10;
    static final int CODE3 = 0x1B;
    static final int DATA3 = 0x23;
    static final int TASK = 0x28; // and 0x30, in IA-32e mode
    static final int CODE64 = 0x38;
    static final int CODE64_3 = 0x43;

    // Attributes as in a descriptor.
    static final int CODE32 = 0xC09A;
    static final int CODE16 = 0x009A;
    static final int LONG_CODE = 0xA09A;
    static final int DATA32 = 0xC092;
    static final int DPL3 = 0x60;
    static final int TSS32 = 0x89;
    static final int TSS16 = 0x81;
    static final int GATE = 0x80;
    static final int INTERRUPT_GATE32 = 0x8E;
    static final int TRAP_GATE32 = 0x8F;
    static final int INTERRUPT_GATE16 = 0x86;
    static final int CALL_GATE32 = 0x8C;
    static final int CALL_GATE16 = 0x84;
    static final int TASK_GATE = 0x85;

    static final int NONE = CpuFault.NO_CODE;

    final MmuFixture fixture = new MmuFixture(0x20_0000, 46, true, true, io.javisor.emulator.mmu.WriteWatch.NONE);
    final CpuBlock cpu = fixture.cpu;
    final GuestMemory memory = fixture.memory;
    final Ports ports = new Ports();
    final SystemUnit unit;

    SystemFixture() {
        this(false);
    }

    SystemFixture(boolean amd) {
        unit = new SystemUnit(
                new SystemContext(cpu, fixture.linear, fixture.mmu),
                cpuid(amd),
                gpa -> memory.isRam(gpa, 8) ? memory.getLong(gpa) : -1,
                ports,
                0x2B);
        unit.reset(0x0006_0FB0);
        for (int segment = 0; segment < 6; segment++) {
            cpu.setSegment(segment, 0, 0, 0xFFFF, segment == CpuBlock.CS ? 0x9B : 0x93);
        }
    }

    static List<CpuidEntry> cpuid(boolean amd) {
        return List.of(
                amd
                        ? CpuidEntry.leaf(0, 0xD, 0x6874_7541, 0x444D_4163, 0x6974_6E65)
                        : CpuidEntry.leaf(0, 0xD, 0x756E_6547, 0x6C65_746E, 0x4965_6E69),
                CpuidEntry.leaf(1, 0x60FB0, 0, 0x0402_0000 | 1 << 17, -1),
                CpuidEntry.subleaf(7, 0, 0, 1 | 1 << 7 | 1 << 20, 1 << 2, 0),
                CpuidEntry.subleaf(0xD, 0, 7, 0x240, 0x340, 0),
                CpuidEntry.subleaf(0xD, 1, 0, 0, 0, 0),
                CpuidEntry.subleaf(0xD, 2, 0x100, 0x240, 0, 0),
                CpuidEntry.leaf(0x8000_0000, 0x8000_0008, 0, 0, 0),
                CpuidEntry.leaf(0x8000_0001, 0, 0, 0, 1 << 11 | 1 << 20 | 1 << 26 | 1 << 29),
                CpuidEntry.leaf(0x8000_0008, 46 | 48 << 8, 0, 0, 0));
    }

    /** Flat 32-bit protected mode at a level, with its stack, tables loaded. */
    SystemFixture protectedMode(int cpl) {
        descriptors();
        cpu.putLong(StateLayout.CR0_OFFSET, Bits.CR0_PE | Bits.CR0_ET | Bits.CR0_NE);
        fixture.mmu.controlsChanged();
        level(cpl, CODE32);
        return this;
    }

    /** 64-bit mode at a level. */
    SystemFixture longMode(int cpl) {
        descriptors();
        memory.putLong(PML4, PML4 + 0x1007);
        memory.putLong(PML4 + 0x1000, PML4 + 0x2007);
        memory.putLong(PML4 + 0x2000, 0x87);
        cpu.putLong(StateLayout.XCR0_OFFSET, 1);
        fixture.paging(
                Bits.CR0_PE | Bits.CR0_PG | Bits.CR0_ET | Bits.CR0_NE,
                PML4,
                Bits.CR4_PAE,
                Bits.EFER_LME | Bits.EFER_LMA | Bits.EFER_SCE);
        level(cpl, LONG_CODE);
        return this;
    }

    /** Compatibility mode at a level. */
    SystemFixture compatibilityMode(int cpl) {
        longMode(cpl);
        level(cpl, CODE32);
        return this;
    }

    /** Virtual-8086 mode over the protected mode of {@link #protectedMode}. */
    SystemFixture v86(int iopl) {
        protectedMode(3);
        cpu.setRflags(Bits.RFLAGS_FIXED | Bits.VM | (long) iopl << Bits.IOPL_SHIFT);
        for (int i = 0; i < 6; i++) {
            cpu.setSegment(i, 0x100 * i, 0x1000L * i, 0xFFFF, 0xF3);
        }
        cpu.setSegment(CpuBlock.SS, 0x900, 0x9000, 0xFFFF, 0xF3);
        cpu.setGpr(CpuBlock.RSP, 0x800);
        return this;
    }

    private void descriptors() {
        gdt(CODE0, 0, 0xFFFFF, CODE32);
        gdt(DATA0, 0, 0xFFFFF, DATA32);
        gdt(CODE3, 0, 0xFFFFF, CODE32 | DPL3);
        gdt(DATA3, 0, 0xFFFFF, DATA32 | DPL3);
        gdt(TASK, TSS, 0x1FF, TSS32);
        memory.putLong(GDT + 0x30, 0);
        gdt(CODE64, 0, 0xFFFFF, LONG_CODE);
        gdt(CODE64_3, 0, 0xFFFFF, LONG_CODE | DPL3);
        cpu.putLong(StateLayout.GDTR_BASE_OFFSET, GDT);
        cpu.putInt(StateLayout.GDTR_LIMIT_OFFSET, 0x3FF);
        cpu.putLong(StateLayout.IDTR_BASE_OFFSET, IDT);
        cpu.putInt(StateLayout.IDTR_LIMIT_OFFSET, 0xFFF);
        cpu.setSegment(CpuBlock.LDTR, 0, 0, 0, 1 << 16);
        cpu.setSegment(CpuBlock.TR, TASK, TSS, 0x1FF, 0x8B);
        memory.putByte(GDT + TASK + 5, (byte) 0x8B);
        memory.putInt(TSS + 4, (int) STACK0);
        memory.putInt(TSS + 8, DATA0);
        memory.putShort(TSS + 0x66, (short) 0x68);
    }

    private void level(int cpl, int code) {
        int dpl = cpl << 5;
        boolean long64 = (code & 0x2000) != 0;
        int selector = cpl == 0 ? (long64 ? CODE64 : CODE0) : long64 ? CODE64_3 : CODE3;
        int data = cpl == 0 ? DATA0 : DATA3;
        cpu.setSegment(CpuBlock.CS, selector, 0, -1, code | 1 | dpl);
        for (int i = 0; i < 6; i++) {
            if (i != CpuBlock.CS) {
                cpu.setSegment(i, data, 0, -1, DATA32 | 1 | dpl);
            }
        }
        cpu.setCpl(cpl);
        cpu.setGpr(CpuBlock.RSP, cpl == 0 ? STACK0 - 0x400 : STACK3);
        cpu.setRip(0x7000);
        cpu.setRflags(Bits.RFLAGS_FIXED | Bits.IF);
        fixture.mmu.controlsChanged();
    }

    void gdt(int selector, long base, int limit, int attributes) {
        memory.putLong(GDT + (selector & 0xFFF8), descriptor(base, limit, attributes));
    }

    void ldt(int selector, long base, int limit, int attributes) {
        memory.putLong(LDT + (selector & 0xFFF8), descriptor(base, limit, attributes));
    }

    static long descriptor(long base, int limit, int attributes) {
        return (limit & 0xFFFF)
                | (base & 0xFF_FFFF) << 16
                | (long) (attributes & 0xFF) << 40
                | (long) (limit >>> 16 & 0xF) << 48
                | (long) (attributes >>> 12 & 0xF) << 52
                | (base >>> 24 & 0xFF) << 56;
    }

    static long gate(int selector, long offset, int attributes, int extra) {
        return (offset & 0xFFFF)
                | (long) (selector & 0xFFFF) << 16
                | (long) extra << 32
                | (long) (attributes & 0xFF) << 40
                | (offset >>> 16 & 0xFFFF) << 48;
    }

    /** A gate of the IDT, of 8 bytes in protected mode and 16 in IA-32e mode. */
    void idt(int vector, int selector, long offset, int attributes, int ist) {
        if (cpu.longMode()) {
            memory.putLong(IDT + 16L * vector, gate(selector, offset, attributes, ist));
            memory.putLong(IDT + 16L * vector + 8, offset >>> 32);
        } else {
            memory.putLong(IDT + 8L * vector, gate(selector, offset, attributes, ist));
        }
    }

    /** What is on the stack at rsp, {@code count} values of {@code size} bytes. */
    long[] frame(int size, int count) {
        long[] frame = new long[count];
        long base = cpu.code64() ? 0 : cpu.base(CpuBlock.SS);
        long mask = cpu.code64() ? -1L : (cpu.attributes(CpuBlock.SS) & 0x4000) != 0 ? 0xFFFF_FFFFL : 0xFFFF;
        for (int i = 0; i < count; i++) {
            long gpa = base + ((cpu.gpr(CpuBlock.RSP) + (long) i * size) & mask);
            frame[i] = switch (size) {
                case 2 -> memory.getShort(gpa) & 0xFFFFL;
                case 4 -> memory.getInt(gpa) & 0xFFFF_FFFFL;
                default -> memory.getLong(gpa);
            };
        }
        return frame;
    }

    /** Puts values at the stack pointer, the lowest first. */
    void push(int size, long... values) {
        long sp = cpu.gpr(CpuBlock.RSP) - (long) size * values.length;
        cpu.setGpr(CpuBlock.RSP, sp);
        long base = cpu.code64() ? 0 : cpu.base(CpuBlock.SS);
        for (int i = 0; i < values.length; i++) {
            long gpa = base + sp + (long) i * size;
            switch (size) {
                case 2 -> memory.putShort(gpa, (short) values[i]);
                case 4 -> memory.putInt(gpa, (int) values[i]);
                default -> memory.putLong(gpa, values[i]);
            }
        }
    }

    /** Asserts a fault, and that no register has changed. */
    void assertFault(int vector, int errorCode, Runnable instruction) {
        byte[] before = cpu.segment().asSlice(0, StateLayout.SYSTEM_END_OFFSET).toArray(ValueLayout.JAVA_BYTE);
        CpuFault fault = assertThrows(CpuFault.class, instruction::run);
        assertEquals(
                "exception " + vector + " code " + Integer.toHexString(errorCode),
                "exception " + fault.vector() + " code " + Integer.toHexString(fault.errorCode()));
        byte[] after = cpu.segment().asSlice(0, StateLayout.SYSTEM_END_OFFSET).toArray(ValueLayout.JAVA_BYTE);
        for (int i = 0; i < before.length; i++) {
            assertEquals(before[i], after[i], "offset 0x" + Integer.toHexString(i));
        }
    }

    @Override
    public void close() {
        fixture.close();
    }

    /** An APIC of one register, a clock that stands, MSRs 0x800 to 0x8FF. */
    static final class Ports implements SystemPorts {
        int taskPriority;
        long now = 1000;
        int moves;
        final Map<Integer, Long> msrs = new HashMap<>();

        @Override
        public int taskPriority() {
            return taskPriority;
        }

        @Override
        public void setTaskPriority(int priority) {
            taskPriority = priority;
        }

        @Override
        public long timeStampCounter() {
            return now;
        }

        @Override
        public void timeStampCounterMoved() {
            moves++;
        }

        @Override
        public boolean hasMsr(int index) {
            return index >>> 8 == 8;
        }

        @Override
        public boolean isReadable(int index) {
            return index != 0x83F;
        }

        @Override
        public long readMsr(int index) {
            return msrs.getOrDefault(index, 0L);
        }

        @Override
        public boolean writeMsr(int index, long value) {
            msrs.put(index, value);
            return value >= 0;
        }

        @Override
        public boolean restoreMsr(int index, long value) {
            return index == 0x808 && writeMsr(index, value);
        }

        @Override
        public int[] keptMsrs() {
            return new int[] {0x808};
        }
    }
}
