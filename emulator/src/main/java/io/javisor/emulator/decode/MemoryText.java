package io.javisor.emulator.decode;

/** Writes a memory operand: segment override, base, index, displacement. */
final class MemoryText {
    private MemoryText() {}

    static void append(Instruction instruction, StringBuilder text) {
        boolean registers = instruction.base() >= 0 || instruction.index() >= 0;
        if (instruction.segmentOverridden()) {
            text.append(RegisterNames.segment(instruction.segment())).append(':');
        } else if (!registers) {
            text.append("ds:");
        }
        if (!registers) {
            text.append("0x").append(Long.toHexString(truncated(instruction, instruction.displacement())));
            return;
        }
        text.append('[');
        String plus = "";
        if (instruction.base() == Instruction.RIP) {
            text.append(instruction.addressSize() == 8 ? "rip" : "eip");
            plus = "+";
        } else if (instruction.base() >= 0) {
            text.append(RegisterNames.general(instruction.base(), instruction.addressSize(), true));
            plus = "+";
        }
        if (instruction.index() >= 0) {
            text.append(plus).append(index(instruction));
            if (instruction.addressSize() != 2) {
                text.append('*').append(1 << instruction.scale());
            }
        }
        displacement(instruction, text);
        text.append(']');
    }

    /** The address that an operand relative to RIP has, without its segment's base. */
    static long relative(Instruction instruction, long rip) {
        return truncated(instruction, rip + instruction.length() + instruction.displacement());
    }

    private static String index(Instruction instruction) {
        for (Operand operand : instruction.form().operands()) {
            if (operand.kind() == OperandKind.VSIB) {
                boolean wide = operand.size() == OperandSize.VECTOR && instruction.vectorLength() == 32;
                return (wide ? "ymm" : "xmm") + instruction.index();
            }
        }
        return RegisterNames.general(instruction.index(), instruction.addressSize(), true);
    }

    private static void displacement(Instruction instruction, StringBuilder text) {
        if (instruction.displacementSize == 0) {
            return;
        }
        long displacement = instruction.displacement();
        text.append(displacement < 0 ? "-0x" : "+0x").append(Long.toHexString(Math.abs(displacement)));
    }

    private static long truncated(Instruction instruction, long value) {
        return switch (instruction.addressSize()) {
            case 2 -> value & 0xffff;
            case 4 -> value & 0xffff_ffffL;
            default -> value;
        };
    }
}
