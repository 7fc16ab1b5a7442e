package io.javisor.machine.program;

import java.util.random.RandomGenerator;

/** Instructions about segments and the processor's system registers; at level 3 most of them fault. */
final class SystemInstructions {
    private static final int[] SELECTORS = {
        0, 3, 0x08, 0x10, 0x1b, 0x20, 0x23, 0x2b, 0x3b, 0x38, 0x43, 0x4b, 0x53, 0x58, 0x5b, 0x60, 0x63, 0x6b, 0x73,
        0x78, 0x88, 0x93, 0xa3, 0xb3, 0xc3, 0xd3, 0xdb, 0xe0, 0xeb, 0xf3, 0xfb, 0x07, 0x0f, 0x17, 0x1f, 0x27, 0xffff
    };
    private static final int[] COMMON_SELECTORS = {
        0x10, 0x20, 0x23, 0x3b, 0x38, 0x60, 0x63, 0x93, 0xa3, 0xb3, 0xc3, 0xe0, 0xeb, 0x07, 0x1f, 0x27, 0xffff
    };

    private static final int[] COMMON_SELECTORS_64 = {0, 3, 0x08, 0x58, 0x5b};

    private static final int STACK = 2;

    private final RandomGenerator random;
    private final RandomProgram.Mode mode;
    private final RandomProgram.Kind kind;
    private final Encoder encoder;
    private final SimpleInstructions simple;
    private final int bits;

    SystemInstructions(
            RandomGenerator random,
            RandomProgram.Mode mode,
            RandomProgram.Kind kind,
            Encoder encoder,
            SimpleInstructions simple) {
        this.random = random;
        this.mode = mode;
        this.kind = kind;
        this.encoder = encoder;
        this.simple = simple;
        bits = mode.bits();
    }

    private int operand() {
        return bits == 16 ? 2 : 4;
    }

    int selector() {
        int[] from = kind == RandomProgram.Kind.COMMON ? COMMON_SELECTORS : SELECTORS;
        if (kind == RandomProgram.Kind.COMMON && bits == 64 && random.nextInt(5) == 0) {
            from = COMMON_SELECTORS_64; // QEMU does not see that 32-bit code reads by a null segment, or writes to code
        }
        return from[random.nextInt(from.length)];
    }

    void pushSelector(int selector) {
        if (selector < 0x80) {
            encoder.bytes(0x6a, selector);
        } else {
            encoder.bytes(0x68);
            encoder.number(selector, operand());
        }
    }

    private void setAx(int value) {
        encoder.bytes(0xb8);
        encoder.number(value, operand());
    }

    void segments() {
        switch (random.nextInt(9)) {
            case 0, 1, 2 -> {
                int[] registers = {0, 3, 4, 5, 4, 5, STACK, 1};
                int selector = selector();
                int register = registers[random.nextInt(registers.length)];
                if (kind == RandomProgram.Kind.COMMON && register == STACK && mode.ring() == 0 && selector == 3) {
                    selector = 0; // QEMU does not see that a null selector's level is another
                }
                setAx(selector);
                encoder.bytes(0x8e, 0xc0 | register << 3);
            }
            case 3 -> {
                boolean gs = random.nextBoolean();
                pushSelector(selector());
                encoder.bytes(0x0f, gs ? 0xa9 : 0xa1);
            }
            case 4 -> {
                int[] push = {0x06, 0x0e, 0x16, 0x1e};
                if (random.nextBoolean()) {
                    encoder.bytes(0x0f, random.nextBoolean() ? 0xa8 : 0xa0, 0x58);
                } else {
                    encoder.bytes(push[random.nextInt(4)]); // #UD in 64-bit mode
                    if (bits != 64) {
                        encoder.bytes(0x58);
                    }
                }
            }
            case 5 -> {
                if (bits != 64) {
                    int[] pop = {0x07, 0x17, 0x1f};
                    pushSelector(selector());
                    encoder.bytes(pop[random.nextInt(3)]);
                } else {
                    encoder.instruction()
                            .opcode(0x8c)
                            .reg(random.nextInt(6))
                            .fixed()
                            .emit();
                }
            }
            case 6 -> {
                setAx(selector());
                encoder.bytes(0x0f, 0x00, 0xe0 | random.nextInt(2) << 3); // VERR, VERW
            }
            case 7 -> {
                setAx(selector());
                encoder.bytes(0x0f, 0x02 + random.nextInt(2), 0xc8); // LAR, LSL ecx, eax
                encoder.bytes(0x0f, 0x94, 0xc0, 0x81, 0xe1); // sete al; and ecx, without what LAR leaves undefined
                encoder.number(0xf0_ff00, operand());
            }
            default -> {
                int reg = random.nextInt(8);
                encoder.instruction()
                        .opcode(0x8c)
                        .reg(reg < 6 ? reg : 0)
                        .rm(encoder.free())
                        .emit();
            }
        }
    }

