package io.javisor.emulator.cpu;

import io.javisor.emulator.decode.Flags;
import io.javisor.emulator.decode.Form;
import io.javisor.emulator.decode.Instruction;
import io.javisor.emulator.decode.Operand;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.step.OperandMemory;
import io.javisor.emulator.step.StackSteps;
import io.javisor.emulator.step.StepContext;
import io.javisor.emulator.step.SystemInstructions;
import io.javisor.emulator.system.SelectorChecks;
import io.javisor.emulator.system.SystemUnit;

/**
 * Brings the instructions of the class system from their operands to who carries them out. For the vCPU's thread; allocates nothing.
 */
final class SystemSteps implements SystemInstructions {
    /** What a hypercall answers that there is not (Linux include/uapi/linux/kvm_para.h, KVM_ENOSYS). */
    private static final long KVM_ENOSYS = -1000;

    private static final int SELECTOR_SIZE = 2;

    private final StepContext context;
    private final CpuBlock cpu;
    private final OperandMemory memory;
    private final SystemUnit unit;
    private final StackSteps stack;
    private final PortSteps ports;
    private Retirement retirement = Retirement.PLAIN;

    SystemSteps(StepContext context, CpuBlock cpu, OperandMemory memory, SystemUnit unit, PortSteps ports) {
        this.context = context;
        this.cpu = cpu;
        this.memory = memory;
        this.unit = unit;
        this.stack = new StackSteps(context);
        this.ports = ports;
    }

    /** How the last instruction ended. */
    Retirement retirement() {
        return retirement;
    }

    @Override
    public boolean execute(Instruction instruction) {
        retirement = Retirement.PLAIN;
        SystemOperation operation = SystemOperation.of(instruction.form());
        return switch (operation) {
            case INS -> repeats(!ports.ins(instruction));
            case OUTS -> repeats(!ports.outs(instruction));
            case CALL_FAR, JUMP_FAR, RETURN_FAR, INT3, INT, INTO, INT1, IRET, SYSCALL, SYSRET, SYSENTER, SYSEXIT ->
                transfer(operation, instruction);
            case LOAD_SEGMENT, LOAD_FAR_POINTER, POP_SEGMENT, SLDT, STR, LLDT, LTR, SGDT, SIDT, LGDT, LIDT -> {
                segments(operation, instruction);
                yield false;
            }
            case ARPL, VERR, VERW, LAR, LSL -> {
                questions(operation, instruction);
                yield false;
            }
            case SMSW, LMSW, CLTS, FROM_CONTROL, TO_CONTROL, FROM_DEBUG, TO_DEBUG, XGETBV, XSETBV, INVLPG, INVPCID -> {
                controls(operation, instruction);
                yield false;
            }
            default -> {
                others(operation, instruction);
                yield false;
            }
        };
    }

    private boolean repeats(boolean more) {
        retirement = more ? Retirement.REPEATS : Retirement.PLAIN;
        return more;
    }

    private boolean transfer(SystemOperation operation, Instruction instruction) {
        int size = instruction.operandSize();
        long next = context.next(instruction);
        switch (operation) {
            case CALL_FAR, JUMP_FAR -> {
                long offset = instruction.immediate();
                int selector = instruction.immediate2();
                if (instruction.memory()) {
                    long linear = pointer(instruction, size + SELECTOR_SIZE, false);
                    offset = memory.read(linear, size);
                    selector = (int) memory.read(linear + size, SELECTOR_SIZE);
                }
                if (operation == SystemOperation.CALL_FAR) {
                    unit.far().call(selector, offset, size, next);
                } else {
                    unit.far().jump(selector, offset, size, next);
                }
            }
            case RETURN_FAR -> unit.far().ret(size, (int) instruction.immediate() & 0xFFFF);
            case INT3 -> unit.exceptions().breakpoint(next);
            case INT -> unit.exceptions().software((int) instruction.immediate() & 0xFF, next);
            case INT1 -> unit.exceptions().int1(next);
            case INTO -> {
                if (!unit.exceptions().overflow(next)) {
                    return false;
                }
            }
            case IRET -> {
                unit.interruptReturn().iret(size, next);
                retirement = Retirement.RETURNED;
                return true;
            }
            case SYSCALL -> unit.fastCalls().syscall(next);
            case SYSRET -> unit.fastCalls().sysret(size == 8 ? 8 : 4);
            case SYSENTER -> unit.fastCalls().sysenter();
            default -> unit.fastCalls().sysexit(size == 8 ? 8 : 4);
        }
        switch (operation) {
            case INT3, INT, INT1, INTO -> retirement = Retirement.INTERRUPTED;
            default -> {}
        }
        return true;
    }

