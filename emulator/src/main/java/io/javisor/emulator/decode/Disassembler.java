package io.javisor.emulator.decode;

import java.util.List;

/**
 * Writes an instruction as text, in Intel's syntax as {@code objdump -M intel} has it: {@code add DWORD PTR [rax+rcx*4+0x10],0x1}.
 * Prefixes that change nothing are left out. For tests, traces and messages: it allocates.
 */
public final class Disassembler {
    private static final String[] COMPARISONS = {
        "eq",
        "lt",
        "le",
        "unord",
        "neq",
        "nlt",
        "nle",
        "ord",
        "eq_uq",
        "nge",
        "ngt",
        "false",
        "neq_oq",
        "ge",
        "gt",
        "true",
        "eq_os",
        "lt_oq",
        "le_oq",
        "unord_s",
        "neq_us",
        "nlt_uq",
        "nle_uq",
        "ord_s",
        "eq_us",
        "nge_uq",
        "ngt_uq",
        "false_os",
        "neq_os",
        "ge_oq",
        "gt_oq",
        "true_us"
    };

    private Disassembler() {}

    /**
     * Writes {@code instruction}.
     *
     * @param rip the instruction's address, for what is relative to the next one
     */
    public static String text(Instruction instruction, long rip) {
        Form form = instruction.form();
        StringBuilder text = new StringBuilder();
        if (instruction.lock()) {
            text.append("lock ");
        }
        if (form.has(Trait.REP) && instruction.repeat() != 0) {
            text.append(instruction.repeat() == 0xf3 ? "rep " : "repnz ");
        } else if (form.has(Trait.REPZ) && instruction.repeat() != 0) {
            text.append(instruction.repeat() == 0xf3 ? "repz " : "repnz ");
        }
        String name = mnemonic(instruction);
        int alias = alias(name, form, instruction);
        text.append(alias < 0 ? name : aliased(name, alias));
        String separator = " ";
        List<Operand> operands = form.operands();
        int count = alias < 0 ? operands.size() : operands.size() - 1;
        for (int i = 0; i < count; i++) {
            text.append(separator);
            operand(instruction, i, rip, text);
            separator = ",";
        }
        if (name.equals("xlat")) {
            text.append(" BYTE PTR ").append(segment(instruction, "ds")).append('[');
            text.append(RegisterNames.general(3, instruction.addressSize(), true))
                    .append(']');
        }
        if (instruction.memory() && instruction.base() == Instruction.RIP) {
            text.append("        # 0x").append(Long.toHexString(MemoryText.relative(instruction, rip)));
        }
        return text.toString();
    }

    private static String mnemonic(Instruction instruction) {
        Form form = instruction.form();
        boolean byAddress = form.has(Trait.F64) && form.names().size() > 1;
        String name = form.name(byAddress ? instruction.addressSize() : instruction.operandSize());
        if (name.equals("mov") && instruction.mode() == 64) {
            Operand first = form.operands().get(0);
            Operand second = form.operands().get(1);
            boolean absolute =
                    (first.kind() == OperandKind.O || second.kind() == OperandKind.O) && instruction.addressSize() == 8;
            boolean wide =
                    second.kind() == OperandKind.I && second.size() == OperandSize.V && instruction.operandSize() == 8;
            return absolute || wide ? "movabs" : name;
        }
        return name;
    }

    /** The last immediate, if the mnemonic has a form of its own for it, or −1. */
    private static int alias(String name, Form form, Instruction instruction) {
        if (form.opcode().code() == 0xc2 && form.has(Trait.FP)) {
            return instruction.immediate() < (form.opcode().vex() ? 32 : 8) ? (int) instruction.immediate() : -1;
        }
        if (name.endsWith("pclmulqdq")) {
            return (instruction.immediate() & ~0x11) == 0 ? (int) instruction.immediate() : -1;
        }
        return -1;
    }

