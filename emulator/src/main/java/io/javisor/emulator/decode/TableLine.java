package io.javisor.emulator.decode;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Reads a line of the table into the forms that it stands for. The notation is {@link InstructionTable}'s. */
final class TableLine {
    private static final int MATCH_W = Decoder.MATCH_W;

    private final String prefix;
    private final boolean vex;
    private final int map;
    private int code;
    private final boolean plus;
    private final boolean conditions;
    private int extension = -1;
    private int rm = -1;
    private int w = -1;
    private int l = -1;
    private int matchMask;
    private int matchValue;
    private final String name;
    private final List<String> operandTexts;
    private InstructionClass kind = InstructionClass.COMPUTE;
    private int flagsRead;
    private int flagsWritten;
    private int flagsMaybe;
    private int flagsUndefined;
    private int implicitRead;
    private int implicitWritten;
    private long features;
    private long traits;
    private String vexForm = "";
    private boolean unaligned;
    private boolean aligned;
    private boolean byLength;
    private String emitted = "";

    private TableLine(String line, String defaults) {
        String[] words = line.split(" ");
        String[] opcodeParts = words[0].split("/");
        String[] path = opcodeParts[0].split("\\.", -1);
        int at = 0;
        vex = path[0].equals("v");
        if (vex) {
            at++;
        }
        prefix = List.of("np", "66", "f3", "f2", "mm").contains(path[at]) && at < path.length - 1 ? path[at++] : "";
        map = at == path.length - 1 ? 0 : map(path[at++]);
        String last = path[at];
        plus = last.endsWith("+");
        conditions = last.endsWith("*");
        code = Integer.parseInt(plus || conditions ? last.substring(0, last.length() - 1) : last, 16);
        int numbers = 0;
        for (String part : Arrays.asList(opcodeParts).subList(1, opcodeParts.length)) {
            switch (part) {
                case "m" -> match(Decoder.MATCH_REGISTER, 0);
                case "r" -> match(Decoder.MATCH_REGISTER, Decoder.MATCH_REGISTER);
                case "w0", "w1" -> {
                    w = part.charAt(1) - '0';
                    match(MATCH_W, w == 1 ? MATCH_W : 0);
                }
                case "l0", "l1" -> {
                    l = part.charAt(1) - '0';
                    match(Decoder.MATCH_L, l == 1 ? Decoder.MATCH_L : 0);
                }
                case "b0" -> match(Decoder.MATCH_B, 0);
                default -> {
                    int number = Integer.parseInt(part);
                    if (numbers++ == 0) {
                        extension = number;
                        match(7 << Decoder.MATCH_REG_SHIFT, number << Decoder.MATCH_REG_SHIFT);
                    } else {
                        rm = number;
                        match(7, number);
                    }
                }
            }
        }
        name = words[1];
        operandTexts = words[2].equals("-") ? List.of() : List.of(words[2].split(","));
        boolean featureNamed = false;
        for (String word : Arrays.asList(words).subList(3, words.length)) {
            featureNamed |= attribute(word);
        }
        if (!featureNamed && !defaults.isEmpty()) {
            boolean _ = attribute(defaults);
        }
    }

    /** Adds the line's forms. {@code defaults} is the feature that a line has that names none, or empty. */
    static void read(String line, String defaults, List<Form> forms) {
        TableLine parsed = new TableLine(line, defaults);
        if (parsed.conditions) {
            int first = parsed.code;
            for (int i = 0; i < 16; i++) {
                parsed.code = first + i;
                parsed.flagsRead = Flags.conditionFlags(i);
                parsed.add(parsed.name.replace("*", Flags.conditionName(i)), forms);
            }
        } else {
            parsed.add(parsed.name, forms);
        }
    }

    private static int map(String text) {
        return switch (text) {
            case "0f" -> 1;
            case "0f38" -> 2;
            case "0f3a" -> 3;
            default -> throw new IllegalStateException("no opcode map is written " + text);
        };
    }

    private void match(int mask, int value) {
        matchMask |= mask;
        matchValue = (matchValue & ~mask) | value;
    }

