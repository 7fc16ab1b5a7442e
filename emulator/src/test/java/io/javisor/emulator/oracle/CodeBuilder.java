package io.javisor.emulator.oracle;

import io.javisor.emulator.decode.Form;
import io.javisor.emulator.decode.InstructionClass;
import io.javisor.emulator.decode.Opcode;
import io.javisor.emulator.decode.Operand;
import io.javisor.emulator.decode.OperandKind;
import io.javisor.emulator.decode.Trait;
import java.util.SplittableRandom;

/** Makes bytes of a form with operands, prefixes and addressing of all kinds, at random. Some come out as another form: the decoder tells. */
final class CodeBuilder {
    private static final int NOWHERE = -1;
    private static final int[] MANDATORY = {0, 0x66, 0xf3, 0xf2};

    private final SplittableRandom random;
    final byte[] code = new byte[32];
    int length;

    /** Where a displacement of 4 bytes, or a moffs, lies; or below 0. */
    int displacementAt;

    CodeBuilder(SplittableRandom random) {
        this.random = random;
    }

    void build(Form form) {
        length = 0;
        displacementAt = NOWHERE;
        Opcode opcode = form.opcode();
        if (random.nextInt(8) == 0) {
            put(0x67);
        }
        if (random.nextInt(16) == 0) {
            put(0x65);
        }
        if (opcode.vex()) {
            vex(opcode);
        } else {
            legacy(form, opcode);
        }
        put(opcode.code() + (form.plus() ? random.nextInt(8) : 0));
        if (form.hasModrm()) {
            modrm(form, opcode);
        }
        for (Operand operand : form.operands()) {
            if (operand.kind() == OperandKind.O) {
                displacementAt = length;
            }
        }
        for (int i = 0; i < 10; i++) {
            put(random.nextInt(4) == 0 ? random.nextInt(4) : random.nextInt(256));
        }
    }

    private void put(int value) {
        code[length++] = (byte) value;
    }

    /**
     * Whether F3 and F2, which mean nothing to it, mean nothing to every host. With LOOP they do to some, and with BSF and BSR to
     * those that have TZCNT and LZCNT, even where a hypervisor hides that. F3 90 is PAUSE, with REX.B on Intel's processors, too; the
     * manual has an XCHG there.
     */
    private static boolean mayBeRepeated(Form form) {
        String name = form.names().get(0);
        boolean pause = name.equals("xchg") && form.plus();
        return form.kind() != InstructionClass.FLOW && !name.equals("bsf") && !name.equals("bsr") && !pause;
    }

    private void legacy(Form form, Opcode opcode) {
        boolean sized = opcode.prefix() == Opcode.ANY || form.dependsOnOperandSize();
        // AMD's processors take 66 before a near branch for an operand size of 16 bits, Intel's and the engine do not.
        sized &= form.kind() != InstructionClass.FLOW;
        if (opcode.prefix() == Opcode.P66 || (sized && opcode.prefix() != Opcode.NONE && random.nextInt(4) == 0)) {
            put(0x66);
        }
        if (opcode.prefix() >= Opcode.PF3) {
            put(MANDATORY[opcode.prefix()]);
        } else if (form.kind() == InstructionClass.STRING && random.nextBoolean()) {
            put(random.nextBoolean() ? 0xf2 : 0xf3);
        } else if (opcode.prefix() == Opcode.ANY && mayBeRepeated(form) && random.nextInt(32) == 0) {
            put(random.nextBoolean() ? 0xf2 : 0xf3);
        }
        if (form.has(Trait.LOCK) && random.nextInt(4) == 0) {
            put(0xf0);
        }
        if (opcode.w() == 1 || random.nextBoolean()) {
            int w = opcode.w() >= 0 ? opcode.w() : random.nextInt(2);
            put(0x40 | w << 3 | random.nextInt(8));
        }
        switch (opcode.space()) {
            case 1 -> put(0x0f);
            case 2 -> {
                put(0x0f);
                put(0x38);
            }
            case 3 -> {
                put(0x0f);
                put(0x3a);
            }
            default -> {}
        }
    }

    private void vex(Opcode opcode) {
        int w = opcode.w() >= 0 ? opcode.w() : random.nextInt(2);
        int l = opcode.l() >= 0 ? opcode.l() : random.nextInt(2);
        int vvvv = random.nextInt(3) == 0 ? 15 : random.nextInt(16);
        int tail = vvvv << 3 | l << 2 | opcode.prefix();
        if (opcode.space() == Opcode.VEX + 1 && w == 0 && random.nextBoolean()) {
            put(0xc5);
            put(random.nextInt(2) << 7 | tail);
        } else {
            put(0xc4);
            put(random.nextInt(8) << 5 | opcode.space() - Opcode.VEX);
            put(w << 7 | tail);
        }
    }

    private void modrm(Form form, Opcode opcode) {
        int mod = random.nextInt(2) == 0 ? 3 : random.nextInt(3);
        int reg = opcode.extension() >= 0 ? opcode.extension() : random.nextInt(8);
        int rm = opcode.rm() >= 0 ? opcode.rm() : random.nextInt(8);
        for (Operand operand : form.operands()) {
            if (operand.kind() == OperandKind.VSIB) {
                mod = random.nextInt(3);
                rm = 4;
            } else if (operand.kind() == OperandKind.M) {
                mod = random.nextInt(3);
            }
        }
        put(mod << 6 | reg << 3 | rm);
        if (mod == 3) {
            return;
        }
        int base = rm;
        if (rm == 4) {
            base = random.nextInt(8);
            put(random.nextInt(4) << 6 | random.nextInt(8) << 3 | base);
        }
        if (mod == 1) {
            put(random.nextInt(256));
        } else if (mod == 2 || (base == 5 && mod == 0)) {
            displacementAt = length;
            int displacement = random.nextInt(-0x1000, 0x1000);
            for (int i = 0; i < 4; i++) {
                put(displacement >> (8 * i));
            }
        }
    }
}
