package io.javisor.machine.program;

import static io.javisor.machine.program.Encoder.RAX;
import static io.javisor.machine.program.Encoder.RDX;

import java.util.random.RandomGenerator;

/** Instructions that compute, move or use the stack. Flags that one leaves undefined are defined by another behind it. */
final class SimpleInstructions {
    /** Opcodes of SSE with a mandatory prefix of 0x66: pairs of map and opcode. */
    private static final int[][] INTEGER_VECTORS = {
        {0x0f, 0xfc},
        {0x0f, 0xfe},
        {0x0f, 0xd4},
        {0x0f, 0xef},
        {0x0f, 0x74},
        {0x0f, 0x60},
        {0x0f, 0xf6},
        {0x0f, 0xdb},
        {0x0f, 0xd5},
        {0x0f, 0xf4},
        {0x0f, 0x6b},
        {0x0f, 0xeb}
    };

    private final RandomGenerator random;
    private final int bits;
    private final boolean strict;
    private final Encoder encoder;

    SimpleInstructions(RandomGenerator random, int bits, boolean strict, Encoder encoder) {
        this.random = random;
        this.bits = bits;
        this.strict = strict;
        this.encoder = encoder;
    }

    void add() {
        switch (random.nextInt(34)) {
            case 0, 1, 2, 3 -> arithmetic();
            case 4, 5 -> arithmeticImmediate();
            case 6, 7, 8 -> move();
            case 9 -> moveImmediate();
            case 10 -> extend();
            case 11 -> address();
            case 12 -> exchange();
            case 13 -> shift();
            case 14 -> doubleShift();
            case 15 -> multiplyOrDivide();
            case 16 -> unary();
            case 17 -> bits();
            case 18 -> compareExchange();
            case 19, 20, 21 -> stack();
            case 22 -> conditional();
            case 23 -> oneByte();
            case 24, 25 -> decimal();
            case 26, 27, 28 -> vector();
            case 29 -> frame();
            case 30 -> count();
            default -> arithmetic();
        }
    }

    /** CMP of AL: all flags are defined. */
    private void define() {
        encoder.bytes(0x3c, random.nextInt(256));
    }

    private Encoder.Instruction sized(int opcode) {
        Encoder.Instruction made = encoder.instruction();
        return random.nextInt(4) == 0 ? made.opcode(opcode).bytes() : made.opcode(opcode + 1);
    }

    private Encoder.Instruction sized2(int opcode) {
        Encoder.Instruction made = encoder.instruction();
        return random.nextInt(4) == 0 ? made.opcode(0x0f, opcode).bytes() : made.opcode(0x0f, opcode + 1);
    }

    private void arithmetic() {
        int operation = random.nextInt(8) << 3;
        switch (random.nextInt(3)) {
            case 0 ->
                sized(operation).reg(encoder.any()).lock(random.nextInt(6) == 0).emit(); // with memory
            case 1 -> sized(operation | 2).reg(encoder.free()).emit();
            default -> sized(operation).reg(encoder.any()).rm(encoder.free()).emit();
        }
    }

    private void arithmeticImmediate() {
        Encoder.Instruction made = encoder.instruction().reg(random.nextInt(8));
        if (random.nextBoolean()) {
            made.rm(encoder.free());
        } else {
            made.lock(random.nextInt(8) == 0);
        }
        switch (random.nextInt(3)) {
            case 0 -> made.opcode(0x80).bytes().immediate(1).emit();
            case 1 -> made.opcode(0x83).immediate(1).emit();
            default -> made.opcode(0x81).immediate(-1).emit();
        }
    }

    private void move() {
        switch (random.nextInt(3)) {
            case 0 -> sized(0x88).reg(encoder.any()).emit();
            case 1 -> sized(0x8a).reg(encoder.free()).emit();
            default -> sized(0x88).reg(encoder.any()).rm(encoder.free()).emit();
        }
    }

    private void moveImmediate() {
        if (random.nextBoolean()) {
            encoder.instruction().opcode(0xc6).bytes().immediate(1).emit();
        } else {
            encoder.instruction().opcode(0xc7).immediate(-1).emit();
        }
    }

    private void extend() {
        int opcode = new int[] {0xb6, 0xb7, 0xbe, 0xbf}[random.nextInt(4)];
        Encoder.Instruction made = encoder.instruction().opcode(0x0f, opcode).reg(encoder.free());
        if (random.nextBoolean()) {
            made.rm(encoder.free());
        }
        made.emit();
    }