    void system() {
        switch (random.nextInt(16)) {
            case 0 -> encoder.bytes(0x0f, 0x20, 0xc0 | new int[] {0, 3, 4}[random.nextInt(3)] << 3);
            case 1 -> encoder.bytes(0x0f, 0x20, 0xd8, 0x0f, 0x22, 0xd8); // mov eax, cr3; mov cr3, eax
            case 2 -> encoder.instruction().opcode(0x0f, 0x01).reg(7).fixed().emit(); // INVLPG
            case 3 -> encoder.bytes(0x0f, 0x06);
            case 4 -> encoder.bytes(random.nextBoolean() ? 0xfa : 0xfb);
            case 5 -> {
                encoder.bytes(0xfb);
                simple.add();
            }
            case 6 -> encoder.bytes(0x0f, 0x01, 0xca + random.nextInt(2)); // CLAC, STAC
            case 7 -> {
                if (bits == 64) {
                    encoder.bytes(0x0f, 0x01, 0xf8); // SWAPGS
                } else {
                    encoder.bytes(0xf4 + (mode.ring() == 3 ? 0 : -0xf4 + 0x90));
                }
            }
            case 8 -> {
                encoder.bytes(0xb9); // mov ecx
                encoder.number(0xc000_0100L + random.nextInt(3), operand());
                encoder.bytes(0x0f, bits == 16 && mode.ring() == 0 ? 0x09 : 0x32); // QEMU has all MSRs
            }
            case 9 -> {
                if (bits == 64) {
                    encoder.bytes(0xb9);
                    encoder.number(0xc000_0100L + random.nextInt(3), 4);
                    encoder.bytes(0xb8);
                    encoder.number(RandomProgram.WINDOW + random.nextInt(0x4000), 4);
                    encoder.bytes(0x31, 0xd2, 0x0f, 0x30);
                } else {
                    encoder.bytes(0x0f, 0x09);
                }
            }
            case 10 -> {
                if (bits != 16) { // there QEMU stores 24 bits of the base
                    encoder.instruction()
                            .opcode(0x0f, 0x01)
                            .reg(random.nextInt(2))
                            .fixed()
                            .emit(); // SGDT, SIDT
                }
            }
            case 11 ->
                encoder.instruction()
                        .opcode(0x0f, 0x00)
                        .reg(random.nextInt(2))
                        .rm(encoder.free())
                        .emit();
            case 12 ->
                encoder.instruction()
                        .opcode(0x0f, 0x01)
                        .reg(4)
                        .rm(encoder.free())
                        .emit(); // SMSW
            case 13 -> encoder.bytes(0x0f, 0x21 + 2 * random.nextInt(2), 0xc0 | random.nextInt(4) << 3); // MOV DR0..3
            case 14 -> {
                if (mode.ring() == 3) {
                    encoder.bytes(new int[] {0xec, 0xee, 0x6c, 0x6e, 0xe4}[random.nextInt(5)]);
                    encoder.bytes(0x90);
                } else {
                    encoder.bytes(0x90);
                }
            }
            default -> encoder.bytes(0x0f, 0xae, new int[] {0xe8, 0xf0, 0xf8}[random.nextInt(3)]);
        }
    }
}
