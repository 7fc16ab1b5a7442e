package io.javisor.emulator.oracle;

import static io.javisor.emulator.oracle.OracleRecord.*;

import io.javisor.emulator.decode.Decoder;
import io.javisor.emulator.decode.Disassembler;
import io.javisor.emulator.decode.Form;
import io.javisor.emulator.decode.Instruction;
import io.javisor.emulator.emit.StepCode;
import io.javisor.emulator.state.Bits;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.CpuFault;
import io.javisor.emulator.state.SegmentAttributes;
import io.javisor.emulator.state.StateLayout;
import io.javisor.emulator.state.VectorLayout;
import io.javisor.emulator.state.Vectors;
import io.javisor.emulator.step.Stepper;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/** Takes the step that a record describes and compares everything with what the host made of it. */
final class Comparison implements AutoCloseable {
    private static final long COMPARED_FLAGS = 0x8d5 | Bits.DF;
    private static final int DELIVERED = -1;

    private final MemorySegment block = Arena.ofAuto().allocate(VectorLayout.SIZE, 4096);
    private final CpuBlock cpu = new CpuBlock(block);
    private final TestMemory memory = new TestMemory(cpu);
    private final StepCode code = new StepCode(cpu);
    private final Stepper stepper;
    private int faults;

    Comparison(Decoder decoder) {
        stepper = new Stepper(cpu, memory, code, decoder, instruction -> {
            throw cpu.undefinedOpcode();
        });
        cpu.putLong(StateLayout.EFER_OFFSET, Bits.EFER_LMA | Bits.EFER_LME);
        cpu.putLong(StateLayout.CR0_OFFSET, Bits.CR0_PE | Bits.CR0_PG | Bits.CR0_NE | Bits.CR0_MP);
        cpu.putLong(
                StateLayout.CR4_OFFSET,
                Bits.CR4_PAE | Bits.CR4_OSFXSR | Bits.CR4_OSXMMEXCPT | Bits.CR4_OSXSAVE | Bits.CR4_FSGSBASE);
        cpu.putLong(StateLayout.XCR0_OFFSET, 7);
        int user = SegmentAttributes.CODE_OR_DATA | SegmentAttributes.PRESENT | 3 << SegmentAttributes.DPL_SHIFT;
        cpu.setSegment(CpuBlock.CS, 0x33, 0, -1, user | SegmentAttributes.CODE | SegmentAttributes.LONG | 2);
        cpu.setSegment(CpuBlock.SS, 0x2b, 0, -1, user | SegmentAttributes.WRITABLE | SegmentAttributes.BIG);
        cpu.setBase(CpuBlock.GS, GS_BASE);
        cpu.setCpl(3);
    }

    int faults() {
        return faults;
    }

    long emitted() {
        return code.emitted();
    }

    @Override
    public void close() {
        code.close();
    }

    /** What differs, or null. */
    @Nullable
    String compare(MemorySegment record) {
        load(record);
        int vector = DELIVERED;
        int error = 0;
        long address = 0;
        try {
            long before = cpu.rip();
            do {
                stepper.step();
            } while (cpu.rip() == before && stepper.instruction().repeat() != 0);
        } catch (CpuFault fault) {
            faults++;
            vector = fault.vector();
            error = Math.max(0, fault.errorCode());
            address = fault.linear();
        }
        return difference(record, vector, error, address);
    }

    private void load(MemorySegment record) {
        memory.load(record);
        cpu.setBase(CpuBlock.GS, GS_BASE);
        MemorySegment.copy(record, GPR, block, StateLayout.GPR_OFFSET, 128);
        cpu.setRip(record.get(ValueLayout.JAVA_LONG, RIP));
        cpu.setRflags(record.get(ValueLayout.JAVA_LONG, RFLAGS) | Bits.IF); // Linux's programs run with it
        MemorySegment.copy(record, XSAVE, block, VectorLayout.XSAVE_OFFSET, VectorLayout.XSAVE_SIZE);
    }

