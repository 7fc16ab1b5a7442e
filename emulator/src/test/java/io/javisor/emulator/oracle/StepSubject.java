package io.javisor.emulator.oracle;

import static io.javisor.emulator.oracle.OracleRecord.GS_BASE;

import io.javisor.emulator.decode.Decoder;
import io.javisor.emulator.decode.Instruction;
import io.javisor.emulator.emit.StepCode;
import io.javisor.emulator.state.Bits;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.SegmentAttributes;
import io.javisor.emulator.state.StateLayout;
import io.javisor.emulator.state.VectorLayout;
import io.javisor.emulator.step.Stepper;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A step. */
final class StepSubject implements Subject {
    private final CpuBlock cpu = new CpuBlock(Arena.ofAuto().allocate(VectorLayout.SIZE, 4096));
    private final TestMemory memory = new TestMemory(cpu);
    private final StepCode code = new StepCode(cpu);
    private final Stepper stepper;

    StepSubject(Decoder decoder) {
        stepper = new Stepper(cpu, memory, code, decoder, instruction -> {
            throw cpu.undefinedOpcode();
        });
        cpu.putLong(StateLayout.EFER_OFFSET, Bits.EFER_LMA | Bits.EFER_LME);
        cpu.putLong(StateLayout.CR0_OFFSET, Bits.CR0_PE | Bits.CR0_PG | Bits.CR0_NE | Bits.CR0_MP);
        cpu.putLong(
                StateLayout.CR4_OFFSET,
                Bits.CR4_PAE | Bits.CR4_OSFXSR | Bits.CR4_OSXMMEXCPT | Bits.CR4_OSXSAVE | Bits.CR4_FSGSBASE);
        cpu.putLong(StateLayout.XCR0_OFFSET, OracleRecord.COMPONENTS);
        int user = SegmentAttributes.CODE_OR_DATA | SegmentAttributes.PRESENT | 3 << SegmentAttributes.DPL_SHIFT;
        cpu.setSegment(CpuBlock.CS, 0x33, 0, -1, user | SegmentAttributes.CODE | SegmentAttributes.LONG | 2);
        cpu.setSegment(CpuBlock.SS, 0x2b, 0, -1, user | SegmentAttributes.WRITABLE | SegmentAttributes.BIG);
        cpu.setBase(CpuBlock.GS, GS_BASE);
        cpu.setCpl(3);
    }

    @Override
    public CpuBlock cpu() {
        return cpu;
    }

    @Override
    public MemorySegment data() {
        return memory.data();
    }

    @Override
    public void load(MemorySegment record) {
        memory.load(record);
    }

    @Override
    public void execute() {
        long before = cpu.rip();
        do {
            stepper.step();
        } while (cpu.rip() == before && stepper.instruction().repeat() != 0);
    }

    @Override
    public Instruction instruction() {
        return stepper.instruction();
    }

    @Override
    public long emitted() {
        return code.emitted();
    }

    @Override
    public void close() {
        code.close();
    }
}
