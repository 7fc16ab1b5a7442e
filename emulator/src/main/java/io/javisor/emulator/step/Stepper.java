package io.javisor.emulator.step;

import io.javisor.emulator.decode.Decoder;
import io.javisor.emulator.decode.Instruction;
import io.javisor.emulator.emit.StepCode;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.SegmentAttributes;
import io.javisor.emulator.state.VectorLayout;

/**
 * Executes the guest one instruction at a time. What is between instructions (interrupts, traps, delivery of the faults that are thrown
 * here) is for the caller. Allocates nothing; one a vCPU, for its thread alone.
 */
public final class Stepper {
    private static final int PAGE_SIZE = 4096;

    private final CpuBlock cpu;
    private final OperandMemory memory;
    private final Decoder decoder;
    private final SystemInstructions system;
    private final Instruction instruction = new Instruction();
    private final long fetchHva;
    private final ComputeSteps compute;
    private final StackSteps stack;
    private final StringSteps strings;
    private final StateSteps state;
    private final FlowSteps flow;

    /** Over a block of {@link VectorLayout#SIZE} bytes. {@code decoder} knows what the guest is offered. */
    public Stepper(CpuBlock cpu, OperandMemory memory, StepCode code, Decoder decoder, SystemInstructions system) {
        this(new StepContext(cpu, memory, code), decoder, system);
    }

    /** Over a context that {@code system} shares. */
    public Stepper(StepContext context, Decoder decoder, SystemInstructions system) {
        this.cpu = context.cpu;
        this.memory = context.memory;
        this.decoder = decoder;
        this.system = system;
        fetchHva = context.blockHva + VectorLayout.FETCH_OFFSET;
        compute = new ComputeSteps(context);
        stack = new StackSteps(context);
        strings = new StringSteps(context);
        state = new StateSteps(context);
        flow = new FlowSteps(context, stack);
    }

    /** The instruction of the last step. */
    public Instruction instruction() {
        return instruction;
    }

    /**
     * Executes the instruction at RIP. A string instruction with many elements may take several steps, with RIP unchanged in between.
     *
     * @throws io.javisor.emulator.state.CpuFault the guest's fault, RIP at the instruction that caused it
     */
    public void step() {
        fetch();
        execute();
    }

    /** Decodes the instruction at RIP into {@link #instruction}. */
    public void fetch() {
        int mode = mode();
        long rip = cpu.rip();
        long linear = codeLinear(mode, rip);
        int here = PAGE_SIZE - (int) (linear & PAGE_SIZE - 1);
        long available = mode == 64 ? here : Math.min(here, cpu.limit(CpuBlock.CS) - rip + 1);
        int result = decoder.decode(HostBytes.ALL, memory.fetch(linear), (int) available, mode, instruction);
        if (result == Decoder.NEEDS_MORE) {
            result = decodeAcross(mode, rip);
        }
        if (result != Decoder.OK) {
            throw result == Decoder.UNDEFINED ? cpu.undefinedOpcode() : cpu.generalProtection();
        }
    }

    /** Decodes what goes on in the next page, or beyond the segment's end. */
    private int decodeAcross(int mode, long rip) {
        for (int i = 0; i < Decoder.MAX_LENGTH; i++) {
            // Byte by byte, as only bytes that belong to the instruction may fault.
            long at = memory.fetch(codeLinear(mode, rip + i));
            HostBytes.put(fetchHva + i, 1, HostBytes.get(at, 1));
            int result = decoder.decode(HostBytes.ALL, fetchHva, i + 1, mode, instruction);
            if (result != Decoder.NEEDS_MORE) {
                return result;
            }
        }
        return Decoder.TOO_LONG;
    }

    /**
     * Copies the bytes of what {@link #fetch} decoded just now, for a trace.
     *
     * @param to room for {@link Decoder#MAX_LENGTH}
     * @throws io.javisor.emulator.state.CpuFault as {@link #fetch}: they are fetched again
     */
    public void copyBytes(byte[] to) {
        int mode = mode();
        long rip = cpu.rip();
        for (int i = 0; i < instruction.length(); i++) {
            to[i] = (byte) HostBytes.get(memory.fetch(codeLinear(mode, rip + i)), 1);
        }
    }

    private int mode() {
        if (cpu.code64()) {
            return 64;
        }
        return (cpu.attributes(CpuBlock.CS) & SegmentAttributes.BIG) != 0 ? 32 : 16;
    }

    private long codeLinear(int mode, long rip) {
        if (mode == 64) {
            if (!CpuBlock.isCanonical(rip)) {
                throw cpu.generalProtection();
            }
            return rip;
        }
        if (rip > cpu.limit(CpuBlock.CS)) {
            throw cpu.generalProtection();
        }
        return cpu.base(CpuBlock.CS) + rip & 0xffff_ffffL;
    }

    /** Executes what {@link #fetch} decoded. */
    public void execute() {
        UnitChecks.check(instruction.form(), cpu);
        long next = cpu.rip() + instruction.length();
        if (instruction.mode() != 64) {
            next &= 0xffff_ffffL;
        }
        boolean moved =
                switch (instruction.form().kind()) {
                    case COMPUTE -> {
                        compute.execute(instruction);
                        yield false;
                    }
                    case STACK -> {
                        stack.execute(instruction);
                        yield false;
                    }
                    case STRING -> !strings.execute(instruction);
                    case STATE -> {
                        state.execute(instruction);
                        yield false;
                    }
                    case FLOW -> {
                        flow.execute(instruction);
                        yield true;
                    }
                    case SYSTEM -> system.execute(instruction);
                    case UNDEFINED -> throw cpu.undefinedOpcode();
                };
        if (!moved) {
            cpu.setRip(next);
        }
    }
}
