package io.javisor.emulator.run;

import io.javisor.emulator.decode.Decoder;
import io.javisor.emulator.decode.Disassembler;
import io.javisor.emulator.decode.Flags;
import io.javisor.emulator.emit.HostRegisters;
import io.javisor.emulator.mmu.HostMemory;
import io.javisor.emulator.mmu.LinearMemory;
import io.javisor.emulator.mmu.Mmu;
import io.javisor.emulator.state.Bits;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.CpuFault;
import io.javisor.emulator.state.LazyMemory;
import io.javisor.emulator.step.Stepper;
import org.jspecify.annotations.Nullable;

/**
 * Has steps do first what a block is about to do, without a trace, runs the block, and compares: for users' reports of bugs. A block runs
 * alone then, and comes back at its end. Nothing is compared behind an access to device memory, or an instruction that blocks leave to
 * Java, those that tell time among them. For the vCPU's thread of a machine with one; slow, though only the first times that a block runs are
 * compared each, and few of those that follow.
 *
 * <p>Status flags that nothing reads any more may be older in a block, and are not looked at where it leaves in its midst.
 */
final class BlockCheck implements AutoCloseable {
    /** So often a block is compared whenever it runs. */
    private static final int EACH = 100;

    /** Afterwards it is each time that a multiple of this is reached. */
    private static final int FEW = 64;

    private static final int PAGE_SIZE = 4096;
    private static final int MOST_REPEATS = 1 << 12;
    private static final int UNKNOWN = -1;
    private static final String INDENT = "\n               ";

    private final CpuBlock cpu;
    private final Stepper stepper;
    private final LinearMemory memory;
    private final CheckedMemory checked;
    private final Mmu mmu;
    private final AccessLog log;
    private final CodeRequests requests;
    private final BlockPlan plan;
    private final BlockTable blocks;
    private final RunCode code;
    private final RunCounters counters;
    private final KeptStates states;
    private final LazyMemory times = new LazyMemory(BlockTable.MAX_BLOCKS * 4L);
    private int steps;
    private boolean faulted;

    BlockCheck(
            CpuBlock cpu,
            Stepper stepper,
            LinearMemory memory,
            CheckedMemory checked,
            Mmu mmu,
            CodeRequests requests,
            Decoder decoder,
            BlockTable blocks,
            RunCode code,
            RunCounters counters) {
        this.cpu = cpu;
        this.stepper = stepper;
        this.memory = memory;
        this.checked = checked;
        this.mmu = mmu;
        this.requests = requests;
        log = checked.log();
        this.blocks = blocks;
        this.code = code;
        this.counters = counters;
        plan = new BlockPlan(decoder, new HostRegisters());
        states = new KeptStates(cpu, BlockPlan.MAX_INSTRUCTIONS + 1);
    }

    /**
     * As {@link RunCode#enter}.
     *
     * @param mode that the block is for
     * @throws BlockDifference if steps do something else
     */
    int enter(int entry, int mode) {
        int block = blocks.holding(entry);
        int first = block != BlockTable.NONE && isDue(block) ? find(block, mode) : UNKNOWN;
        if (first == UNKNOWN) {
            return code.enter(entry);
        }
        long page = cpu.rip() & -PAGE_SIZE;
        step(first);
        int told = code.enter(entry);
        compare(first, page, told);
        return told;
    }

    private boolean isDue(int block) {
        int count = times.getInt(block * 4L);
        times.putInt(block * 4L, count + 1);
        return count < EACH || count % FEW == 0;
    }

    /** All blocks were forgotten. */
    void clear() {
        times.clear();
    }

    @Override
    public void close() {
        times.close();
    }

