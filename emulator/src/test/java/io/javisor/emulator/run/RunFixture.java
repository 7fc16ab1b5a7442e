package io.javisor.emulator.run;

import io.javisor.core.bus.AddressBus;
import io.javisor.core.memory.GuestMemory;
import io.javisor.emulator.decode.Decoder;
import io.javisor.emulator.decode.Feature;
import io.javisor.emulator.emit.CodeMemory;
import io.javisor.emulator.emit.StepCode;
import io.javisor.emulator.mmu.DeviceAccess;
import io.javisor.emulator.mmu.LinearMemory;
import io.javisor.emulator.mmu.Mmu;
import io.javisor.emulator.mmu.Tlb;
import io.javisor.emulator.mmu.WriteWatch;
import io.javisor.emulator.state.Bits;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.SegmentAttributes;
import io.javisor.emulator.state.StateLayout;
import io.javisor.emulator.state.VectorLayout;
import io.javisor.emulator.state.Vectors;
import io.javisor.emulator.step.OperandMemory;
import io.javisor.emulator.step.Stepper;
import io.javisor.emulator.system.Attention;
import java.lang.foreign.Arena;
import java.util.Set;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/** A vCPU in 64-bit user mode with paging, steps and runs; HLT, which is a fault there, ends a program. */
public final class RunFixture implements AutoCloseable {
    private static final int PHYSICAL_BITS = 40;

    public final CpuBlock cpu = new CpuBlock(Arena.ofAuto().allocate(VectorLayout.SIZE, 4096));
    final GuestMemory memory;
    public final Mmu mmu;
    public final LinearMemory linear;
    public final Attention attention = new Attention(cpu);
    public final Stepper stepper;
    public final Runs runs;
    private final Arena arena = Arena.ofShared();
    private final StepCode code;

    /** With the threshold that is used. */
    public RunFixture(GuestMemory memory, CodePages pages, Set<Feature> features) {
        this(memory, pages, features, BlockOptions.USUAL, null, CodeMemory.map(BlockOptions.USUAL.codeBytes()));
    }

    /** With blocks that are made when their code is begun for the {@code threshold}th time, however often pages are written. */
    public RunFixture(GuestMemory memory, CodePages pages, Set<Feature> features, int threshold) {
        this(
                memory,
                pages,
                features,
                new BlockOptions(threshold, BlockOptions.USUAL.codeBytes(), null),
                null,
                CodeMemory.map(BlockOptions.USUAL.codeBytes()));
    }

    /** With memory for code, which it closes. */
    static RunFixture in(CodeMemory code, GuestMemory memory, CodePages pages) {
        return new RunFixture(memory, pages, Feature.all(), BlockOptions.USUAL, null, code);
    }

    /** With blocks that are made in another way. */
    static RunFixture by(BlockOptions options, GuestMemory memory, CodePages pages) {
        return new RunFixture(memory, pages, Feature.all(), options, null, CodeMemory.map(options.codeBytes()));
    }

    /** With blocks that are compared with steps; these access what {@code place} makes of the host address of an operand. */
    static RunFixture checked(GuestMemory memory, CodePages pages, LongUnaryOperator place) {
        return new RunFixture(
                memory,
                pages,
                Feature.all(),
                BlockOptions.USUAL,
                place,
                CodeMemory.map(BlockOptions.USUAL.codeBytes()));
    }

    private RunFixture(
            GuestMemory memory,
            CodePages pages,
            Set<Feature> features,
            BlockOptions options,
            @Nullable LongUnaryOperator place,
            CodeMemory codeMemory) {
        DeviceAccess devices = DeviceAccess.of(AddressBus.deviceMemory());
        this.memory = memory;
        cpu.setRflags(Bits.RFLAGS_FIXED);
        WriteWatch watch = pages.watch();
        mmu = new Mmu(cpu, memory, watch, arena.allocate(Tlb.SIZE, 64), PHYSICAL_BITS, true, false);
        linear = new LinearMemory(cpu, mmu, devices, watch, arena.allocate(LinearMemory.BOUNCE_SIZE, 64));
        code = new StepCode(cpu);
        OperandMemory operands = new Operands(place == null ? LongUnaryOperator.identity() : place);
        CheckedMemory checked = place == null ? null : new CheckedMemory(operands, linear);
        stepper = new Stepper(cpu, checked == null ? operands : checked, code, new Decoder(features), instruction -> {
            throw cpu.generalProtection();
        });
        runs = new Runs(
                cpu, stepper, linear, mmu, attention, new Decoder(features), pages, checked, options, codeMemory);
    }

