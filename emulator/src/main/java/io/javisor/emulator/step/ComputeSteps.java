package io.javisor.emulator.step;

import static io.javisor.emulator.state.VectorLayout.BACKUP_OFFSET;
import static io.javisor.emulator.state.VectorLayout.FCW_OFFSET;
import static io.javisor.emulator.state.VectorLayout.MXCSR_FLAGS;
import static io.javisor.emulator.state.VectorLayout.MXCSR_MASKS;
import static io.javisor.emulator.state.VectorLayout.MXCSR_OFFSET;

import io.javisor.emulator.decode.Form;
import io.javisor.emulator.decode.Instruction;
import io.javisor.emulator.decode.Operand;
import io.javisor.emulator.decode.OperandSize;
import io.javisor.emulator.decode.Trait;
import io.javisor.emulator.state.Bits;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.CpuFault;
import io.javisor.emulator.state.VectorLayout;
import io.javisor.emulator.state.Vectors;

/** Instructions that the host computes. */
final class ComputeSteps {
    private static final int CACHE_LINE = 64;
    private static final int X87_MASKS = 0x3f;
    private static final int UNDERFLOW = 1 << 4;
    private static final int FLUSH_TO_ZERO = 1 << 15;

    /** IE, DE and ZE: found before anything is computed, they keep the others from being reported (SDM volume 1, §11.5.2). */
    private static final int BEFORE_COMPUTING = 7;

    private final StepContext context;
    private final DivisionCheck divisions;
    private final MaskedMoves masked;
    private final UndoBuffer undo;
    private final X87Pointers pointers;
    private long operandLinear;
    private final long bufferHva;

    ComputeSteps(StepContext context) {
        this.context = context;
        divisions = new DivisionCheck(context);
        masked = new MaskedMoves(context);
        undo = new UndoBuffer(context.cpu);
        pointers = new X87Pointers(context.cpu);
        bufferHva = context.blockHva + BACKUP_OFFSET;
    }

    void execute(Instruction instruction) {
        Form form = instruction.form();
        if (form.has(Trait.HINT)) {
            return;
        }
        int number = instruction.memory() ? form.memoryOperand() : -1;
        if (number < 0) {
            if (form.has(Trait.DIVIDE)) {
                divisions.check(instruction, context.value(instruction, form.operand(0)));
            }
            run(instruction, instruction.immediate());
            return;
        }
        Operand operand = form.operand(number);
        if (operand.size() == OperandSize.NONE) {
            Operand target = form.operand(0);
            context.setRegister(
                    instruction.register(target), instruction.sizeOf(target), context.offset(instruction)); // LEA
        } else if (form.has(Trait.MASKED)) {
            masked.execute(instruction);
        } else {
            withMemory(instruction, form, operand);
        }
    }

    private void withMemory(Instruction instruction, Form form, Operand operand) {
        int size = instruction.sizeOf(operand);
        long offset = context.offset(instruction);
        long immediate = instruction.immediate();
        if (form.has(Trait.BITSTRING)) {
            int bits = size * 8;
            long bit = StepContext.signed(context.register(instruction, instruction.reg(), size), size);
            offset = StepContext.cut(offset + (bit - (bit & bits - 1)) / 8, instruction.addressSize());
            immediate = bit & bits - 1;
        }
        OperandMemory memory = context.memory;
        long linear = memory.linear(instruction.segment(), offset, size, operand.written());
        operandLinear = linear;
        if (form.has(Trait.ALIGN) && (linear & size - 1) != 0) {
            throw context.cpu.generalProtection();
        }
        if (size > OperandMemory.MAX_SIZE) {
            large(instruction, operand, linear, size);
            return;
        }
        boolean atomic = instruction.lock() || form.has(Trait.ATOMIC);
        if (atomic && (linear & CACHE_LINE - 1) + size > CACHE_LINE) {
            onSplitOperand(instruction, operand, linear, size, immediate);
        } else {
            onOperand(instruction, operand, linear, size, immediate, false);
        }
    }

    /**
     * A LOCKed operand across a cache line is the host's to lock, among all processors. What lies on two pages goes through a buffer,
     * which that does not cover, and some hosts refuse (split_lock_detect=fatal): then it is atomic among such instructions only.
     */
    private void onSplitOperand(Instruction instruction, Operand operand, long linear, int size, long immediate) {
        boolean onePage = (linear & HostBytes.PAGE_SIZE - 1) + size <= HostBytes.PAGE_SIZE;
        if (onePage && context.code.locksAcrossLines()) {
            onOperand(instruction, operand, linear, size, immediate, false);
            return;
        }
        OperandMemory memory = context.memory;
        memory.enterSplitLock();
        try {
            onOperand(instruction, operand, linear, size, immediate, onePage);
        } finally {
            memory.leaveSplitLock();
        }
    }

