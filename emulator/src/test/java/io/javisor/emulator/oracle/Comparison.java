package io.javisor.emulator.oracle;

import static io.javisor.emulator.oracle.OracleRecord.*;

import io.javisor.emulator.decode.Decoder;
import io.javisor.emulator.decode.Disassembler;
import io.javisor.emulator.decode.Feature;
import io.javisor.emulator.decode.Form;
import io.javisor.emulator.decode.Instruction;
import io.javisor.emulator.state.Bits;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.CpuFault;
import io.javisor.emulator.state.StateLayout;
import io.javisor.emulator.state.VectorLayout;
import io.javisor.emulator.state.Vectors;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/** Has a record's instruction carried out and compares everything with what the host made of it. */
final class Comparison {
    private static final long COMPARED_FLAGS = 0x8d5 | Bits.DF;
    private static final int DELIVERED = -1;

    private final Subject subject;
    private final CpuBlock cpu;
    private int faults;

    Comparison(Subject subject) {
        this.subject = subject;
        cpu = subject.cpu();
    }

    int faults() {
        return faults;
    }

    /** What differs, or null. */
    @Nullable
    String compare(MemorySegment record) {
        load(subject, record);
        int vector = DELIVERED;
        int error = 0;
        long address = 0;
        try {
            subject.execute();
        } catch (CpuFault fault) {
            faults++;
            vector = fault.vector();
            error = Math.max(0, fault.errorCode());
            address = fault.linear();
        }
        return difference(record, vector, error, address);
    }

    /** Has the subject hold the record's state. */
    static void load(Subject subject, MemorySegment record) {
        CpuBlock cpu = subject.cpu();
        subject.load(record);
        cpu.setBase(CpuBlock.GS, GS_BASE);
        MemorySegment.copy(record, GPR, cpu.segment(), StateLayout.GPR_OFFSET, 128);
        cpu.setRip(record.get(ValueLayout.JAVA_LONG, RIP));
        cpu.setRflags(record.get(ValueLayout.JAVA_LONG, RFLAGS) | Bits.IF); // Linux's programs run with it
        MemorySegment.copy(record, XSAVE, cpu.segment(), VectorLayout.XSAVE_OFFSET, VectorLayout.XSAVE_SIZE);
    }

    private @Nullable String difference(MemorySegment record, int vector, int error, long address) {
        int trap = (int) record.get(ValueLayout.JAVA_LONG, TRAP);
        Form form = subject.instruction().form();
        int hostVector = trap == ARRIVED ? DELIVERED : trap;
        short status = record.get(ValueLayout.JAVA_SHORT, OUT_XSAVE + 2L);
        if (!HostExceptions.sameFault(form, hostVector, vector)
                && !HostExceptions.pendingFirst(form, hostVector, vector, status)) {
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
            if (!HostExceptions.sameRegister(subject.instruction(), i, host, cpu.gpr(i))) {
                return tell(record, "register %d is %x on the host, %x here".formatted(i, host, cpu.gpr(i)));
            }
        }
        long flags = record.get(ValueLayout.JAVA_LONG, OUT_RFLAGS) & COMPARED_FLAGS;
        // Flags that nobody reads any more may be stale in the frame of a fault.
        boolean stale = vector >= 0 && codeOffset(record) == LONG_CODE;
        boolean restored = HostExceptions.restoresFlags(subject.instruction(), vector)
                && flags == (record.get(ValueLayout.JAVA_LONG, RFLAGS) & COMPARED_FLAGS);
        if (!stale && !restored && flags != (cpu.rflags() & COMPARED_FLAGS)) {
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
            byte here = cpu.segment().get(ValueLayout.JAVA_BYTE, VectorLayout.XSAVE_OFFSET + (long) i);
            skipped |= i == 24
                    && vector == Vectors.XM
                    && HostExceptions.sameFlags(subject.instruction().form(), host ^ here);
            if (!skipped && host != here) {
                return tell(record, "byte %d of the XSAVE image is %x on the host, %x here".formatted(i, host, here));
            }
        }
        MemorySegment pages = record.asSlice(PAGES, WRITABLE_SIZE);
        long at = subject.data().asSlice(0, WRITABLE_SIZE).mismatch(pages);
        if (at >= 0 && HostExceptions.sameByte(subject.instruction().form(), at)) {
            subject.data().set(ValueLayout.JAVA_BYTE, at, pages.get(ValueLayout.JAVA_BYTE, at));
            at = subject.data().asSlice(0, WRITABLE_SIZE).mismatch(pages);
        }
        if (at >= 0) {
            byte host = record.get(ValueLayout.JAVA_BYTE, PAGES + at);
            byte here = subject.data().get(ValueLayout.JAVA_BYTE, at);
            return tell(record, "byte %x of the data is %x on the host, %x here".formatted(at, host, here));
        }
        return null;
    }

    static void sequence(MemorySegment record, int length, StringBuilder text) {
        Decoder decoder = new Decoder(Feature.all());
        Instruction instruction = new Instruction();
        long rip = record.get(ValueLayout.JAVA_LONG, RIP);
        for (int at = 0; at < length; at += instruction.length()) {
            int _ = decoder.decode(record, LONG_CODE + at, 15, 64, instruction);
            text.append("\n%x: ".formatted(rip + at)).append(Disassembler.text(instruction, rip + at));
        }
        text.append('\n');
    }

    private String tell(MemorySegment record, String what) {
        Instruction instruction = subject.instruction();
        StringBuilder text = new StringBuilder(Disassembler.text(instruction, record.get(ValueLayout.JAVA_LONG, RIP)));
        text.append(": ").append(what).append("; code");
        int length = record.get(ValueLayout.JAVA_INT, LENGTH);
        for (int i = 0; i < length; i++) {
            text.append(" %02x".formatted(record.get(ValueLayout.JAVA_BYTE, codeOffset(record) + (long) i)));
        }
        if (codeOffset(record) == LONG_CODE) {
            sequence(record, length, text);
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
