package io.javisor.emulator.step;

import static io.javisor.emulator.state.VectorLayout.MXCSR_DEFINED;
import static io.javisor.emulator.state.VectorLayout.MXCSR_OFFSET;
import static io.javisor.emulator.state.VectorLayout.XMM_OFFSET;
import static io.javisor.emulator.state.VectorLayout.YMM_HIGH_OFFSET;

import io.javisor.emulator.decode.Form;
import io.javisor.emulator.decode.Instruction;
import io.javisor.emulator.decode.Operand;
import io.javisor.emulator.state.Bits;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.CpuFault;
import io.javisor.emulator.state.VectorLayout;
import io.javisor.emulator.state.Vectors;

/** Instructions of user mode on state that only the block has. */
final class StateSteps {
    private final StepContext context;
    private final CpuBlock cpu;
    private final OperandMemory memory;
    private final DecimalSteps decimal;
    private final SaveAreas areas;
    private final Gathers gathers;

    StateSteps(StepContext context) {
        this.context = context;
        this.cpu = context.cpu;
        this.memory = context.memory;
        decimal = new DecimalSteps(context);
        areas = new SaveAreas(context);
        gathers = new Gathers(context);
    }

    void execute(Instruction instruction) {
        Form form = instruction.form();
        switch (form.names().get(0)) {
            case "cld" -> cpu.setRflags(cpu.rflags() & ~Bits.DF);
            case "std" -> cpu.setRflags(cpu.rflags() | Bits.DF);
            case "pause" -> {}
            case "xlat" -> translate(instruction);
            case "mov" -> fromSegment(instruction);
            case "bound" -> bound(instruction);
            case "clflush", "clflushopt", "clwb" -> {
                long linear = memory.linear(instruction.segment(), context.offset(instruction), 1, false);
                memory.checkRead(linear, 1);
            }
            case "daa" -> decimal.adjustAfterPacked(false);
            case "das" -> decimal.adjustAfterPacked(true);
            case "aaa" -> decimal.adjustAfterUnpacked(false);
            case "aas" -> decimal.adjustAfterUnpacked(true);
            case "aam" -> decimal.divide(instruction);
            case "aad" -> decimal.multiply(instruction);
            case "ldmxcsr", "vldmxcsr" -> loadMxcsr(instruction);
            case "stmxcsr", "vstmxcsr" -> {
                long linear = memory.linear(instruction.segment(), context.offset(instruction), 4, true);
                memory.write(linear, 4, cpu.getInt(MXCSR_OFFSET));
            }
            case "fxsave" -> areas.fxsave(instruction);
            case "fxrstor" -> areas.fxrstor(instruction);
            case "xsave" -> areas.xsave(instruction, false);
            case "xsaveopt" -> areas.xsave(instruction, true);
            case "xrstor" -> areas.xrstor(instruction);
            case "rdfsbase", "rdgsbase", "wrfsbase", "wrgsbase" -> segmentBase(instruction);
            case "vzeroupper" -> zeroVectors(YMM_HIGH_OFFSET);
            case "vzeroall" -> {
                zeroVectors(XMM_OFFSET);
                zeroVectors(YMM_HIGH_OFFSET);
            }
            case "maskmovq", "maskmovdqu", "vmaskmovdqu" -> maskedBytes(instruction);
            default -> gathers.execute(instruction);
        }
    }

    private void translate(Instruction instruction) {
        long offset = cpu.gpr(CpuBlock.RBX) + (cpu.gpr(CpuBlock.RAX) & 0xff);
        long cut = StepContext.cut(offset, instruction.addressSize());
        context.setRegister(CpuBlock.RAX, 1, memory.read(memory.linear(instruction.segment(), cut, 1, false), 1));
    }

    private void fromSegment(Instruction instruction) {
        Form form = instruction.form();
        long selector = cpu.selector(instruction.register(form.operands().get(1)));
        Operand target = form.operands().get(0);
        if (instruction.memory()) {
            memory.write(memory.linear(instruction.segment(), context.offset(instruction), 2, true), 2, selector);
        } else {
            cpu.setGpr(instruction.register(target), instruction.operandSize(), selector);
        }
    }

    private void bound(Instruction instruction) {
        int size = instruction.operandSize();
        long linear = memory.linear(instruction.segment(), context.offset(instruction), 2 * size, false);
        long lower = StepContext.signed(memory.read(linear, size), size);
        long upper = StepContext.signed(memory.read(linear + size, size), size);
        long index = StepContext.signed(cpu.gpr(instruction.reg()), size);
        if (index < lower || index > upper) {
            throw cpu.fault(Vectors.BR, CpuFault.NO_CODE);
        }
    }

    private void loadMxcsr(Instruction instruction) {
        long linear = memory.linear(instruction.segment(), context.offset(instruction), 4, false);
        int value = (int) memory.read(linear, 4);
        if ((value & ~MXCSR_DEFINED) != 0) {
            throw cpu.generalProtection();
        }
        cpu.putInt(MXCSR_OFFSET, value);
    }

    /** RDFSBASE and its kin: ModRM.reg has bit 0 for GS and bit 1 for writing. */
    private void segmentBase(Instruction instruction) {
        if ((cpu.cr4() & Bits.CR4_FSGSBASE) == 0) {
            throw cpu.undefinedOpcode();
        }
        Operand operand = instruction.form().operands().get(0);
        int size = instruction.sizeOf(operand);
        int extension = instruction.form().opcode().extension();
        int segment = (extension & 1) == 0 ? CpuBlock.FS : CpuBlock.GS;
        if ((extension & 2) == 0) {
            cpu.setGpr(instruction.rm(), size, cpu.base(segment));
            return;
        }
        long base = StepContext.cut(cpu.gpr(instruction.rm()), size);
        if (!CpuBlock.isCanonical(base)) {
            throw cpu.generalProtection();
        }
        cpu.setBase(segment, base);
    }

    private void zeroVectors(int offset) {
        HostBytes.clear(context.blockHva + offset, 256);
    }

    /** MASKMOVQ and MASKMOVDQU: bytes whose mask's highest bit is set go to DS:rDI. */
    private void maskedBytes(Instruction instruction) {
        boolean mmx = instruction.form().operands().get(0).kind().isMmx();
        maskedBytes(instruction, mmx, true);
        if (mmx) {
            // As each MMX instruction it makes the registers' numbers absolute; the host does that by one that changes
            // no value.
            context.toMmx();
        }
        maskedBytes(instruction, mmx, false);
    }

    private void maskedBytes(Instruction instruction, boolean mmx, boolean check) {
        long values = vector(instruction.reg(), mmx);
        long masks = vector(instruction.rm(), mmx);
        int count = mmx ? 8 : 16;
        for (int i = 0; i < count; i++) {
            if (HostBytes.get(masks + i, 1) >= 0x80) {
                long offset = StepContext.cut(cpu.gpr(CpuBlock.RDI) + i, instruction.addressSize());
                long linear = memory.linear(instruction.segment(), offset, 1, true);
                if (check) {
                    memory.checkWrite(linear, 1);
                } else {
                    memory.write(linear, 1, HostBytes.get(values + i, 1));
                }
            }
        }
    }

    /** Where a vector register is; MMX registers are numbered from the x87 stack's bottom, the image from its top. */
    private long vector(int number, boolean mmx) {
        if (!mmx) {
            return context.blockHva + XMM_OFFSET + 16L * number;
        }
        int top = (int) HostBytes.get(context.blockHva + VectorLayout.FSW_OFFSET, 2) >> 11 & 7;
        return context.blockHva + VectorLayout.ST_OFFSET + 16L * (number - top & 7);
    }
}
