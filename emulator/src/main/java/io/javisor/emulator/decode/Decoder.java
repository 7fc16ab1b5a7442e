package io.javisor.emulator.decode;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads instructions. What is undefined is decided here as far as the bytes, the mode and the offered features decide it: unknown opcodes,
 * LOCK where it does not belong, prefixes before VEX, registers that do not exist. What depends on control registers (CR4.OSFXSR, CR0.TS,
 * real mode) is for whoever carries the instruction out.
 *
 * <p>Allocates nothing after its creation; not for several threads.
 */
public final class Decoder {
    /** {@link #decode}: the instruction is complete. */
    public static final int OK = 0;
    /** It goes on after the bytes that are there. */
    public static final int NEEDS_MORE = 1;
    /** #UD. */
    public static final int UNDEFINED = 2;
    /** More than 15 bytes: #GP(0). */
    public static final int TOO_LONG = 3;

    /** The longest instruction, in bytes (SDM volume 2, §2.3.11). */
    public static final int MAX_LENGTH = 15;

    // The context that forms are matched by: ModRM.rm and reg, then what follows.
    static final int MATCH_REG_SHIFT = 3;
    static final int MATCH_REGISTER = 1 << 6;
    static final int MATCH_PREFIX_SHIFT = 7;
    static final int MATCH_W = 1 << 9;
    static final int MATCH_L = 1 << 10;
    static final int MATCH_LONG = 1 << 11;
    static final int MATCH_B = 1 << 12;

    private final Form[][] forms;
    private final boolean[] hasModrm;

    /** The bytes at hand, and zeros after them: no reading can pass the end. */
    private final byte[] window = new byte[48];

    private int position;
    private boolean simdPrefix66;
    private int unusedVvvv;

    /** @param offered what CPUID tells the guest: an instruction whose features are not all in it is undefined */
    public Decoder(Set<Feature> offered) {
        FormIndex index = FormIndex.of(offered);
        forms = index.forms;
        hasModrm = index.hasModrm;
    }

    /**
     * Decodes one instruction.
     *
     * @param code where its bytes are, from {@code offset}; {@code available} of them may be read, 15 are always enough
     * @param mode 16, 32 or 64: the default operand and address size of the code segment, 64 for 64-bit mode
     * @param to filled if the result is {@link #OK}; else of no meaning
     * @return {@link #OK}, {@link #NEEDS_MORE}, {@link #UNDEFINED} or {@link #TOO_LONG}
     */
    public int decode(MemorySegment code, long offset, int available, int mode, Instruction to) {
        int count = Math.min(available, MAX_LENGTH);
        if (available > MAX_LENGTH) {
            // By words: each access costs much until it is compiled, and so would a copy into an array.
            unpack(code.get(ValueLayout.JAVA_LONG_UNALIGNED, offset), 0);
            unpack(code.get(ValueLayout.JAVA_LONG_UNALIGNED, offset + 8), 8);
        } else {
            for (int i = 0; i < count; i++) {
                window[i] = code.get(ValueLayout.JAVA_BYTE, offset + i);
            }
        }
        return decode(count, available, mode, to);
    }

    /** As {@link #decode(MemorySegment, long, int, int, Instruction)}, from an array. */
    public int decode(byte[] code, int offset, int available, int mode, Instruction to) {
        int count = Math.min(available, MAX_LENGTH);
        System.arraycopy(code, offset, window, 0, count);
        return decode(count, available, mode, to);
    }

    private void unpack(long bytes, int at) {
        for (int i = 0; i < 8; i++) {
            window[at + i] = (byte) (bytes >>> (8 * i));
        }
    }

    private int decode(int count, int available, int mode, Instruction to) {
        for (int i = count; i <= MAX_LENGTH; i++) {
            window[i] = 0;
        }
        int result = decode(mode, to);
        to.length = position;
        if (position > count) {
            return available < MAX_LENGTH ? NEEDS_MORE : TOO_LONG;
        }
        return result;
    }