    /** Which instruction of a block RIP is at. */
    private int find(int block, int mode) {
        long hva = memory.fetch(cpu.rip());
        // Another page may be there by now, of which the processor need not have heard.
        if (hva == HostMemory.NOT_RAM || !blocks.isIn(block, memory.fetchedGpa())) {
            return UNKNOWN;
        }
        int offset = (int) cpu.rip() & PAGE_SIZE - 1;
        if (!plan.read(hva - offset, blocks.offset(block), mode)) {
            return UNKNOWN;
        }
        for (int i = 0; i < plan.count(); i++) {
            if (plan.offset(i) == offset) {
                return i;
            }
        }
        return UNKNOWN;
    }

    /** Does the block's instructions from {@code first} on by steps, as far as a block does them without Java; nothing of it stays. */
    private void step(int first) {
        states.keep(0);
        steps = 0;
        faulted = false;
        log.begin();
        try {
            for (int i = first; i < plan.count() && canStep(i); i++) {
                stepOne(i);
                log.stepDone();
                states.keep(++steps);
            }
        } catch (CpuFault _) {
            faulted = true;
        } catch (AccessLog.Unlogged _) {
            // What can be compared ends here.
        } finally {
            log.end();
            states.restoreFirst();
            mmu.privilegeChanged();
        }
    }

    private void stepOne(int i) {
        long rip = cpu.rip();
        int repeats = 0;
        do {
            if (repeats++ == MOST_REPEATS) {
                throw AccessLog.unlogged();
            }
            stepper.step();
        } while (plan.action(i) == RunForms.STRING && cpu.rip() == rip);
    }

    private boolean canStep(int i) {
        byte action = plan.action(i);
        if (action == RunForms.IRET) {
            return false; // reads its frame from memory, not from what was stored by these steps
        }
        if (action != RunForms.POPF) {
            return !RunForms.isStep(action);
        }
        // One that changes more than these also changes what Java keeps outside of the vCPU's block.
        return ((checked.read(cpu.gpr(CpuBlock.RSP), Long.BYTES) ^ cpu.rflags()) & ~(Flags.STATUS | Bits.DF | Bits.IF))
                == 0;
    }

    /** Looks at what the block has done, by the place that it left at. */
    private void compare(int first, long page, int told) {
        int kind = code.getInt(told + 12) & 0xff;
        int offset = code.getInt(told + 8);
        switch (kind) {
            case ExitStubs.STEP, ExitStubs.SINGLE -> {
                int at = first;
                while (at < plan.count() && plan.offset(at) != (offset & PAGE_SIZE - 1)) {
                    at++;
                }
                // A string instruction may be done in part.
                if (at < plan.count() && plan.action(at) != RunForms.STRING) {
                    compare(first, at - first, page, page + plan.offset(at));
                }
            }
            case ExitStubs.LINK -> compare(first, plan.count() - first, page, page + offset);
            case ExitStubs.AWAY -> compare(first, plan.count() - first, page, cpu.rip());
            case ExitStubs.MISS -> compare(first, page, code.getInt(told));
            default -> {}
        }
    }

    private void compare(int first, int done, long page, long rip) {
        if (done > steps && !faulted) {
            return;
        }
        counters.compared++;
        String difference = done > steps
                ? KeptStates.say("the instruction behind the " + steps + ". of them", "a fault", "none")
                : difference(done, rip, Flags.STATUS & ~plan.liveAt(first + done));
        // The code itself may be another meanwhile: who writes to it asks for the block to be dropped.
        if (difference != null && !log.disturbed(done) && !requests.pending()) {
            throw new BlockDifference(report(first, done, page, difference));
        }
    }

    private @Nullable String difference(int done, long rip, long dead) {
        String ofState = states.difference(done, rip, dead);
        return ofState != null ? ofState : log.difference(done);
    }

    private String report(int first, int done, long page, String difference) {
        StringBuilder text = new StringBuilder("a block does not do what steps do").append("\n  difference   ");
        text.append(difference).append("\n  block        ");
        for (int i = first; i < first + Math.max(done, 1); i++) {
            long rip = page + plan.offset(i);
            text.append(i == first ? "" : INDENT)
                    .append("%016x  %s".formatted(rip, Disassembler.text(plan.instruction(i), rip)));
        }
        return text.toString();
    }
}
