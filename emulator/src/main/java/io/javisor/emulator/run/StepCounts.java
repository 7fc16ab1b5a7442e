package io.javisor.emulator.run;

import io.javisor.core.engine.StepCount;
import io.javisor.emulator.decode.Form;
import io.javisor.emulator.decode.Instruction;
import io.javisor.emulator.decode.InstructionTable;
import io.javisor.emulator.mmu.LinearMemory;
import io.javisor.emulator.mmu.Mmu;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Counts the instructions of 64-bit code that were carried out singly, by mnemonic and {@link StepReason}. The vCPU's thread counts, plainly
 * and allocates only when it first sees a mnemonic; {@link #list} is for any thread: a 64-bit JVM does not tear a long.
 */
final class StepCounts {
    private static final int CODE64 = 64;
    private static final int SIZES = 3;
    private static final long[] NONE = {};
    private static final StepReason[] REASONS = StepReason.values();

    /** The mnemonics that there are, and of each form and operand size which it is. */
    private static final List<String> NAMES;

    private static final short[] NAME_OF = new short[InstructionTable.forms().size() * SIZES];

    static {
        Map<String, Short> numbers = new LinkedHashMap<>();
        for (Form form : InstructionTable.forms()) {
            for (int size = 0; size < SIZES; size++) {
                short next = (short) numbers.size();
                NAME_OF[form.id() * SIZES + size] = numbers.computeIfAbsent(name(form, 2 << size), _ -> next);
            }
        }
        NAMES = List.copyOf(numbers.keySet());
    }

    private final Mmu mmu;
    private final LinearMemory memory;

    /** Of each mnemonic, by reason: {@link #NONE} until it is first counted, for a machine may have hundreds of vCPUs. */
    private final long[][] counts = new long[NAMES.size()][];

    private StepReason reason = StepReason.BLOCKS_OFF;
    private boolean looks;
    private long walks;
    private long deviceAccesses;
    private long crossings;
    private long codeWrites;

    StepCounts(LinearMemory memory, Mmu mmu) {
        this.memory = memory;
        this.mmu = mmu;
        Arrays.fill(counts, NONE);
    }

    /** The mnemonic, with what tells MOV of a control, debug or segment register from all others. */
    private static String name(Form form, int operandSize) {
        String name = form.name(operandSize);
        for (int i = 0; i < form.operandCount(); i++) {
            switch (form.operand(i).kind()) {
                case C -> name += " cr";
                case D -> name += " dr";
                case S -> name += " sreg";
                default -> {}
            }
        }
        return name;
    }

    /** The next instruction is carried out singly for a reason that is known. */
    void expect(StepReason why) {
        reason = why;
        looks = false;
    }

    /** Emitted code left the next instruction to Java: for what it then does to memory, else for {@code otherwise}. */
    void look(StepReason otherwise) {
        reason = otherwise;
        looks = true;
        walks = mmu.walks();
        deviceAccesses = memory.deviceAccesses();
        crossings = memory.crossings();
        codeWrites = memory.codeWrites();
    }

    /** It was carried out. What comes next has no reason but that blocks do not run, unless another is told before. */
    void count(Instruction instruction) {
        if (instruction.mode() == CODE64) {
            int size = instruction.operandSize();
            int name = NAME_OF[instruction.form().id() * SIZES + (size == 8 ? 2 : size == 4 ? 1 : 0)];
            long[] row = counts[name];
            if (row.length == 0) {
                row = new long[StepReason.COUNT];
                counts[name] = row;
            }
            row[(looks ? seen() : reason).index()]++;
        }
        expect(StepReason.BLOCKS_OFF);
    }

    private StepReason seen() {
        if (memory.deviceAccesses() != deviceAccesses) {
            return StepReason.DEVICE;
        }
        if (memory.crossings() != crossings) {
            return StepReason.PAGE_CROSSING;
        }
        if (memory.codeWrites() != codeWrites) {
            return StepReason.CODE_PAGE;
        }
        return mmu.walks() != walks ? StepReason.TLB_MISS : reason;
    }

    /** What is not zero, in no order. */
    List<StepCount> list() {
        List<StepCount> all = new ArrayList<>();
        for (int name = 0; name < counts.length; name++) {
            long[] row = counts[name];
            for (int why = 0; why < row.length; why++) {
                if (row[why] != 0) {
                    all.add(new StepCount(NAMES.get(name), REASONS[why].word(), row[why]));
                }
            }
        }
        return all;
    }
}