    private int decode(int mode, Instruction to) {
        to.mode = mode;
        to.rex = 0;
        to.lock = false;
        to.repeat = 0;
        to.segmentOverridden = false;
        to.segment = Instruction.DS;
        to.vvvv = 0;
        to.vectorLength = 16;
        to.memory = false;
        to.base = Instruction.NO_REGISTER;
        to.index = Instruction.NO_REGISTER;
        to.scale = 0;
        to.displacement = 0;
        to.displacementSize = 0;
        to.immediate = 0;
        to.immediate2 = 0;
        to.modrm = 0;
        int opcode = prefixes(mode, to);
        if (position > MAX_LENGTH) {
            return TOO_LONG;
        }
        int space = 0;
        int prefix = to.repeat == 0xf3 ? Opcode.PF3 : to.repeat == 0xf2 ? Opcode.PF2 : simdPrefix66 ? Opcode.P66 : 0;
        if (opcode == 0x0f) {
            opcode = next();
            space = 1;
            if (opcode == 0x38) {
                space = 2;
                opcode = next();
            } else if (opcode == 0x3a) {
                space = 3;
                opcode = next();
            }
        } else if ((opcode == 0xc4 || opcode == 0xc5) && (mode == 64 || (window[position] & 0xc0) == 0xc0)) {
            if (to.lock || prefix != 0 || to.rex != 0) {
                return UNDEFINED;
            }
            int payload = vex(opcode, mode, to);
            space = Opcode.VEX + (payload >> 2);
            prefix = payload & 3;
            if (space == Opcode.VEX || space >= Opcode.SPACES) {
                return UNDEFINED;
            }
            opcode = next();
        }
        to.opcodeByte = opcode;
        return operands(space << 8 | opcode, prefix, to);
    }

    /** Reads prefixes and returns the byte after them. */
    private int prefixes(int mode, Instruction to) {
        position = 0;
        boolean size66 = false;
        boolean size67 = false;
        int rex = 0;
        while (position < MAX_LENGTH) {
            int prefix = next();
            switch (prefix) {
                case 0x66 -> size66 = true;
                case 0x67 -> size67 = true;
                case 0xf0 -> to.lock = true;
                case 0xf2, 0xf3 -> to.repeat = prefix;
                case 0x26, 0x2e, 0x36, 0x3e -> {
                    // In 64-bit mode these are read and forgotten (SDM volume 2, §2.1.1).
                    if (mode != 64) {
                        to.segment = prefix >> 3 & 3;
                        to.segmentOverridden = true;
                    }
                }
                case 0x64, 0x65 -> {
                    to.segment = prefix - 0x64 + Instruction.FS;
                    to.segmentOverridden = true;
                }
                default -> {
                    if (mode == 64 && (prefix & 0xf0) == 0x40) {
                        rex = prefix;
                        continue;
                    }
                    to.rex = rex;
                    sizes(mode, size66, size67, to);
                    return prefix;
                }
            }
            rex = 0; // counts only right before the opcode (SDM volume 2, §2.2.1)
        }
        position++;
        return 0;
    }

    private void sizes(int mode, boolean size66, boolean size67, Instruction to) {
        simdPrefix66 = size66;
        to.operandSizePrefix = size66;
        if ((to.rex & Instruction.REX_W) != 0) {
            to.operandSize = 8;
        } else {
            to.operandSize = (mode == 16) != size66 ? 2 : 4;
        }
        if (mode == 64) {
            to.addressSize = size67 ? 4 : 8;
        } else {
            to.addressSize = (mode == 16) != size67 ? 2 : 4;
        }
    }

    /** Reads the VEX prefix (SDM volume 2, §2.3.5); returns the map's number, shifted, and the implied prefix. */
    private int vex(int first, int mode, Instruction to) {
        int byte1 = next();
        int map = 1;
        int rex = Instruction.REX | (~byte1 >> 5 & 4);
        int last = byte1;
        if (first == 0xc4) {
            map = byte1 & 0x1f;
            rex |= ~byte1 >> 5 & 3;
            last = next();
            rex |= last >> 4 & 8;
        }
        to.rex = mode == 64 ? rex : rex & ~7;
        to.vvvv = ~last >> 3 & (mode == 64 ? 15 : 7);
        to.vectorLength = (last & 4) != 0 ? 32 : 16;
        to.operandSize = (rex & Instruction.REX_W) != 0 && mode == 64 ? 8 : 4;
        unusedVvvv = ~last >> 3 & 15;
        return map << 2 | (last & 3);
    }

