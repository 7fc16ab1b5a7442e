package io.javisor.emulator.run;

import io.javisor.emulator.decode.Flags;
import io.javisor.emulator.decode.Form;
import io.javisor.emulator.decode.Instruction;
import io.javisor.emulator.decode.InstructionTable;
import io.javisor.emulator.decode.OperandKind;
import io.javisor.emulator.decode.OperandSize;
import io.javisor.emulator.decode.Trait;
import java.util.List;
import java.util.Set;

/** What a block makes of each form. */
final class RunForms {
    /** Java carries it out, and the block may go on behind it. */
    static final byte STEP = 0;

    /** Java carries it out, and what follows is another block. */
    static final byte LAST_STEP = 1;

    static final byte COMPUTE = 2;
    static final byte NOTHING = 3;
    static final byte LEA = 4;
    static final byte DIVIDE = 5;
    static final byte PUSH = 6;
    static final byte POP = 7;
    static final byte LEAVE = 8;
    static final byte CLI = 9;
    static final byte STI = 10;
    static final byte PUSHF = 11;
    static final byte POPF = 12;
    static final byte SWAPGS = 13;
    static final byte SELECTOR = 14;
    static final byte CLD = 15;
    static final byte VZEROUPPER = 16;
    static final byte FLDCW = 17;
    static final byte STRING = 18;
    static final byte BITS = 19;
    static final byte STAC = 20;
    static final byte CLAC = 21;
    static final byte JCC = 32;
    static final byte JMP = 33;
    static final byte JMP_INDIRECT = 34;
    static final byte CALL = 35;
    static final byte CALL_INDIRECT = 36;
    static final byte RET = 37;
    static final byte SYSCALL = 38;
    static final byte SYSRET = 39;
    static final byte IRET = 40;
    static final byte JCXZ = 41;

    /** All that code may need of {@link RunMode}. */
    private static final int ANY_MODE = -1;

    private static final long FARTHEST = 0x7fff_0000L;
    private static final int GROUP_5 = 0xff;
    private static final int GROUP_5_CALL = 2;

    /** System instructions behind which a block goes on: they leave RIP and the mode alone, at least mostly. */
    private static final Set<String> PASSED =
            Set.of("rdtsc", "rdtscp", "in", "out", "rdmsr", "wrmsr", "cpuid", "invlpg", "clts", "xgetbv");

    /** Shifts and rotates leave the flags alone if their count is 0. */
    private static final Set<String> SHIFTS = Set.of("rol", "ror", "rcl", "rcr", "shl", "shr", "sar", "shld", "shrd");

    private static final byte[] ACTIONS = new byte[InstructionTable.forms().size()];
    private static final boolean[] LOGIC = new boolean[ACTIONS.length];
    private static final boolean[] SHIFT = new boolean[ACTIONS.length];

    /** x87 instructions that set more than registers, or the pointers, which only Java knows. */
    private static final Set<String> X87_STEPS = Set.of("fldenv", "frstor", "fnstenv", "fnsave", "fninit");

    /** What of {@link RunMode} an instruction must find if it is to be emitted. */
    private static final byte[] UNITS = new byte[ACTIONS.length];

    static {
        for (Form form : InstructionTable.forms()) {
            ACTIONS[form.id()] = classify(form);
            LOGIC[form.id()] = form.flags().written() == Flags.STATUS
                    && form.flags().undefined() == Flags.AF
                    && form.flags().maybe() == 0;
            SHIFT[form.id()] = SHIFTS.contains(form.names().get(0));
            UNITS[form.id()] = (byte) units(form);
        }
    }

    private RunForms() {}

    private static int units(Form form) {
        int vectors = form.opcode().vex() ? RunMode.AVX : RunMode.SSE;
        return (form.usesVectors() ? vectors : 0)
                | (form.usesX87() ? RunMode.X87 : 0)
                | (form.has(Trait.FP) ? RunMode.MASKED : 0);
    }

    private static byte classify(Form form) {
        return switch (form.kind()) {
            case COMPUTE -> compute(form);
            case STACK -> stack(form);
            case FLOW -> flow(form);
            case SYSTEM -> system(form.names().get(0));
            case STATE -> state(form);
            case STRING -> STRING;
            case UNDEFINED -> LAST_STEP;
        };
    }

    private static byte compute(Form form) {
        if (form.has(Trait.HINT)) {
            return NOTHING;
        }
        String name = form.names().get(0);
        boolean random = name.startsWith("rd");
        if (X87_STEPS.contains(name) || form.has(Trait.MASKED) || random) {
            return STEP;
        }
        if (form.has(Trait.BITSTRING)) {
            return BITS;
        }
        int memory = form.memoryOperand();
        if (memory >= 0) {
            if (form.operand(memory).kind() == OperandKind.VSIB) {
                return STEP;
            }
            if (form.operand(memory).size() == OperandSize.NONE) {
                return LEA;
            }
        }
        if (name.equals("fldcw")) {
            return FLDCW;
        }
        return form.has(Trait.DIVIDE) ? DIVIDE : COMPUTE;
    }