    /** Takes an attribute in; whether it was a feature. */
    private boolean attribute(String word) {
        int colon = word.indexOf(':');
        if (colon > 0) {
            String value = word.substring(colon + 1);
            switch (word.substring(0, colon)) {
                case "r" -> flagsRead = value.equals("*") ? 0 : Flags.parse(value);
                case "w" -> flagsWritten = Flags.parse(value);
                case "m" -> flagsMaybe = Flags.parse(value);
                case "u" -> flagsUndefined = Flags.parse(value);
                case "i" -> implicit(value);
                case "as" -> emitted = value;
                default -> throw new IllegalStateException("no attribute is written " + word);
            }
            return false;
        }
        switch (word) {
            case "alu" -> flagsWritten = Flags.STATUS;
            case "logic" -> {
                flagsWritten = Flags.STATUS;
                flagsUndefined = Flags.AF;
            }
            case "o64" -> match(Decoder.MATCH_LONG, Decoder.MATCH_LONG);
            case "i64" -> match(Decoder.MATCH_LONG, 0);
            case "stack" -> kind = InstructionClass.STACK;
            case "string" -> kind = InstructionClass.STRING;
            case "state" -> kind = InstructionClass.STATE;
            case "flow" -> kind = InstructionClass.FLOW;
            case "sys" -> kind = InstructionClass.SYSTEM;
            case "ud" -> kind = InstructionClass.UNDEFINED;
            case "ua" -> unaligned = true;
            case "al" -> aligned = true;
            case "avxi" -> {
                byLength = true;
                features |= Feature.AVX.mask();
                return true;
            }
            case "v", "vi", "vs", "vl", "v3", "v3i", "v3s", "v3l" -> vexForm = word;
            default -> {
                return traitOrFeature(word);
            }
        }
        return false;
    }

    private boolean traitOrFeature(String word) {
        for (Trait trait : Trait.values()) {
            if (trait.token().equals(word)) {
                traits |= trait.bit();
                return false;
            }
        }
        for (Feature feature : Feature.values()) {
            if (feature.token().equals(word)) {
                features |= feature.mask();
                return true;
            }
        }
        throw new IllegalStateException("no attribute is written " + word);
    }

    /** Letters a, c, d, b for RAX, RCX, RDX, RBX and x for XMM0; {@code +} and {@code =} as with operands. */
    private void implicit(String text) {
        for (int i = 0; i < text.length(); i++) {
            int at = "acdb".indexOf(text.charAt(i));
            int bit = at < 0 ? Form.IMPLICIT_XMM0 : 1 << at;
            char mark = i + 1 < text.length() ? text.charAt(i + 1) : ' ';
            if (mark != '=') {
                implicitRead |= bit;
            }
            if (mark == '=' || mark == '+') {
                implicitWritten |= bit;
                i++;
            }
        }
    }

    private void add(String mnemonic, List<Form> forms) {
        if (vex && byLength) {
            addVex(mnemonic, operands(operandTexts), true, forms);
        } else if (prefix.equals("mm")) {
            addIntegerPair(mnemonic, forms);
        } else {
            List<Operand> operands = operands(operandTexts);
            forms.add(form(mnemonic, vex, operands, features, matchMask, matchValue, l, forms.size()));
            addVexForm(mnemonic, operands, forms);
        }
    }

    /** A line of the kind {@code mm}: the MMX form without a prefix and the SSE form with 66, then VEX forms. */
    private void addIntegerPair(String mnemonic, List<Form> forms) {
        boolean onlyWritten = operandTexts.get(0).equals("@=");
        boolean count = operandTexts.get(0).equals("@X");
        List<String> rest = operandTexts.subList(1, operandTexts.size());
        List<Operand> small = new ArrayList<>(operands(List.of(onlyWritten ? "Pq=" : "Pq+", "Qq")));
        small.addAll(operands(rest));
        List<Operand> large = new ArrayList<>(operands(List.of(onlyWritten ? "Vo=" : "Vo+", count ? "WX" : "Wo")));
        large.addAll(operands(rest));
        long mmx = Feature.MMX.mask() | (features & ~Feature.SSE2.mask());
        forms.add(form(mnemonic, small, Opcode.NONE, mmx, forms.size()));
        forms.add(form(mnemonic, large, Opcode.P66, features, forms.size()));
        addVexForm(mnemonic, large, forms);
    }

    private static List<Operand> operands(List<String> texts) {
        List<Operand> operands = new ArrayList<>();
        for (String text : texts) {
            operands.add(Operand.parse(text));
        }
        return operands;
    }

