package io.javisor.emulator.decode;

/**
 * An operand of a form.
 *
 * @param number of an implied register; else 0
 * @param read whether the instruction reads it
 * @param written whether the instruction writes it
 */
public record Operand(OperandKind kind, OperandSize size, int number, boolean read, boolean written) {

    /** Reads one from the table's text: kind and size, then {@code +} (read and written), {@code =} (written) or {@code ~} (neither). */
    static Operand parse(String text) {
        char last = text.charAt(text.length() - 1);
        String body = last == '+' || last == '=' || last == '~' ? text.substring(0, text.length() - 1) : text;
        boolean read = last != '=' && last != '~';
        boolean written = last == '+' || last == '=';
        return switch (body) {
            case "AL" -> new Operand(OperandKind.GPR, OperandSize.BYTE, 0, read, written);
            case "CL" -> new Operand(OperandKind.GPR, OperandSize.BYTE, 1, read, written);
            case "AX" -> new Operand(OperandKind.GPR, OperandSize.WORD, 0, read, written);
            case "DX" -> new Operand(OperandKind.GPR, OperandSize.WORD, 2, read, written);
            case "eAX" -> new Operand(OperandKind.GPR, OperandSize.Z, 0, read, written);
            case "rAX" -> new Operand(OperandKind.GPR, OperandSize.V, 0, read, written);
            case "ES", "CS", "SS", "DS", "FS", "GS" ->
                new Operand(OperandKind.SEGMENT, OperandSize.WORD, "ECSDFG".indexOf(body.charAt(0)), read, written);
            case "XMM0" -> new Operand(OperandKind.XMM0, OperandSize.OWORD, 0, read, written);
            case "ST0" -> new Operand(OperandKind.ST0, OperandSize.TBYTE, 0, read, written);
            case "STi" -> new Operand(OperandKind.STI, OperandSize.TBYTE, 0, read, written);
            case "1" -> new Operand(OperandKind.ONE, OperandSize.BYTE, 1, read, written);
            default -> lettered(body, read, written);
        };
    }

    private static Operand lettered(String body, boolean read, boolean written) {
        String size = body.substring(1);
        if (body.startsWith("S") && size.length() == 2) {
            // Sxd: index register as wide as the vector, or (X) 16 bytes; then the element.
            OperandSize index = size.charAt(0) == 'X' ? OperandSize.XMM : OperandSize.VECTOR;
            return new Operand(OperandKind.VSIB, index, size.charAt(1) == 'd' ? 4 : 8, read, written);
        }
        OperandKind kind = OperandKind.valueOf(body.substring(0, 1));
        return new Operand(kind, size(kind, size), 0, read, written);
    }

    private static OperandSize size(OperandKind kind, String token) {
        if (token.equals("x")) {
            return kind == OperandKind.E ? OperandSize.MOVSXD : OperandSize.VECTOR;
        }
        if (token.equals("s")) {
            return kind == OperandKind.I ? OperandSize.SIGNED_BYTE : OperandSize.SPECIAL;
        }
        for (OperandSize size : OperandSize.values()) {
            if (size.token().equals(token)) {
                return size;
            }
        }
        throw new IllegalStateException("no operand size is written " + token);
    }

    /** The same in a VEX form: as wide as VEX.L says. */
    Operand widened() {
        return size == OperandSize.OWORD ? new Operand(kind, OperandSize.VECTOR, number, read, written) : this;
    }

    /** The same, only written: the first operand of a VEX form whose SSE form also reads it. */
    Operand writtenOnly() {
        return new Operand(kind, size, number, false, true);
    }
}