    private static byte system(String name) {
        return switch (name) {
            case "cli" -> CLI;
            case "sti" -> STI;
            case "popf" -> POPF;
            case "swapgs" -> SWAPGS;
            case "stac" -> STAC;
            case "clac" -> CLAC;
            case "syscall" -> SYSCALL;
            case "sysretd" -> SYSRET;
            case "iretw" -> IRET;
            default -> PASSED.contains(name) ? STEP : LAST_STEP;
        };
    }

    private static byte state(Form form) {
        return switch (form.names().get(0)) {
            case "mov" -> SELECTOR;
            case "cld" -> CLD;
            case "vzeroupper" -> VZEROUPPER;
            default -> STEP;
        };
    }

    private static byte stack(Form form) {
        String name = form.names().get(0);
        boolean segment = !form.operands().isEmpty() && form.operand(0).kind() == OperandKind.SEGMENT;
        return switch (name) {
            case "push" -> segment ? STEP : PUSH;
            case "pop" -> POP;
            case "leave" -> LEAVE;
            case "pushf" -> PUSHF;
            default -> STEP;
        };
    }

    private static byte flow(Form form) {
        int code = form.opcode().code();
        if (form.opcode().space() == 1 || code >> 4 == 7) {
            return JCC;
        }
        return switch (code) {
            case 0xe8 -> CALL;
            case 0xe9, 0xeb -> JMP;
            case 0xc2, 0xc3 -> RET;
            case 0xe3 -> JCXZ;
            case GROUP_5 -> form.opcode().extension() == GROUP_5_CALL ? CALL_INDIRECT : JMP_INDIRECT;
            default -> LAST_STEP;
        };
    }

    /** What a block for {@code mode} makes of an instruction. */
    static byte action(Instruction instruction, int mode) {
        Form form = instruction.form();
        byte action = ACTIONS[form.id()];
        switch (action) {
            case COMPUTE, FLDCW -> {
                if ((UNITS[form.id()] & ~mode) != 0) {
                    return STEP;
                }
            }
            case DIVIDE -> {
                // AX is the dividend of the byte forms, and the word forms are rare.
                if (instruction.operandSize() == 2 || (instruction.opcodeByte() & 1) == 0) {
                    return STEP;
                }
            }
            case POP -> {
                if (instruction.operandSize() != 8 || instruction.memory()) {
                    return STEP;
                }
            }
            case STRING -> {
                if (!StringCode.canEmit(instruction)) {
                    return STEP;
                }
            }
            case BITS -> {
                if (instruction.addressSize() != 8) {
                    return STEP;
                }
            }
            case JCC, JMP, CALL -> {
                // The target as a distance from the page's start has to fit into 4 bytes.
                if (Math.abs(instruction.immediate()) > FARTHEST) {
                    return LAST_STEP;
                }
            }
            case SYSCALL -> {
                if ((mode & RunMode.SUPERVISOR) != 0) {
                    return LAST_STEP;
                }
            }
            case SYSRET, IRET -> {
                if ((mode & RunMode.SUPERVISOR) == 0 || instruction.operandSize() != 8) {
                    return LAST_STEP;
                }
            }
            case CLI, STI, SWAPGS, STAC, CLAC -> {
                if ((mode & RunMode.SUPERVISOR) == 0) {
                    return STEP;
                }
            }
            case POPF -> {
                if ((mode & RunMode.SUPERVISOR) == 0 || instruction.operandSize() != 8) {
                    return STEP;
                }
            }
            case VZEROUPPER -> {
                if ((mode & RunMode.AVX) == 0) {
                    return STEP;
                }
            }
            case PUSH, LEAVE, PUSHF -> {
                if (instruction.operandSize() != 8) {
                    return STEP;
                }
            }
            default -> {}
        }
        return action;
    }

    /** Why it is a step, where {@link #action} makes one of it. */
    static StepReason whyStep(Instruction instruction, int mode) {
        return isStep(action(instruction, mode)) && !isStep(action(instruction, ANY_MODE))
                ? StepReason.MODE
                : StepReason.NO_CODE;
    }

    static boolean isStep(byte action) {
        return action == STEP || action == LAST_STEP;
    }

    static boolean endsBlock(byte action) {
        return action == LAST_STEP || action >= JCC;
    }

    /** Whether it goes elsewhere and is emitted. */
    static boolean isFlow(byte action) {
        return action >= JCC;
    }

    /** Flags that have a value afterwards which does not depend on the one before. */
    static int killed(Instruction instruction) {
        Form form = instruction.form();
        int written = form.flags().written();
        if (written == 0) {
            return 0;
        }
        if (LOGIC[form.id()]) {
            return written; // AF is undefined by the manual, and cleared by all processors
        }
        int kept = form.flags().maybe();
        if (SHIFT[form.id()] && isConstant(form)) {
            int count =
                    (int) instruction.immediate() & (instruction.operandSize() == 8 && !isByte(instruction) ? 63 : 31);
            boolean small = instruction.operandSize() == 2 || isByte(instruction);
            kept = count == 0 || (small && count >= 8) ? kept : 0;
        }
        return written & ~kept & ~form.flags().undefined();
    }

    private static boolean isByte(Instruction instruction) {
        return instruction.form().opcode().space() == 0 && (instruction.opcodeByte() & 1) == 0;
    }

    private static boolean isConstant(Form form) {
        List<io.javisor.emulator.decode.Operand> operands = form.operands();
        return operands.get(operands.size() - 1).kind() == OperandKind.I;
    }
}
