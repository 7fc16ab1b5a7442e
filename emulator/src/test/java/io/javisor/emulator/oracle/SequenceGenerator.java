package io.javisor.emulator.oracle;

import static io.javisor.emulator.oracle.OracleRecord.*;

import io.javisor.emulator.decode.Decoder;
import io.javisor.emulator.decode.Feature;
import io.javisor.emulator.decode.Form;
import io.javisor.emulator.decode.Instruction;
import io.javisor.emulator.decode.InstructionClass;
import io.javisor.emulator.decode.OperandKind;
import io.javisor.emulator.decode.OperandSize;
import io.javisor.emulator.decode.Trait;
import io.javisor.emulator.emit.HostRegisters;
import io.javisor.emulator.state.CpuBlock;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Fills records with sequences of instructions of many forms: what they compute goes on into those that follow, by registers, flags and
 * memory. Branches go forward. A few registers stay pointers into the data pages, or small indexes.
 */
final class SequenceGenerator {
    private static final int LONGEST = 24;
    private static final int ATTEMPTS = 400;
    private static final int ROOM = 480;
    private static final int INDEX = 14;
    private static final int POINTERS = 1 << CpuBlock.RBX | 1 << 13 | 1 << 15 | 1 << 11;
    private static final int KEPT = POINTERS | 1 << INDEX | 1 << CpuBlock.RSP;
    private static final long STATUS = 0x8d5;
    private static final Set<String> POINTERS_OR_MASKS = Set.of("fnstenv", "fnsave", "fldenv", "frstor", "fldcw");

    /** mov rdi, rbx; mov rdi, r15. mov rsi, rbx; mov rsi, r13. */
    private static final int[] STRING_TARGETS = {0x4889df, 0x4c89ff};

    private static final int[] STRING_SOURCES = {0x4889de, 0x4c89ee};

    private final SplittableRandom random;
    private final Decoder decoder;
    private final CodeBuilder builder;
    private final HostRegisters registers = new HostRegisters();
    private final Instruction instruction = new Instruction();
    private final List<Form> common = new ArrayList<>();
    private final List<Form> all = new ArrayList<>();
    private final List<Form> x87 = new ArrayList<>();
    private final List<Form> vectors = new ArrayList<>();
    private final boolean pointers;
    private boolean ofVectors;
    private boolean floating;
    private final byte[] code = new byte[ROOM + 32];
    private final int[] starts = new int[LONGEST + 1];
    private int length;

    /**
     * @param pointers with instructions of the x87 that tell its pointers to the last instruction and operand, which AMD's processors
     *     keep only while an exception is pending, and those after which exceptions may not be masked: not for the oracle
     */
    SequenceGenerator(long seed, Decoder decoder, List<Form> forms, boolean pointers) {
        this.random = new SplittableRandom(seed);
        this.pointers = pointers;
        this.builder = new CodeBuilder(random);
        this.decoder = decoder;
        for (Form form : forms) {
            if (isUsed(form)) {
                all.add(form);
                if (form.usesX87()) {
                    x87.add(form);
                } else if (!form.usesVectors()) {
                    common.add(form);
                }
                if (form.usesVectors() || form.kind() == InstructionClass.STATE) {
                    vectors.add(form);
                }
            }
        }
    }

    /** With vector instructions, most of all, and few of x87. */
    static SequenceGenerator ofVectors(long seed, Decoder decoder, List<Form> forms) {
        SequenceGenerator generator = new SequenceGenerator(seed, decoder, forms, false);
        generator.ofVectors = true;
        return generator;
    }

