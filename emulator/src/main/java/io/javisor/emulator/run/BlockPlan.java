package io.javisor.emulator.run;

import io.javisor.core.host.Libc;
import io.javisor.emulator.decode.Decoder;
import io.javisor.emulator.decode.FlagEffects;
import io.javisor.emulator.decode.Flags;
import io.javisor.emulator.decode.Instruction;
import io.javisor.emulator.emit.HostRegisters;
import java.lang.foreign.MemorySegment;

/** The instructions of a block to be, and which status flags matter between them. Allocates nothing after its creation. */
final class BlockPlan {
    static final int MAX_INSTRUCTIONS = 64;

    private static final int PAGE_SIZE = 4096;
    private static final MemorySegment ALL = Libc.segmentAt(0, Long.MAX_VALUE);

    private final Decoder decoder;
    private final HostRegisters registers;
    private final Instruction[] instructions = new Instruction[MAX_INSTRUCTIONS];
    private final byte[] actions = new byte[MAX_INSTRUCTIONS];
    private final int[] offsets = new int[MAX_INSTRUCTIONS + 1];
    private final int[] live = new int[MAX_INSTRUCTIONS + 1];
    private final byte[] page = new byte[PAGE_SIZE];
    private final MemorySegment pageSegment = MemorySegment.ofArray(page);
    private int count;
    private int mode;

    BlockPlan(Decoder decoder, HostRegisters registers) {
        this.decoder = decoder;
        this.registers = registers;
        for (int i = 0; i < MAX_INSTRUCTIONS; i++) {
            instructions[i] = new Instruction();
        }
    }

    /**
     * Reads a block's instructions.
     *
     * @param pageHva where the page is
     * @param start where in the page the block begins
     * @return whether there is anything to emit; not if all has to be done by steps
     */
    boolean read(long pageHva, int start, int newMode) {
        mode = newMode;
        count = 0;
        int offset = start;
        offsets[0] = start;
        int end = Math.min(PAGE_SIZE, start + MAX_INSTRUCTIONS * Decoder.MAX_LENGTH);
        MemorySegment.copy(ALL, pageHva + start, pageSegment, start, end - start);
        while (count < MAX_INSTRUCTIONS && offset < PAGE_SIZE) {
            Instruction instruction = instructions[count];
            int result = decoder.decode(page, offset, PAGE_SIZE - offset, 64, instruction);
            if (result != Decoder.OK) {
                break; // undefined, or goes on in the next page: the step that comes to it finds out
            }
            byte action = RunForms.action(instruction, mode);
            if (action == RunForms.COMPUTE && !registers.assignMapped(instruction, instruction.memory())) {
                action = RunForms.STEP;
            }
            actions[count] = action;
            offset += instruction.length();
            offsets[++count] = offset;
            if (RunForms.endsBlock(action)) {
                break;
            }
        }
        if (count > 0 && actions[count - 1] == RunForms.LAST_STEP) {
            count--;
        }
        // Behind STI comes an instruction that nothing may come before, HLT most of all: a step keeps the shadow.
        if (count > 0 && actions[count - 1] == RunForms.STI) {
            actions[count - 1] = RunForms.STEP;
        }
        boolean worth = false;
        for (int i = 0; i < count; i++) {
            worth |= actions[i] != RunForms.STEP;
        }
        findLive();
        return worth;
    }

    private void findLive() {
        live[count] = Flags.STATUS;
        for (int i = count - 1; i >= 0; i--) {
            live[i] = liveBefore(i);
        }
    }

    private int liveBefore(int i) {
        if (actions[i] == RunForms.STEP || RunForms.isFlow(actions[i])) {
            return Flags.STATUS;
        }
        return switch (actions[i]) {
            case RunForms.COMPUTE, RunForms.DIVIDE, RunForms.BITS ->
                (live[i + 1] & ~RunForms.killed(instructions[i]))
                        | instructions[i].form().flags().read();
            // An interrupt may come between the elements of a string.
            case RunForms.PUSHF, RunForms.STRING -> Flags.STATUS;
            case RunForms.POPF -> 0;
            default -> live[i + 1];
        };
    }

    int count() {
        return count;
    }

    Instruction instruction(int i) {
        return instructions[i];
    }

    byte action(int i) {
        return actions[i];
    }

    /** Where in the page instruction {@code i} is; of the one behind the last, too. */
    int offset(int i) {
        return offsets[i];
    }

    int mode() {
        return mode;
    }

    /** Flags that somebody may read later if instruction {@code i} is what comes next. */
    int liveAt(int i) {
        return live[i];
    }

    /** Flags that must be in the host's flags before instruction {@code i}: what it reads, and what it may leave as it was. */
    int neededInHost(int i) {
        if (actions[i] == RunForms.JCC) {
            return Flags.STATUS;
        }
        if (actions[i] != RunForms.COMPUTE && actions[i] != RunForms.DIVIDE && actions[i] != RunForms.BITS) {
            return 0;
        }
        FlagEffects effects = instructions[i].form().flags();
        int kept = effects.written() == 0 ? 0 : live[i + 1] & ~RunForms.killed(instructions[i]);
        return effects.read() | kept;
    }

    /** Whether looking up the memory operand of instruction {@code i}, or a check, clobbers the host's flags before it is carried out. */
    boolean clobbers(int i) {
        return switch (actions[i]) {
            case RunForms.COMPUTE -> instructions[i].memory();
            case RunForms.SELECTOR -> instructions[i].memory();
            case RunForms.NOTHING,
                    RunForms.LEA,
                    RunForms.JCC,
                    RunForms.JCXZ,
                    RunForms.JMP,
                    RunForms.SWAPGS,
                    RunForms.VZEROUPPER -> false;
            default -> true;
        };
    }
}
