package io.javisor.emulator.trace;

import io.javisor.core.engine.TraceRequest;
import io.javisor.emulator.decode.Decoder;
import io.javisor.emulator.decode.Disassembler;
import io.javisor.emulator.decode.Instruction;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.CpuFault;
import io.javisor.emulator.state.SegmentAttributes;
import io.javisor.emulator.state.Vectors;
import io.javisor.emulator.step.StepContext;
import io.javisor.emulator.step.Stepper;

/**
 * Executes a processor's instructions one at a time, and writes a line for each:
 *
 * <pre>{@code
 * 0 -- 64-bit, cs 10, ring 0
 * 0 ffffffff81000040  48 8b 07                 mov rax,QWORD PTR [rdi]           @ffff888000001000 ; rax=1f
 * 0 ffffffff81000043  48 83 c7 08              add rdi,0x8                       ; rdi=ffff888000001008 flags=2[]
 * 0 ffffffff81000047  0f 0b                    ud2                               ; #UD
 * 0 -- from elsewhere
 * }</pre>
 *
 * <p>The processor's number; the linear address; the bytes; Intel's syntax; where the memory operand is, by its linear address; what has other
 * values afterwards, or the fault. A line with two dashes says in what mode and at what privilege it goes on, or that this instruction does not follow the one before: an
 * interrupt came, a fault was delivered, or what lies between is out of the range.
 *
 * <p>For a vCPU's thread. It allocates.
 */
public final class InstructionTracer {
    private static final int BYTES_WIDTH = 25;
    private static final int TEXT_WIDTH = 34;

    private final int cpuIndex;
    private final CpuBlock cpu;
    private final StepContext context;
    private final Stepper stepper;
    private final TraceRequest request;
    private final byte[] bytes = new byte[Decoder.MAX_LENGTH];
    private final RegisterView before = new RegisterView();
    private final StringBuilder line = new StringBuilder();
    private String mode = "";
    private long expected;
    private boolean going;

    /**
     * @param cpuIndex the processor's number
     * @param context what {@code stepper} was made of
     */
    public InstructionTracer(int cpuIndex, CpuBlock cpu, StepContext context, Stepper stepper, TraceRequest request) {
        this.cpuIndex = cpuIndex;
        this.cpu = cpu;
        this.context = context;
        this.stepper = stepper;
        this.request = request;
    }

    /** Whether the instruction at RIP is to be traced. */
    public boolean covers() {
        return request.covers(linear());
    }

    private long linear() {
        return cpu.code64() ? cpu.rip() : cpu.base(CpuBlock.CS) + cpu.rip() & 0xFFFF_FFFFL;
    }

    /**
     * As {@link Stepper#step}, and writes a line.
     *
     * @throws CpuFault the guest's fault, of which the line says too
     */
    public void step() {
        long rip = cpu.rip();
        long linear = linear();
        heading(linear);
        start(linear);
        try {
            stepper.fetch();
            stepper.copyBytes(bytes);
        } catch (CpuFault fault) {
            notDecoded(fault);
            throw faulted(fault);
        }
        Instruction instruction = stepper.instruction();
        appendBytes(instruction.length());
        int textAt = line.length();
        line.append(Disassembler.text(instruction, rip));
        pad(textAt + TEXT_WIDTH);
        if (instruction.memory() && instruction.base() != Instruction.RIP) {
            line.append('@')
                    .append(Long.toHexString(operandLinear(instruction)))
                    .append(' ');
        }
        before.take(cpu);
        try {
            stepper.execute();
        } catch (CpuFault fault) {
            throw faulted(fault);
        }
        line.append(';');
        int changesAt = line.length();
        before.appendChanges(cpu, line);
        if (line.length() == changesAt) {
            line.setLength(changesAt - 1);
        }
        write();
        expected = linear();
        going = true;
    }

    /** Has what was written shown: the processor waits. */
    public void pause() {
        request.sink().flush();
    }

    private void heading(long linear) {
        int bits = cpu.code64() ? 64 : (cpu.attributes(CpuBlock.CS) & SegmentAttributes.BIG) != 0 ? 32 : 16;
        String now = "%d-bit%s, cs %x, ring %d"
                .formatted(
                        bits,
                        cpu.v86() ? " (virtual 8086)" : cpu.protectedMode() ? "" : " (real mode)",
                        cpu.selector(CpuBlock.CS),
                        cpu.cpl());
        if (!now.equals(mode)) {
            mode = now;
            start();
            line.append("-- ").append(now);
            write();
        } else if (going && linear != expected) {
            start();
            line.append("-- from elsewhere");
            write();
        }
        going = false;
    }

    private void start() {
        line.setLength(0);
        line.append(cpuIndex).append(' ');
    }

    private void start(long linear) {
        start();
        String digits = Long.toHexString(linear);
        line.repeat('0', (cpu.code64() ? 16 : 8) - digits.length())
                .append(digits)
                .append("  ");
    }

    /** What is undefined has bytes, too; of what can't be fetched there are none. */
    private void notDecoded(CpuFault fault) {
        String text = "(not fetched)";
        if (fault.vector() == Vectors.UD) {
            stepper.copyBytes(bytes);
            appendBytes(stepper.instruction().length());
            text = stepper.instruction().length() == 2 && bytes[0] == 0x0F && bytes[1] == 0x0B ? "ud2" : "(undefined)";
        }
        int textAt = line.length();
        line.append(text);
        pad(textAt + TEXT_WIDTH);
    }

    private void appendBytes(int length) {
        int at = line.length();
        for (int i = 0; i < length; i++) {
            line.append(Character.forDigit(bytes[i] >> 4 & 0xF, 16)).append(Character.forDigit(bytes[i] & 0xF, 16));
            line.append(' ');
        }
        pad(at + BYTES_WIDTH);
    }

    private void pad(int length) {
        line.repeat(' ', Math.max(1, length - line.length()));
    }

    private long operandLinear(Instruction instruction) {
        long offset = context.offset(instruction);
        int segment = instruction.segment();
        if (instruction.mode() == 64) {
            return segment == CpuBlock.FS || segment == CpuBlock.GS ? cpu.base(segment) + offset : offset;
        }
        return cpu.base(segment) + offset & 0xFFFF_FFFFL;
    }

    private CpuFault faulted(CpuFault fault) {
        line.append("; ").append(name(fault.vector()));
        if (fault.errorCode() != CpuFault.NO_CODE) {
            line.append('(').append(Integer.toHexString(fault.errorCode())).append(')');
        }
        if (fault.vector() == Vectors.PF) {
            line.append(" at ").append(Long.toHexString(fault.linear()));
        }
        write();
        return fault;
    }

    private static String name(int vector) {
        return switch (vector) {
            case Vectors.DE -> "#DE";
            case Vectors.DB -> "#DB";
            case Vectors.BP -> "#BP";
            case Vectors.OF -> "#OF";
            case Vectors.BR -> "#BR";
            case Vectors.UD -> "#UD";
            case Vectors.NM -> "#NM";
            case Vectors.DF -> "#DF";
            case Vectors.TS -> "#TS";
            case Vectors.NP -> "#NP";
            case Vectors.SS -> "#SS";
            case Vectors.GP -> "#GP";
            case Vectors.PF -> "#PF";
            case Vectors.MF -> "#MF";
            case Vectors.AC -> "#AC";
            case Vectors.MC -> "#MC";
            case Vectors.XM -> "#XM";
            default -> "exception " + vector;
        };
    }

    private void write() {
        int end = line.length();
        while (end > 0 && line.charAt(end - 1) == ' ') {
            end--;
        }
        line.setLength(end);
        request.sink().line(line);
    }
}