    private void onOperand(
            Instruction instruction, Operand operand, long linear, int size, long immediate, boolean aside) {
        OperandMemory memory = context.memory;
        Form form = instruction.form();
        // An x87 store whose exception is not masked leaves the operand as it is.
        boolean read = operand.read() || (form.usesX87() && x87Unmasked());
        int intent = (read ? OperandMemory.READ : 0) | (operand.written() ? OperandMemory.WRITE : 0);
        long hva = memory.open(0, linear, size, intent);
        if (form.has(Trait.DIVIDE)) {
            divisions.check(instruction, HostBytes.get(hva, size));
        }
        if (aside || (operand.written() && form.has(Trait.FP) && exceptionsUnmasked())) {
            HostBytes.copy(hva, bufferHva, size);
            context.setOperand(bufferHva);
            run(instruction, immediate);
            HostBytes.copy(bufferHva, hva, size);
        } else {
            context.setOperand(hva);
            run(instruction, immediate);
        }
        if (operand.written()) {
            memory.commit(0);
        }
    }

    /** FNSAVE, FRSTOR: an operand that is larger than a buffer of the memory's. */
    private void large(Instruction instruction, Operand operand, long linear, int size) {
        OperandMemory memory = context.memory;
        context.setOperand(bufferHva);
        if (operand.written()) {
            memory.checkWrite(linear, size);
            run(instruction, 0);
            for (int i = 0; i < size; i += 2) {
                memory.write(linear + i, 2, HostBytes.get(bufferHva + i, 2));
            }
        } else {
            memory.checkRead(linear, size);
            for (int i = 0; i < size; i += 2) {
                HostBytes.put(bufferHva + i, 2, memory.read(linear + i, 2));
            }
            run(instruction, 0);
        }
    }

    private boolean x87Unmasked() {
        return (context.cpu.getInt(FCW_OFFSET) & X87_MASKS) != X87_MASKS;
    }

    private boolean exceptionsUnmasked() {
        return (context.cpu.getInt(MXCSR_OFFSET) & MXCSR_MASKS) != MXCSR_MASKS;
    }

    private void run(Instruction instruction, long immediate) {
        Form form = instruction.form();
        boolean x87 = form.usesX87();
        if (x87) {
            pointers.keep();
        }
        if (form.has(Trait.FP) && exceptionsUnmasked()) {
            runUnmasked(instruction, immediate);
        } else {
            context.code.run(instruction, immediate);
        }
        if (x87) {
            pointers.set(instruction, operandLinear, context.cpu.getLong(VectorLayout.OPERAND_OFFSET));
        }
    }

    /**
     * Runs with all SIMD exceptions masked and takes the result back if one of them was not. Whether an overflow or underflow that is not
     * masked also was inexact is told as if it were masked.
     */
    private void runUnmasked(Instruction instruction, long immediate) {
        int before = context.cpu.getInt(MXCSR_OFFSET);
        boolean underflows = (before & UNDERFLOW << 7) == 0;
        undo.save();
        int raised = 0;
        if (underflows) {
            // A masked underflow is only signalled if it is inexact too, but flushing to zero makes each one so.
            raised = flags(instruction, immediate, before | FLUSH_TO_ZERO) & UNDERFLOW;
            undo.restore();
        }
        raised |= flags(instruction, immediate, underflows ? before & ~FLUSH_TO_ZERO : before);
        int unmasked = raised & ~(before >>> 7);
        if (unmasked == 0) {
            context.cpu.putInt(MXCSR_OFFSET, before | raised);
            return;
        }
        undo.restore();
        if (instruction.form().usesMmx()) {
            context.toMmx(); // the registers are MMX registers before anything is computed
        }
        int reported = (unmasked & BEFORE_COMPUTING) != 0 ? raised & BEFORE_COMPUTING : raised;
        context.cpu.putInt(MXCSR_OFFSET, before | reported);
        boolean handled = (context.cpu.cr4() & Bits.CR4_OSXMMEXCPT) != 0;
        throw context.cpu.fault(handled ? Vectors.XM : Vectors.UD, CpuFault.NO_CODE);
    }

    /** Runs with {@code mxcsr} but all exceptions masked; the exceptions that were signalled. */
    private int flags(Instruction instruction, long immediate, int mxcsr) {
        context.cpu.putInt(MXCSR_OFFSET, (mxcsr | MXCSR_MASKS) & ~MXCSR_FLAGS);
        context.code.run(instruction, immediate);
        return context.cpu.getInt(MXCSR_OFFSET) & MXCSR_FLAGS;
    }

    /** The registers before an instruction. */
    private static final class UndoBuffer {
        private final CpuBlock cpu;
        private final long[] general = new long[18];
        private final long[] vectors = new long[VectorLayout.XSAVE_SIZE / 8];

        UndoBuffer(CpuBlock cpu) {
            this.cpu = cpu;
        }

        void save() {
            for (int i = 0; i < general.length; i++) {
                general[i] = cpu.getLong(8 * i);
            }
            for (int i = 0; i < vectors.length; i++) {
                vectors[i] = cpu.getLong(VectorLayout.XSAVE_OFFSET + 8 * i);
            }
        }

        void restore() {
            for (int i = 0; i < general.length; i++) {
                cpu.putLong(8 * i, general[i]);
            }
            for (int i = 0; i < vectors.length; i++) {
                cpu.putLong(VectorLayout.XSAVE_OFFSET + 8 * i, vectors[i]);
            }
        }
    }
}