    private void address() {
        encoder.instruction().opcode(0x8d).reg(encoder.free()).emit();
    }

    private void exchange() {
        switch (random.nextInt(3)) {
            case 0 ->
                sized(0x86).reg(encoder.free()).lock(random.nextInt(4) == 0).emit();
            case 1 -> sized(0x86).reg(encoder.free()).rm(encoder.free()).emit();
            default ->
                sized2(0xc0).reg(encoder.free()).lock(random.nextBoolean()).emit(); // XADD
        }
    }

    private void shift() {
        int operation = new int[] {0, 1, 2, 3, 4, 5, 7}[random.nextInt(7)];
        Encoder.Instruction made =
                switch (random.nextInt(3)) {
                    case 0 -> sized(0xc0).immediate(1);
                    case 1 -> sized(0xd0);
                    default -> sized(0xd2);
                };
        made.reg(operation);
        if (random.nextBoolean()) {
            made.rm(encoder.free());
        }
        made.emit();
        define();
    }

    private void doubleShift() {
        boolean right = random.nextBoolean();
        Encoder.Instruction made = encoder.instruction()
                .opcode(0x0f, right ? 0xac : 0xa4)
                .reg(encoder.any())
                .ripRelative(strict) // QEMU takes RIP without the immediate
                .immediate(1, random.nextInt(16));
        if (random.nextBoolean()) {
            made.rm(encoder.free());
        }
        made.emit();
        define();
    }

    private void multiplyOrDivide() {
        if (random.nextInt(3) == 0) {
            Encoder.Instruction made = encoder.instruction().reg(encoder.free());
            switch (random.nextInt(3)) {
                case 0 -> made.opcode(0x0f, 0xaf);
                case 1 -> made.opcode(0x69).immediate(-1);
                default -> made.opcode(0x6b).immediate(1);
            }
            if (random.nextBoolean()) {
                made.rm(encoder.any());
            }
            made.emit();
        } else {
            int operation = 4 + random.nextInt(4);
            if (operation == 6 && random.nextInt(3) > 0) {
                encoder.bytes(0x31, 0xc0 | RDX << 3 | RDX); // xor edx, edx
            }
            Encoder.Instruction made = sized(0xf6).reg(operation);
            if (random.nextBoolean()) {
                made.rm(encoder.any());
            }
            made.emit();
        }
        define();
    }

    private void unary() {
        Encoder.Instruction made = random.nextBoolean() ? sized(0xf6).reg(2 + random.nextInt(2)) : sized(0xfe);
        if (random.nextBoolean()) {
            made.rm(encoder.free());
        } else {
            made.lock(random.nextInt(6) == 0);
        }
        made.emit();
    }

    private void bits() {
        int operation = random.nextInt(4);
        Encoder.Instruction made = encoder.instruction();
        if (random.nextBoolean()) {
            made.opcode(0x0f, 0xba).reg(4 + operation).immediate(1);
        } else {
            made.opcode(0x0f, 0xa3 + 8 * operation).reg(encoder.any());
        }
        if (random.nextBoolean()) {
            made.rm(encoder.free());
        } else {
            made.lock(operation > 0 && random.nextInt(4) == 0);
        }
        made.emit();
        define();
    }

    private void compareExchange() {
        if (strict && random.nextInt(3) == 0) { // QEMU 7.2 takes the flags of before for others
            encoder.instruction()
                    .opcode(0x0f, 0xc7)
                    .reg(1)
                    .lock(random.nextBoolean())
                    .emit();
        } else if (random.nextBoolean()) {
            sized2(0xb0).reg(encoder.any()).lock(random.nextBoolean()).emit();
        } else {
            sized2(0xb0).reg(encoder.any()).rm(encoder.free()).emit();
        }
    }

    private void stack() {
        switch (random.nextInt(8)) {
            case 0, 1 -> encoder.bytes(0x50 | random.nextInt(8));
            case 2, 3 -> encoder.bytes(0x58 | random.nextInt(3));
            case 4 -> encoder.instruction().opcode(0xff).reg(6).stack().fixed().emit();
            case 5 -> encoder.instruction().opcode(0x8f).reg(0).stack().fixed().emit();
            case 6 -> {
                encoder.bytes(0x68);
                encoder.number(random.nextInt(), bits == 16 ? 2 : 4);
            }
            default -> {
                if (random.nextInt(4) == 0) {
                    encoder.bytes(0x66);
                }
                encoder.bytes(0x6a, random.nextInt(256));
            }
        }
    }