    private void segments(SystemOperation operation, Instruction instruction) {
        int size = instruction.operandSize();
        switch (operation) {
            case LOAD_SEGMENT -> {
                int segment = instruction.reg() & 7;
                if (segment == CpuBlock.CS || segment > CpuBlock.GS) {
                    throw cpu.undefinedOpcode();
                }
                load(segment, (int) source(instruction, 1));
            }
            case LOAD_FAR_POINTER -> {
                long linear = pointer(instruction, size + SELECTOR_SIZE, false);
                long offset = memory.read(linear, size);
                unit.segments().load(ofFarPointer(instruction), (int) memory.read(linear + size, SELECTOR_SIZE));
                cpu.setGpr(instruction.reg(), size, offset);
            }
            case POP_SEGMENT -> {
                int selector = (int) stack.top(size) & 0xFFFF;
                load(instruction.form().operand(0).number(), selector);
                stack.drop(size);
            }
            case SLDT -> store(instruction, unit.tableRegisters().storeLdt());
            case STR -> store(instruction, unit.tableRegisters().storeTask());
            case LLDT -> unit.tableRegisters().loadLdt((int) source(instruction, 0));
            case LTR -> unit.tableRegisters().loadTask((int) source(instruction, 0));
            case SGDT -> unit.tableRegisters().storeGdt(pointer(instruction, tableSize(instruction), true));
            case SIDT -> unit.tableRegisters().storeIdt(pointer(instruction, tableSize(instruction), true));
            case LGDT -> unit.tableRegisters().loadGdt(pointer(instruction, tableSize(instruction), false), size);
            default -> unit.tableRegisters().loadIdt(pointer(instruction, tableSize(instruction), false), size);
        }
    }

    /** SDM vol. 2, MOV: after a load of SS nothing comes between the next instruction and this one. */
    private void load(int segment, int selector) {
        unit.segments().load(segment, selector);
        if (segment == CpuBlock.SS) {
            cpu.setShadow(CpuBlock.SHADOW_MOV_SS);
        }
    }

    private static int ofFarPointer(Instruction instruction) {
        return switch (instruction.opcodeByte()) {
            case 0xC5 -> CpuBlock.DS;
            case 0xC4 -> CpuBlock.ES;
            case 0xB2 -> CpuBlock.SS;
            case 0xB4 -> CpuBlock.FS;
            default -> CpuBlock.GS;
        };
    }

    private static int tableSize(Instruction instruction) {
        return instruction.mode() == 64 ? 10 : 6;
    }

    private void questions(SystemOperation operation, Instruction instruction) {
        SelectorChecks checks = unit.selectorChecks();
        switch (operation) {
            case ARPL -> adjust(instruction, checks);
            case VERR -> answer(checks.isReadable((int) source(instruction, 0)));
            case VERW -> answer(checks.isWritable((int) source(instruction, 0)));
            default -> {
                int selector = (int) source(instruction, 1) & 0xFFFF;
                long value = operation == SystemOperation.LAR
                        ? checks.accessRights(selector)
                        : checks.segmentLimit(selector);
                answer(value != SelectorChecks.INVALID);
                if (value != SelectorChecks.INVALID) {
                    cpu.setGpr(instruction.reg(), instruction.operandSize(), value);
                }
            }
        }
    }

    private void adjust(Instruction instruction, SelectorChecks checks) {
        int from = (int) cpu.gpr(instruction.reg()) & 0xFFFF;
        if (!instruction.memory()) {
            int old = (int) cpu.gpr(instruction.rm()) & 0xFFFF;
            int adjusted = checks.adjust(old, from);
            cpu.setGpr(instruction.rm(), SELECTOR_SIZE, adjusted);
            answer(adjusted != old);
            return;
        }
        long linear = pointer(instruction, SELECTOR_SIZE, true);
        memory.checkWrite(linear, SELECTOR_SIZE);
        int old = (int) memory.read(linear, SELECTOR_SIZE);
        int adjusted = checks.adjust(old, from);
        memory.write(linear, SELECTOR_SIZE, adjusted);
        answer(adjusted != old);
    }

    private void answer(boolean zero) {
        context.setFlags(Flags.ZF, zero ? Flags.ZF : 0);
    }

