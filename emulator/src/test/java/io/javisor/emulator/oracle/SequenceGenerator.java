package io.javisor.emulator.oracle;

import static io.javisor.emulator.oracle.OracleRecord.*;

import io.javisor.emulator.decode.Decoder;
import io.javisor.emulator.decode.Feature;
import io.javisor.emulator.decode.Form;
import io.javisor.emulator.decode.Instruction;
import io.javisor.emulator.decode.InstructionClass;
import io.javisor.emulator.decode.OperandKind;
import io.javisor.emulator.decode.Trait;
import io.javisor.emulator.emit.HostRegisters;
import io.javisor.emulator.state.CpuBlock;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
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

    private final SplittableRandom random;
    private final Decoder decoder;
    private final CodeBuilder builder;
    private final HostRegisters registers = new HostRegisters();
    private final Instruction instruction = new Instruction();
    private final List<Form> common = new ArrayList<>();
    private final List<Form> all = new ArrayList<>();
    private final byte[] code = new byte[ROOM + 32];
    private final int[] starts = new int[LONGEST + 1];
    private int length;

    SequenceGenerator(long seed, Decoder decoder, List<Form> forms) {
        this.random = new SplittableRandom(seed);
        this.builder = new CodeBuilder(random);
        this.decoder = decoder;
        for (Form form : forms) {
            if (isUsed(form)) {
                all.add(form);
                boolean general = !form.usesVectors();
                if (general) {
                    common.add(form);
                }
            }
        }
    }

    /** Not those about whose details processors differ, or whose operands are in fixed places. */
    private static boolean isUsed(Form form) {
        String name = form.names().get(0);
        if (form.kind() == InstructionClass.STACK) {
            return name.equals("push") || name.equals("pop") || name.equals("pushf");
        }
        if (form.kind() == InstructionClass.FLOW) {
            boolean jump = name.startsWith("j") && form.operands().get(0).kind() == OperandKind.J;
            return (jump && !name.startsWith("jcxz")) || form.opcode().code() == 0xe8;
        }
        boolean odd = form.usesX87()
                || form.has(Trait.MASKED)
                || form.needs(Feature.SHA)
                || form.needs(Feature.RDRAND)
                || form.needs(Feature.RDSEED)
                || name.equals("movsxd")
                || name.contains("maskmov")
                || name.contains("ps2ph")
                || name.contains("dpp")
                || name.contains("gather");
        return form.kind() == InstructionClass.COMPUTE && !odd;
    }

    void fill(MemorySegment record) {
        int count = random.nextInt(2, LONGEST);
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
            List<Form> forms = random.nextInt(3) > 0 ? common : all;
            Form form = forms.get(random.nextInt(forms.size()));
            builder.build(form);
            if (decoder.decode(MemorySegment.ofArray(builder.code), 0, 15, 64, instruction) == Decoder.OK
                    && instruction.form().id() == form.id()
                    && isGood(form)) {
                System.arraycopy(builder.code, 0, code, length, instruction.length());
                length += instruction.length();
                return true;
            }
        }
        return false;
    }

    private boolean isGood(Form form) {
        boolean _ = registers.assignMapped(instruction, instruction.memory());
        int written = registers.written();
        if (form.kind() == InstructionClass.STACK && form.names().get(0).equals("pop") && !instruction.memory()) {
            written |= 1 << instruction.register(form.operands().get(0));
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
                        && !form.has(Trait.BITSTRING));
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
            boolean small = instruction.form().operands().get(0).size() == io.javisor.emulator.decode.OperandSize.BYTE;
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
        image.set(ValueLayout.JAVA_SHORT, 0, (short) 0x37f);
        image.set(ValueLayout.JAVA_INT, 24, 0x1f80 | random.nextInt(4) << 13);
        for (int i = 0; i < 256; i += 8) {
            image.set(ValueLayout.JAVA_LONG, 160 + i, Values.vector(random));
            image.set(ValueLayout.JAVA_LONG, 576 + i, Values.vector(random));
        }
        image.set(ValueLayout.JAVA_LONG, 512, 7L);
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
