package io.javisor.emulator.decode;

/** Reads what follows a ModRM byte that names memory: SIB and displacement (SDM volume 2, §2.1.5). */
final class MemoryOperandReader {
    private static final int RBX = 3;
    private static final int RSP = 4;
    private static final int RBP = 5;
    private static final int RSI = 6;
    private static final int RDI = 7;

    private static final int[] BASES_16 = {RBX, RBX, RBP, RBP, RSI, RDI, RBP, RBX};
    private static final int[] INDEXES_16 = {RSI, RDI, RSI, RDI, -1, -1, -1, -1};

    private MemoryOperandReader() {}

    static void read(Decoder from, Instruction to) {
        if (to.addressSize == 2) {
            read16(from, to);
        } else {
            read32(from, to);
        }
        if (!to.segmentOverridden && (to.base == RSP || to.base == RBP)) {
            to.segment = Instruction.SS;
        }
    }

    private static void read16(Decoder from, Instruction to) {
        int mod = to.modrm >> 6;
        int rm = to.modrm & 7;
        if (mod == 0 && rm == 6) {
            to.displacement = (short) from.next(2);
            to.displacementSize = 2;
            return;
        }
        to.base = BASES_16[rm];
        to.index = INDEXES_16[rm];
        displacement(from, to, mod, 2);
    }

    private static void read32(Decoder from, Instruction to) {
        int mod = to.modrm >> 6;
        int rm = to.modrm & 7;
        if (rm == RSP) {
            int sib = from.next();
            int index = (sib >> 3 & 7) | (to.rex & Instruction.REX_X) << 2;
            boolean vector = isVsib(to.form);
            to.scale = sib >> 6;
            to.index = index == RSP && !vector ? Instruction.NO_REGISTER : index;
            if ((sib & 7) == RBP && mod == 0) {
                to.displacement = (int) from.next(4);
                to.displacementSize = 4;
                return;
            }
            to.base = (sib & 7) | (to.rex & Instruction.REX_B) << 3;
        } else if (rm == RBP && mod == 0) {
            to.displacement = (int) from.next(4);
            to.displacementSize = 4;
            to.base = to.mode == 64 ? Instruction.RIP : Instruction.NO_REGISTER;
            return;
        } else {
            to.base = rm | (to.rex & Instruction.REX_B) << 3;
        }
        displacement(from, to, mod, 4);
    }

    private static void displacement(Decoder from, Instruction to, int mod, int wide) {
        if (mod == 1) {
            to.displacement = (byte) from.next();
            to.displacementSize = 1;
        } else if (mod == 2) {
            to.displacement = wide == 2 ? (short) from.next(2) : (int) from.next(4);
            to.displacementSize = wide;
        }
    }

    private static boolean isVsib(Form form) {
        for (int i = 0; i < form.operands().size(); i++) {
            if (form.operands().get(i).kind() == OperandKind.VSIB) {
                return true;
            }
        }
        return false;
    }
}