    /** Not those about whose details processors differ, or whose operands are in fixed places. */
    private boolean isUsed(Form form) {
        String name = form.names().get(0);
        if (form.kind() == InstructionClass.STACK) {
            return name.equals("push") || name.equals("pop") || name.equals("pushf");
        }
        if (form.kind() == InstructionClass.FLOW) {
            boolean jump = name.startsWith("j") && form.operands().get(0).kind() == OperandKind.J;
            return (jump && !name.startsWith("jcxz")) || form.opcode().code() == 0xe8;
        }
        if (form.needs(Feature.X87) && !pointers) {
            // Stores of ten bytes are done in part before a fault.
            boolean partial = name.equals("fbstp") || (name.equals("fstp") && form.hasSize(OperandSize.TBYTE));
            return !partial && !POINTERS_OR_MASKS.contains(name);
        }
        boolean odd = form.has(Trait.MASKED)
                || form.needs(Feature.SHA)
                || form.needs(Feature.RDRAND)
                || form.needs(Feature.RDSEED)
                || name.equals("movsxd")
                || name.contains("maskmov")
                || name.contains("ps2ph")
                || name.contains("dpp")
                || name.contains("gather");
        if (name.startsWith("vzero") || name.equals("stmxcsr")) {
            return true;
        }
        boolean string = name.equals("movs") || name.equals("stos");
        return string || (form.kind() == InstructionClass.COMPUTE && !odd);
    }

    void fill(MemorySegment record) {
        int count = random.nextInt(2, LONGEST);
        floating = pointers || (random.nextInt(3) == 0 && !ofVectors);
        length = 0;
        int made = 0;
        for (int i = 0; i < count && length < ROOM; i++) {
            starts[made] = length;
            if (add()) {
                made++;
            }
        }
        starts[made] = length;
        aimBranches(made);
        while (length <= LENGTH - CODE) {
            code[length++] = (byte) 0x90;
        }
        write(record);
    }