    private void addVexForm(String mnemonic, List<Operand> legacy, List<Form> forms) {
        if (vexForm.isEmpty()) {
            return;
        }
        boolean scalar = vexForm.endsWith("s");
        boolean fixed = scalar || vexForm.endsWith("l");
        List<Operand> operands = new ArrayList<>();
        for (Operand operand : legacy) {
            operands.add(fixed ? operand : operand.widened());
        }
        if (vexForm.contains("3")) {
            Operand first = operands.get(0);
            operands.set(0, first.writtenOnly());
            OperandSize size = fixed ? OperandSize.OWORD : OperandSize.VECTOR;
            operands.add(1, new Operand(OperandKind.H, size, 0, true, false));
        }
        String vexName = "v" + mnemonic.replace("|", "|v");
        long own = features & (Feature.AES.mask() | Feature.PCLMUL.mask());
        long before = features;
        features = own | Feature.AVX.mask();
        if (vexForm.endsWith("i")) {
            addVex(vexName, operands, true, forms);
        } else if (vexForm.endsWith("l")) {
            forms.add(
                    form(vexName, true, operands, features, matchMask | Decoder.MATCH_L, matchValue, 0, forms.size()));
        } else {
            addVex(vexName, operands, false, forms);
        }
        features = before;
    }

    /** Adds a VEX form, or two if 32 bytes need AVX2 where 16 need AVX. */
    private void addVex(String mnemonic, List<Operand> operands, boolean avx2, List<Form> forms) {
        if (!avx2) {
            forms.add(form(mnemonic, true, operands, features, matchMask, matchValue, l, forms.size()));
            return;
        }
        int mask = matchMask | Decoder.MATCH_L;
        long wide = (features & ~Feature.AVX.mask()) | Feature.AVX2.mask();
        forms.add(form(mnemonic, true, operands, features, mask, matchValue, 0, forms.size()));
        forms.add(form(mnemonic, true, operands, wide, mask, matchValue | Decoder.MATCH_L, 1, forms.size()));
    }

    private int prefixNumber() {
        return switch (prefix) {
            case "" -> Opcode.ANY;
            case "np" -> Opcode.NONE;
            case "66", "mm" -> Opcode.P66;
            case "f3" -> Opcode.PF3;
            default -> Opcode.PF2;
        };
    }

    private Form form(String mnemonic, List<Operand> operands, int prefixNumber, long needed, int id) {
        return form(mnemonic, false, operands, needed, matchMask, matchValue, l, prefixNumber, id);
    }

    private Form form(
            String mnemonic,
            boolean asVex,
            List<Operand> operands,
            long needed,
            int mask,
            int value,
            int length,
            int id) {
        return form(mnemonic, asVex, operands, needed, mask, value, length, prefixNumber(), id);
    }

    private Form form(
            String mnemonic,
            boolean asVex,
            List<Operand> operands,
            long needed,
            int mask,
            int value,
            int length,
            int prefixNumber,
            int id) {
        int fullMask = mask;
        int fullValue = value;
        if (prefixNumber != Opcode.ANY) {
            fullMask |= 3 << Decoder.MATCH_PREFIX_SHIFT;
            fullValue |= prefixNumber << Decoder.MATCH_PREFIX_SHIFT;
        }
        Opcode opcode = new Opcode(map + (asVex ? Opcode.VEX : 0), code, prefixNumber, extension, rm, w, length);
        return new Form(
                id,
                List.of(mnemonic.split("\\|")),
                opcode,
                emitted.isEmpty() ? opcode : emittedOpcode(),
                plus,
                fullMask,
                fullValue,
                List.copyOf(operands),
                kind,
                new FlagEffects(flagsRead, flagsWritten | flagsUndefined, flagsMaybe, flagsUndefined),
                implicitRead,
                implicitWritten,
                needed,
                traits | alignment(asVex, operands));
    }

    /** Legacy SSE forms with 16 bytes of memory want them aligned unless the table says {@code ua}; VEX forms only if it says {@code al}. */
    private long alignment(boolean asVex, List<Operand> operands) {
        if (asVex) {
            return aligned ? Trait.ALIGN.bit() : 0;
        }
        for (Operand operand : operands) {
            boolean vector = operand.kind() == OperandKind.W || operand.kind() == OperandKind.M;
            boolean whole = operand.size() == OperandSize.OWORD || operand.size() == OperandSize.XMM;
            if (vector && whole && !unaligned && kind == InstructionClass.COMPUTE) {
                return Trait.ALIGN.bit();
            }
        }
        return 0;
    }

    private Opcode emittedOpcode() {
        String[] parts = emitted.split("/", -1);
        boolean two = parts[0].startsWith("0f");
        return new Opcode(
                two ? 1 : 0,
                Integer.parseInt(two ? parts[0].substring(2) : parts[0], 16),
                Opcode.ANY,
                parts.length > 1 ? Integer.parseInt(parts[1]) : -1,
                -1,
                -1,
                -1);
    }
}