    /** Enters 64-bit mode with these page tables. */
    public void start(long cr3, int cpl) {
        cpu.putLong(StateLayout.EFER_OFFSET, Bits.EFER_LMA | Bits.EFER_LME | Bits.EFER_NXE);
        cpu.putLong(StateLayout.CR0_OFFSET, Bits.CR0_PE | Bits.CR0_PG | Bits.CR0_NE | Bits.CR0_MP | Bits.CR0_WP);
        cpu.putLong(StateLayout.CR3_OFFSET, cr3);
        cpu.putLong(
                StateLayout.CR4_OFFSET,
                Bits.CR4_PAE | Bits.CR4_OSFXSR | Bits.CR4_OSXMMEXCPT | Bits.CR4_OSXSAVE | Bits.CR4_FSGSBASE);
        cpu.putLong(StateLayout.XCR0_OFFSET, 7);
        cpu.putInt(VectorLayout.MXCSR_OFFSET, VectorLayout.MXCSR_RESET);
        cpu.putInt(VectorLayout.FCW_OFFSET, VectorLayout.FCW_RESET);
        int level = SegmentAttributes.CODE_OR_DATA | SegmentAttributes.PRESENT | cpl << SegmentAttributes.DPL_SHIFT;
        cpu.setSegment(CpuBlock.CS, 0x33, 0, -1, level | SegmentAttributes.CODE | SegmentAttributes.LONG | 2);
        cpu.setSegment(CpuBlock.SS, 0x2b, 0, -1, level | SegmentAttributes.WRITABLE | SegmentAttributes.BIG);
        cpu.setCpl(cpl);
        mmu.controlsChanged();
        mmu.flush(true);
        cpu.modeChanged();
        runs.enter();
    }

    /** Runs until a fault, which it throws. */
    public void run() {
        while (true) {
            if (runs.run()) {
                if (attention.take()) {
                    runs.poll();
                }
            } else {
                stepper.step();
                runs.callerStepped();
            }
        }
    }

    @Override
    public void close() {
        runs.close();
        code.close();
        arena.close();
    }

    /** Linear memory as steps want it, in 64-bit mode. */
    private final class Operands implements OperandMemory {
        private final LongUnaryOperator place;

        Operands(LongUnaryOperator place) {
            this.place = place;
        }

        @Override
        public long linear(int segment, long offset, int size, boolean write) {
            long address = segment >= CpuBlock.FS ? offset + cpu.base(segment) : offset;
            if (!CpuBlock.isCanonical(address) || !CpuBlock.isCanonical(address + size - 1)) {
                throw cpu.fault(segment == CpuBlock.SS ? Vectors.SS : Vectors.GP, 0);
            }
            return address;
        }

        @Override
        public long open(int slot, long address, int size, int intent) {
            return place.applyAsLong(linear.open(slot, address, size, intent));
        }

        @Override
        public void commit(int slot) {
            linear.commit(slot);
        }

        @Override
        public void checkWrite(long address, int size) {
            linear.checkWrite(address, size, false);
        }

        @Override
        public void checkRead(long address, int size) {
            linear.checkRead(address, size, false);
        }

        @Override
        public long read(long address, int size) {
            return linear.read(address, size);
        }

        @Override
        public void write(long address, int size, long value) {
            linear.write(address, size, value);
        }

        @Override
        public long direct(int segment, long address, int size, boolean write) {
            return linear.direct(linear(segment, address, 1, write), size, write);
        }

        @Override
        public long fetch(long address) {
            return linear.fetch(address);
        }
    }
}