    private void controls(SystemOperation operation, Instruction instruction) {
        int width = instruction.mode() == 64 ? 8 : 4;
        switch (operation) {
            case SMSW -> store(instruction, unit.controls().machineStatusWord());
            case LMSW -> unit.controls().loadMachineStatusWord((int) source(instruction, 0));
            case CLTS -> unit.controls().clearTaskSwitched();
            case FROM_CONTROL ->
                cpu.setGpr(instruction.rm(), width, unit.controls().read(instruction.reg()));
            case TO_CONTROL ->
                unit.controls().write(instruction.reg(), StepContext.cut(cpu.gpr(instruction.rm()), width));
            case FROM_DEBUG -> cpu.setGpr(instruction.rm(), width, unit.debug().read(instruction.reg()));
            case TO_DEBUG -> unit.debug().write(instruction.reg(), StepContext.cut(cpu.gpr(instruction.rm()), width));
            case XGETBV -> split(unit.controls().readXcr((int) cpu.gpr(CpuBlock.RCX)));
            case XSETBV -> unit.controls().writeXcr((int) cpu.gpr(CpuBlock.RCX), joined());
            case INVLPG -> {
                // No segment is checked, and no address is wrong (SDM vol. 2, INVLPG).
                int segment = instruction.segment();
                long base = !cpu.code64() || segment >= CpuBlock.FS ? cpu.base(segment) : 0;
                unit.controls().invalidatePage(base + context.offset(instruction) & cpu.linearMask());
            }
            default -> {
                long type = StepContext.cut(cpu.gpr(instruction.reg()), width);
                unit.controls().invalidatePcid(type, pointer(instruction, 16, false));
            }
        }
    }

    private void others(SystemOperation operation, Instruction instruction) {
        switch (operation) {
            case POPF -> {
                int size = instruction.operandSize();
                unit.flags().checkPop();
                long value = stack.top(size);
                stack.drop(size);
                unit.flags().pop(value, size);
            }
            case IN -> ports.in(instruction);
            case OUT -> ports.out(instruction);
            case SWAPGS -> unit.fastCalls().swapGs();
            case RDTSC -> split(unit.miscellany().timeStamp());
            case RDTSCP -> {
                split(unit.miscellany().timeStamp());
                cpu.setGpr(
                        CpuBlock.RCX, Integer.toUnsignedLong(unit.miscellany().timeStampAux()));
            }
            case CLAC -> unit.flags().setAlignmentCheck(false);
            case STAC -> unit.flags().setAlignmentCheck(true);
            case HYPERCALL -> cpu.setGpr(CpuBlock.RAX, KVM_ENOSYS);
            case CACHES -> unit.miscellany().invalidateCaches();
            case WRMSR -> unit.msrs().write((int) cpu.gpr(CpuBlock.RCX), joined());
            case RDMSR -> split(unit.msrs().read((int) cpu.gpr(CpuBlock.RCX)));
            case RDPMC -> throw cpu.generalProtection();
            case CPUID -> unit.miscellany().identify();
            case HLT -> unit.miscellany().halt();
            case CLI -> unit.flags().clearInterruptFlag();
            case STI -> unit.flags().setInterruptFlag();
            // RSM outside of system management mode, which there is not.
            default -> throw cpu.undefinedOpcode();
        }
    }

    private long joined() {
        return cpu.gpr(CpuBlock.RDX) << 32 | (cpu.gpr(CpuBlock.RAX) & 0xFFFF_FFFFL);
    }

    private void split(long value) {
        cpu.setGpr(CpuBlock.RAX, value & 0xFFFF_FFFFL);
        cpu.setGpr(CpuBlock.RDX, value >>> 32);
    }

    /** The linear address of the memory operand, checked. */
    private long pointer(Instruction instruction, int size, boolean write) {
        return memory.linear(instruction.segment(), context.offset(instruction), size, write);
    }

    private long source(Instruction instruction, int index) {
        Form form = instruction.form();
        Operand operand = form.operand(index);
        return instruction.memory() && operand.kind().mayBeMemory()
                ? memory.read(pointer(instruction, SELECTOR_SIZE, false), SELECTOR_SIZE)
                : cpu.gpr(instruction.register(operand)) & 0xFFFF;
    }

    /** Stores a selector or the machine status word: whole in a register, 16 bits in memory. */
    private void store(Instruction instruction, long value) {
        if (instruction.memory()) {
            memory.write(pointer(instruction, SELECTOR_SIZE, true), SELECTOR_SIZE, value);
        } else {
            cpu.setGpr(instruction.rm(), instruction.operandSize(), value);
        }
    }
}