    private boolean add() {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            boolean some = floating && random.nextInt(4) > 0;
            List<Form> forms = some ? x87 : random.nextInt(3) > 0 ? ofVectors ? vectors : common : all;
            Form form = forms.get(random.nextInt(forms.size()));
            builder.build(form);
            if (decoder.decode(MemorySegment.ofArray(builder.code), 0, 15, 64, instruction) == Decoder.OK
                    && instruction.form().id() == form.id()
                    && isGood(form)) {
                if (form.kind() == InstructionClass.STRING) {
                    prepareString();
                }
                System.arraycopy(builder.code, 0, code, length, instruction.length());
                length += instruction.length();
                return true;
            }
        }
        return false;
    }

    /** Has RDI and RSI point into the data, often at the same, and RCX be small. */
    private void prepareString() {
        put(STRING_TARGETS[random.nextInt(STRING_TARGETS.length)], 3);
        put(STRING_SOURCES[random.nextInt(STRING_SOURCES.length)], 3);
        put(0xb9, 1); // mov ecx, imm32
        put(Integer.reverseBytes(random.nextInt(random.nextInt(4) == 0 ? 0x400 : 16)), 4);
    }

    /** Puts bytes, the highest first. */
    private void put(int bytes, int count) {
        for (int i = count - 1; i >= 0; i--) {
            code[length++] = (byte) (bytes >> (8 * i));
        }
    }

    private boolean isGood(Form form) {
        boolean _ = registers.assignMapped(instruction, instruction.memory());
        int written = registers.written();
        if (form.kind() == InstructionClass.STACK && form.names().get(0).equals("pop") && !instruction.memory()) {
            written |= 1 << instruction.register(form.operands().get(0));
        }
        // An MMX store makes MMX registers before it faults, on some processors.
        boolean mmxStore =
                form.usesMmx() && instruction.memory() && form.operand(0).written();
        boolean rare = POINTERS_OR_MASKS.contains(form.names().get(0)) && random.nextInt(4) > 0;
        if (rare || (mmxStore && !pointers)) {
            return false;
        }
        if ((written & KEPT) != 0 || (form.has(Trait.DIVIDE) && random.nextInt(8) > 0)) {
            return false;
        }
        if (!instruction.memory() || form.memoryOperand() < 0) {
            return true;
        }
        boolean address = form.names().get(0).equals("lea") || form.has(Trait.HINT);
        int base = instruction.base();
        int index = instruction.index();
        boolean pointer = base >= 0 && base < 16 && (POINTERS & 1 << base) != 0;
        boolean small = index < 0 || index == INDEX;
        return address
                || (pointer
                        && small
                        && instruction.addressSize() == 8
                        && instruction.segment() < CpuBlock.FS
                        && (!form.has(Trait.BITSTRING) || instruction.reg() == INDEX));
    }

    /** Has each branch go to the start of a later instruction, or behind the last. */
    private void aimBranches(int made) {
        MemorySegment bytes = MemorySegment.ofArray(code);
        for (int i = 0; i < made; i++) {
            int result = decoder.decode(bytes, starts[i], 15, 64, instruction);
            if (result != Decoder.OK || instruction.form().kind() != InstructionClass.FLOW) {
                continue;
            }
            int next = starts[i + 1];
            int target = starts[random.nextInt(i + 1, made + 1)];
            boolean small = instruction.form().operands().get(0).size() == OperandSize.BYTE;
            if (small) {
                code[next - 1] = (byte) (target - next <= 127 ? target - next : 0);
            } else {
                bytes.set(ValueLayout.JAVA_INT_UNALIGNED, next - 4, target - next);
            }
        }
    }

    private void write(MemorySegment record) {
        long start = random.nextInt(4) == 0
                ? CODE_AREA + 0x2000 - random.nextInt(length)
                : CODE_AREA + 0x1000 + random.nextInt(0x800);
        record.set(ValueLayout.JAVA_INT, LENGTH, length);
        record.set(ValueLayout.JAVA_INT, FLOW, 0);
        MemorySegment.copy(code, 0, record, ValueLayout.JAVA_BYTE, LONG_CODE, length);
        record.set(ValueLayout.JAVA_LONG, RIP, start);
        record.set(ValueLayout.JAVA_LONG, RFLAGS, (random.nextLong() & STATUS) | 2);
        for (int i = 0; i < 16; i++) {
            long value = Values.integer(random);
            if ((POINTERS & 1 << i) != 0 || i == CpuBlock.RSP) {
                value = pointer();
            } else if (i == INDEX) {
                value = random.nextInt(-64, 64);
            }
            record.set(ValueLayout.JAVA_LONG, GPR + 8L * i, value);
        }
        for (int i = 0; i < WINDOW_SIZE; i += 8) {
            record.set(ValueLayout.JAVA_LONG, WINDOW + i, Values.vector(random));
        }
        MemorySegment image = record.asSlice(XSAVE, 832);
        image.fill((byte) 0);
        fillX87(image);
        image.set(ValueLayout.JAVA_INT, 24, 0x1f80 | random.nextInt(4) << 13);
        for (int i = 0; i < 256; i += 8) {
            image.set(ValueLayout.JAVA_LONG, 160 + i, Values.vector(random));
            image.set(ValueLayout.JAVA_LONG, 576 + i, Values.vector(random));
        }
        OracleRecord.complete(image);
    }

    /** All exceptions are masked, some are flagged; the stack is nearly full, nearly empty or has holes. */
    private void fillX87(MemorySegment image) {
        int status = (random.nextBoolean() ? random.nextInt(64) : 0) | (random.nextInt(0x8000) & 0x7f00);
        image.set(ValueLayout.JAVA_SHORT, 0, (short) (0x7f | random.nextInt(16) << 8));
        image.set(ValueLayout.JAVA_SHORT, 2, (short) status);
        int tags = random.nextInt(256);
        image.set(ValueLayout.JAVA_BYTE, 4, (byte) (random.nextBoolean() ? tags : random.nextBoolean() ? 0 : 0xff));
        for (int i = 0; i < 8; i++) {
            image.set(ValueLayout.JAVA_LONG, 32 + 16L * i, Values.significand(random));
            image.set(ValueLayout.JAVA_SHORT, 40 + 16L * i, (short) Values.exponent(random));
        }
    }

    /** Mostly in the middle, where no displacement leaves the pages; often at the pages' border. */
    private long pointer() {
        return switch (random.nextInt(4)) {
            case 0 -> DATA + PAGE + random.nextInt(-40, 40);
            case 1 -> DATA + random.nextInt(WRITABLE_SIZE);
            default -> DATA + PAGE - 256 + 16L * random.nextInt(32);
        };
    }
}