    private @Nullable String difference(MemorySegment record, int vector, int error, long address) {
        int trap = (int) record.get(ValueLayout.JAVA_LONG, TRAP);
        Form form = stepper.instruction().form();
        int hostVector = trap == ARRIVED ? DELIVERED : trap;
        if (!HostExceptions.sameFault(form, hostVector, vector)) {
            return tell(record, "exception " + hostVector + " on the host, " + vector + " here");
        }
        if (hostVector != vector) {
            return null;
        }
        if (vector == Vectors.PF) {
            long hostError = record.get(ValueLayout.JAVA_LONG, ERROR);
            long cr2 = record.get(ValueLayout.JAVA_LONG, CR2);
            if ((cr2 == address && hostError != error) || !HostExceptions.sameAddress(form, cr2, address)) {
                return tell(
                        record,
                        "page fault %x at %x on the host, %x at %x here".formatted(hostError, cr2, error, address));
            }
        }
        if (record.get(ValueLayout.JAVA_LONG, OUT_RIP) != cpu.rip()) {
            return tell(
                    record,
                    "rip %x on the host, %x here".formatted(record.get(ValueLayout.JAVA_LONG, OUT_RIP), cpu.rip()));
        }
        for (int i = 0; i < 16; i++) {
            long host = record.get(ValueLayout.JAVA_LONG, OUT_GPR + 8L * i);
            if (host != cpu.gpr(i)) {
                return tell(record, "register %d is %x on the host, %x here".formatted(i, host, cpu.gpr(i)));
            }
        }
        long flags = record.get(ValueLayout.JAVA_LONG, OUT_RFLAGS) & COMPARED_FLAGS;
        if (flags != (cpu.rflags() & COMPARED_FLAGS)) {
            return tell(record, "flags %x on the host, %x here".formatted(flags, cpu.rflags() & COMPARED_FLAGS));
        }
        return HostExceptions.partial(form, vector) ? null : vectors(record, vector);
    }

    private @Nullable String vectors(MemorySegment record, int vector) {
        for (int i = 0; i < VectorLayout.XSAVE_SIZE; i++) {
            // AMD keeps the x87 pointers only while an exception is pending; the header tells what is in use.
            boolean skipped = (i >= 6 && i < 24)
                    || (i >= 28 && i < 32)
                    || (i >= 32 && i < 160 && (i & 15) >= 10)
                    || (i >= 416 && i < 576);
            byte host = record.get(ValueLayout.JAVA_BYTE, OUT_XSAVE + (long) i);
            byte here = block.get(ValueLayout.JAVA_BYTE, VectorLayout.XSAVE_OFFSET + (long) i);
            skipped |= i == 24
                    && vector == Vectors.XM
                    && HostExceptions.sameFlags(stepper.instruction().form(), host ^ here);
            if (!skipped && host != here) {
                return tell(record, "byte %d of the XSAVE image is %x on the host, %x here".formatted(i, host, here));
            }
        }
        MemorySegment pages = record.asSlice(PAGES, WRITABLE_SIZE);
        long at = memory.data().asSlice(0, WRITABLE_SIZE).mismatch(pages);
        if (at >= 0 && HostExceptions.sameByte(stepper.instruction().form(), at)) {
            memory.data().set(ValueLayout.JAVA_BYTE, at, pages.get(ValueLayout.JAVA_BYTE, at));
            at = memory.data().asSlice(0, WRITABLE_SIZE).mismatch(pages);
        }
        if (at >= 0) {
            byte host = record.get(ValueLayout.JAVA_BYTE, PAGES + at);
            byte here = memory.data().get(ValueLayout.JAVA_BYTE, at);
            return tell(record, "byte %x of the data is %x on the host, %x here".formatted(at, host, here));
        }
        return null;
    }

    private String tell(MemorySegment record, String what) {
        Instruction instruction = stepper.instruction();
        StringBuilder text = new StringBuilder(Disassembler.text(instruction, record.get(ValueLayout.JAVA_LONG, RIP)));
        text.append(": ").append(what).append("; code");
        for (int i = 0; i < instruction.length(); i++) {
            text.append(" %02x".formatted(record.get(ValueLayout.JAVA_BYTE, CODE + (long) i)));
        }
        text.append(", flags %x".formatted(record.get(ValueLayout.JAVA_LONG, RFLAGS)));
        for (int i = 0; i < 16; i++) {
            text.append(" r%d=%x".formatted(i, record.get(ValueLayout.JAVA_LONG, GPR + 8L * i)));
        }
        text.append(" mxcsr=%x fcw=%x fsw=%x"
                .formatted(
                        record.get(ValueLayout.JAVA_INT, XSAVE + 24L),
                        record.get(ValueLayout.JAVA_SHORT, (long) XSAVE),
                        record.get(ValueLayout.JAVA_SHORT, XSAVE + 2L)));
        return text.toString();
    }
}