    private static String aliased(String name, int immediate) {
        if (name.endsWith("pclmulqdq")) {
            String halves = ((immediate & 1) == 0 ? "lq" : "hq") + ((immediate & 16) == 0 ? "lq" : "hq");
            return name.replace("mulqdq", "mul" + halves + "dq");
        }
        int at = name.length() - 2;
        return name.substring(0, at) + COMPARISONS[immediate] + name.substring(at);
    }

    private static void operand(Instruction instruction, int number, long rip, StringBuilder text) {
        Operand operand = instruction.form().operands().get(number);
        int size = instruction.sizeOf(operand);
        switch (operand.kind()) {
            case I -> immediate(instruction, operand, number, text);
            case J -> text.append("0x").append(Long.toHexString(target(instruction, rip)));
            case A ->
                text.append("0x")
                        .append(Integer.toHexString(instruction.immediate2()))
                        .append(":0x")
                        .append(Long.toHexString(instruction.immediate()));
            case ONE -> text.append('1');
            case X -> {
                text.append(pointer(size)).append(segment(instruction, "ds")).append('[');
                text.append(RegisterNames.general(6, instruction.addressSize(), true))
                        .append(']');
            }
            case Y -> {
                text.append(pointer(size)).append("es:[");
                text.append(RegisterNames.general(7, instruction.addressSize(), true))
                        .append(']');
            }
            case ST0 -> text.append("st");
            case STI -> text.append("st(").append(instruction.register(operand)).append(')');
            case SEGMENT -> text.append(RegisterNames.segment(operand.number()));
            default -> {
                if (instruction.inMemory(operand)) {
                    text.append(operand.kind() == OperandKind.O ? "" : pointer(operand, size));
                    MemoryText.append(instruction, text);
                } else {
                    text.append(register(instruction, operand, size));
                }
            }
        }
    }

    private static String register(Instruction instruction, Operand operand, int size) {
        int number = instruction.register(operand);
        return switch (operand.kind()) {
            case S -> RegisterNames.segment(number);
            case C -> "cr" + number;
            case D -> "dr" + number;
            case P, Q, N -> "mm" + number;
            case V, W, U, H, L, XMM0 -> (size == 32 ? "ymm" : "xmm") + number;
            default -> RegisterNames.general(number, size, instruction.hasRex());
        };
    }

    private static void immediate(Instruction instruction, Operand operand, int number, StringBuilder text) {
        boolean second = number == 1 && instruction.form().operands().get(0).kind() == OperandKind.I;
        long value = second && operand.size() == OperandSize.BYTE ? instruction.immediate2() : instruction.immediate();
        int bytes =
                switch (operand.size()) {
                    case BYTE -> 1;
                    case WORD -> 2;
                    default -> instruction.operandSize();
                };
        text.append("0x").append(Long.toHexString(bytes == 8 ? value : value & (1L << (8 * bytes)) - 1));
    }

    /** Where a near branch goes. */
    public static long target(Instruction instruction, long rip) {
        long target = rip + instruction.length() + instruction.immediate();
        return switch (instruction.operandSize()) {
            case 2 -> target & 0xffff;
            case 4 -> target & 0xffff_ffffL;
            default -> target;
        };
    }

    private static String segment(Instruction instruction, String byDefault) {
        return (instruction.segmentOverridden() ? RegisterNames.segment(instruction.segment()) : byDefault) + ":";
    }

    private static String pointer(Operand operand, int size) {
        return switch (operand.size()) {
            case NONE, IMAGE, ENVIRONMENT, SPECIAL -> "";
            case FAR -> size == 4 ? "DWORD PTR " : size == 6 ? "FWORD PTR " : "TBYTE PTR ";
            default -> pointer(size);
        };
    }

    private static String pointer(int size) {
        return switch (size) {
            case 1 -> "BYTE PTR ";
            case 2 -> "WORD PTR ";
            case 4 -> "DWORD PTR ";
            case 8 -> "QWORD PTR ";
            case 10 -> "TBYTE PTR ";
            case 16 -> "XMMWORD PTR ";
            case 32 -> "YMMWORD PTR ";
            default -> "";
        };
    }
}