    private void conditional() {
        if (random.nextBoolean()) {
            encoder.instruction()
                    .opcode(0x0f, 0x90 | random.nextInt(16))
                    .bytes()
                    .rm(encoder.free())
                    .emit();
        } else {
            Encoder.Instruction made = encoder.instruction()
                    .opcode(0x0f, 0x40 | random.nextInt(16))
                    .reg(encoder.free());
            if (random.nextBoolean()) {
                made.rm(encoder.any());
            }
            made.emit();
        }
    }

    private void oneByte() {
        int[] opcodes = {0x98, 0x99, 0xf5, 0xf8, 0xf9, 0x9e, 0x9f, 0xd7, 0x90};
        int opcode = opcodes[random.nextInt(opcodes.length)];
        if ((opcode == 0x98 || opcode == 0x99) && random.nextBoolean()) {
            encoder.bytes(bits == 64 ? 0x48 : 0x66);
        }
        encoder.bytes(opcode);
        if (opcode == 0x9f) {
            encoder.bytes(0x80, 0xe4, 0xd7); // and ah: QEMU sets reserved bits now and then
        }
    }

    private void decimal() {
        if (bits == 64) {
            arithmetic();
            return;
        }
        switch (random.nextInt(9)) {
            case 0 -> encoder.bytes(0x27);
            case 1 -> encoder.bytes(0x2f);
            case 2 -> encoder.bytes(0x37);
            case 3 -> encoder.bytes(0x3f);
            case 4 -> encoder.bytes(0xd4, random.nextInt(4) == 0 ? random.nextInt(256) : 10);
            case 5 -> encoder.bytes(0xd5, random.nextInt(4) == 0 ? random.nextInt(256) : 10);
            case 6 -> encoder.bytes(0x40 + random.nextInt(3) + 8 * random.nextInt(2));
            case 7 -> encoder.bytes(0x60, 0x61);
            default ->
                encoder.instruction().opcode(0x62).reg(encoder.free()).plain().emit(); // BOUND
        }
        define();
    }

    private void vector() {
        int register = random.nextInt(8);
        switch (random.nextInt(8)) {
            case 0 ->
                encoder.instruction()
                        .opcode(0x0f, 0x10 + random.nextInt(2))
                        .fixed()
                        .reg(register)
                        .emit();
            case 1 ->
                encoder.instruction()
                        .opcode(0x0f, 0x28 + random.nextInt(2))
                        .fixed()
                        .reg(register)
                        .emit();
            case 2 -> vectorMove(0xf3, register);
            case 3 -> vectorMove(0x66, register);
            case 4, 5 -> {
                Encoder.Instruction made = encoder.instruction()
                        .mandatory(0x66)
                        .opcode(INTEGER_VECTORS[random.nextInt(INTEGER_VECTORS.length)])
                        .reg(register);
                if (random.nextBoolean()) {
                    made.rm(random.nextInt(8));
                }
                made.emit();
            }
            case 6 ->
                encoder.instruction()
                        .mandatory(0x66)
                        .opcode(0x0f, random.nextBoolean() ? 0x6e : 0x7e)
                        .reg(register)
                        .rm(random.nextInt(3))
                        .emit();
            default -> {
                Encoder.Instruction made = encoder.instruction()
                        .mandatory(0x66)
                        .opcode(0x0f, 0x38, 0x00)
                        .reg(register); // PSHUFB
                if (random.nextBoolean()) {
                    made.rm(random.nextInt(8));
                }
                made.emit();
            }
        }
    }

    private void vectorMove(int prefix, int register) {
        encoder.instruction()
                .mandatory(prefix)
                .opcode(0x0f, random.nextBoolean() ? 0x6f : 0x7f)
                .reg(register)
                .emit();
    }

    private void frame() {
        if (random.nextBoolean()) {
            encoder.bytes(0xc8);
            encoder.number(strict ? random.nextInt(32) : 0, 2); // QEMU does not look at the end of the frame
            encoder.bytes(random.nextInt(3) == 0 ? random.nextInt(4) : 0);
            encoder.bytes(0xc9);
        } else {
            encoder.bytes(0xc9);
        }
    }

    private void count() {
        encoder.instruction()
                .mandatory(0xf3)
                .opcode(0x0f, 0xb8)
                .reg(encoder.free())
                .rm(encoder.any())
                .emit(); // POPCNT
        if (random.nextInt(3) == 0) {
            encoder.bytes(0xb8 | RAX);
            encoder.number(random.nextInt(), bits == 16 ? 2 : 4);
        }
    }
}