    private int operands(int slot, int prefix, Instruction to) {
        int context = prefix << MATCH_PREFIX_SHIFT
                | ((to.rex & Instruction.REX_W) != 0 ? MATCH_W : 0)
                | (to.vectorLength == 32 ? MATCH_L : 0)
                | (to.mode == 64 ? MATCH_LONG : 0)
                | ((to.rex & Instruction.REX_B) != 0 ? MATCH_B : 0);
        boolean modrm = hasModrm[slot];
        if (modrm) {
            to.modrm = next();
            context |= (to.modrm & 0x3f) | (to.modrm >= 0xc0 ? MATCH_REGISTER : 0);
        }
        Form form = match(forms[slot], context);
        if (form == null) {
            if (modrm && !anyMatches(forms[slot], context)) {
                position--; // whatever the ModRM byte, which may be on a page that is not there
            }
            return UNDEFINED;
        }
        to.form = form;
        if (to.mode == 64 && !form.opcode().vex()) {
            if (form.has(Trait.F64)) {
                to.operandSize = 8;
            } else if (form.has(Trait.D64) && to.operandSize == 4) {
                to.operandSize = 8;
            }
        }
        if (modrm && to.modrm < 0xc0 && !form.has(Trait.MODANY)) {
            to.memory = true;
            MemoryOperandReader.read(this, to);
        }
        immediates(form, to);
        return checks(form, to);
    }

    private static @Nullable Form match(Form[] candidates, int context) {
        for (Form form : candidates) {
            if (((context ^ form.matchValue()) & form.matchMask()) == 0) {
                return form;
            }
        }
        return null;
    }

    /** Whether one could match if the ModRM byte were another. */
    private static boolean anyMatches(Form[] candidates, int context) {
        for (Form form : candidates) {
            if (((context ^ form.matchValue()) & form.matchMask() & -(MATCH_REGISTER << 1)) == 0) {
                return true;
            }
        }
        return false;
    }

    private void immediates(Form form, Instruction to) {
        for (int i = 0; i < form.operandCount(); i++) {
            Operand operand = form.operand(i);
            switch (operand.kind()) {
                case I -> immediate(operand, i, to);
                case J ->
                    to.immediate = operand.size() == OperandSize.BYTE
                            ? (byte) next()
                            : to.operandSize == 2 ? (short) next(2) : (int) next(4);
                case L -> to.immediate = next();
                case A -> {
                    to.immediate = to.operandSize == 2 ? next(2) : next(4);
                    to.immediate2 = (int) next(2);
                }
                case O -> {
                    to.memory = true;
                    to.displacement = next(to.addressSize);
                    to.displacementSize = to.addressSize;
                }
                default -> {}
            }
        }
    }

    private void immediate(Operand operand, int number, Instruction to) {
        long value =
                switch (operand.size()) {
                    case BYTE -> next();
                    case SIGNED_BYTE -> (byte) next();
                    case WORD -> next(2);
                    case Z -> to.operandSize == 2 ? (short) next(2) : (int) next(4);
                    default -> next(to.operandSize);
                };
        if (number == 1
                && operand.size() == OperandSize.BYTE
                && to.form.operand(0).kind() == OperandKind.I) {
            to.immediate2 = (int) value; // ENTER's nesting level
        } else {
            to.immediate = value;
        }
    }

    /** What is undefined though the form is known. */
    private int checks(Form form, Instruction to) {
        if (form.kind() == InstructionClass.UNDEFINED) {
            return UNDEFINED;
        }
        if (to.lock
                && !(form.has(Trait.LOCK) && to.inMemory(form.operand(0)))
                && !(form.has(Trait.ATOMIC) && to.memory)) {
            return UNDEFINED;
        }
        boolean usesVvvv = false;
        for (int i = 0; i < form.operandCount(); i++) {
            Operand operand = form.operand(i);
            int number = to.reg();
            boolean defined =
                    switch (operand.kind()) {
                        case S ->
                            (number & 7) <= Instruction.GS && !(operand.written() && (number & 7) == Instruction.CS);
                        case C -> number == 0 || (number >= 2 && number <= 4) || number == 8;
                        case D -> number < 8;
                        case VSIB -> vsib(to);
                        case M -> to.memory;
                        case B, H -> {
                            usesVvvv = true;
                            yield true;
                        }
                        default -> true;
                    };
            if (!defined) {
                return UNDEFINED;
            }
        }
        return form.opcode().vex() && !usesVvvv && unusedVvvv != 0 ? UNDEFINED : OK;
    }

    /** Gather: an index by SIB, and three different registers (SDM volume 2, VGATHERDPS). */
    private static boolean vsib(Instruction to) {
        int index = to.index;
        return to.addressSize != 2
                && index != Instruction.NO_REGISTER
                && index != to.reg()
                && index != to.vvvv
                && to.vvvv != to.reg();
    }

    /** The next byte; 0 after the end, which {@link #decode} finds out by the position. */
    int next() {
        return window[position++] & 0xff;
    }

    /** The next {@code count} bytes as a number without sign. */
    long next(int count) {
        long value = 0;
        for (int i = 0; i < count; i++) {
            value |= (long) next() << (8 * i);
        }
        return value;
    }
}
