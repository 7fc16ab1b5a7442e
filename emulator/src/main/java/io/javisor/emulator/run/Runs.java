package io.javisor.emulator.run;

import io.javisor.core.engine.StepCount;
import io.javisor.core.engine.TraceRequest;
import io.javisor.core.host.Cleanup;
import io.javisor.emulator.decode.Decoder;
import io.javisor.emulator.decode.Instruction;
import io.javisor.emulator.decode.InstructionClass;
import io.javisor.emulator.emit.CodeMemory;
import io.javisor.emulator.emit.HostFault;
import io.javisor.emulator.emit.HostRegisters;
import io.javisor.emulator.emit.PerfMap;
import io.javisor.emulator.mmu.HostMemory;
import io.javisor.emulator.mmu.LinearMemory;
import io.javisor.emulator.mmu.Mmu;
import io.javisor.emulator.state.Bits;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.StateLayout;
import io.javisor.emulator.step.Stepper;
import io.javisor.emulator.system.Attention;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A vCPU's blocks of emitted code: what its loop calls in place of single steps. One a vCPU, for its thread alone; allocates nothing but
 * when its tables grow.
 */
public final class Runs implements AutoCloseable {
    private static final int PAGE_SIZE = 4096;

    /** Code becomes a block when it is begun for this many times. */
    static final int THRESHOLD = 3;

    /** {@link #afterExit}: the caller has to step, or to look for events. */
    private static final int CALLER = -1;

    private static final int EVENTS = -2;

    private static final int NOWHERE = ExitStubs.NOWHERE;
    private static final int KIND_MASK = 0xff;
    private static final int SLOT_SHIFT = 8;

    private final int threshold;
    private final CpuBlock cpu;
    private final Stepper stepper;
    private final LinearMemory memory;
    private final Mmu mmu;
    private final CodePages pages;
    private final CodeRequests requests;
    private final RunCode code;
    private final JumpCache jumps;
    private final BlockTable blocks;
    private final BlockMaker maker;
    private final @Nullable BlockCheck check;
    private final ModeFollower mode;

    private @Nullable TracedPages traced;
    private int found;

    private final Resumption resumption = new Resumption();
    private final RunCounters counters = new RunCounters();
    private final StepCounts steps;

    /**
     * @param decoder knows what the guest is offered; for this vCPU's thread alone
     * @param pages the VM's
     * @param checked the memory of the steps, if each block is to be compared with them
     * @param options with another threshold than the usual, no patience is lost with pages that are written again and again
     */
    public Runs(
            CpuBlock cpu,
            Stepper stepper,
            LinearMemory memory,
            Mmu mmu,
            Attention attention,
            Decoder decoder,
            CodePages pages,
            @Nullable CheckedMemory checked,
            BlockOptions options) {
        this(
                cpu,
                stepper,
                memory,
                mmu,
                attention,
                decoder,
                pages,
                checked,
                options,
                CodeMemory.map(options.codeBytes(), options.perfMap()));
    }

    /** With memory for code, which it closes. */
    Runs(
            CpuBlock cpu,
            Stepper stepper,
            LinearMemory memory,
            Mmu mmu,
            Attention attention,
            Decoder decoder,
            CodePages pages,
            @Nullable CheckedMemory checked,
            BlockOptions options,
            CodeMemory codeMemory) {
        threshold = options.threshold();
        this.cpu = cpu;
        this.stepper = stepper;
        this.memory = memory;
        this.mmu = mmu;
        this.pages = pages;
        requests = new CodeRequests(attention);
        steps = new StepCounts(memory, mmu);
        Cleanup opened = new Cleanup();
        try {
            code = opened.add(new RunCode(cpu, codeMemory));
            jumps = opened.add(new JumpCache(cpu, code.hva(0)));
            mode = new ModeFollower(cpu, mmu, jumps, resumption);
            blocks = opened.add(new BlockTable());
            HostRegisters registers = new HostRegisters();
            BlockPlan plan = new BlockPlan(decoder, registers);
            BlockEmitter emitter = new BlockEmitter(code, registers, plan, checked != null);
            boolean usual = threshold == THRESHOLD;
            check = checked == null
                    ? null
                    : opened.add(new BlockCheck(
                            cpu, stepper, memory, checked, mmu, requests, decoder, blocks, code, counters));
            PerfMap map = options.perfMap();
            maker = new BlockMaker(plan, emitter, blocks, code, mmu, pages, requests, counters, usual, map);
            if (map != null) {
                code.tell(map);
            }
        } catch (RuntimeException | Error e) {
            opened.closeAfter(e);
            throw e;
        }
        cpu.modeChanged();
        pages.add(requests);
    }

    /** The vCPU's thread begins to execute the guest, or to do so again after {@link #leave}. */
    public void enter() {
        requests.enter();
        poll();
    }

    /** The vCPU's thread stops to touch the guest's memory: it parks, or its loop ends. */
    public void leave() {
        requests.leave();
    }

    /** Does what other threads have asked for. To be called when attention was raised, before an interrupt is delivered. */
    public void poll() {
        while (requests.pending()) {
            long request = requests.take();
            if (request == CodeRequests.DROP_ALL) {
                clear();
            } else if (request == CodeRequests.PROTECT_ALL) {
                mmu.flush(true);
            } else if (request >= 0) {
                long page = request & -PAGE_SIZE;
                if ((request & CodeRequests.DROP) != 0) {
                    drop(page);
                } else {
                    mmu.protect(page);
                }
            }
        }
    }

    private void drop(long pageGpa) {
        if (blocks.drop(pageGpa, code, jumps)) {
            counters.drops++;
            maker.dropped(pageGpa);
        }
    }

    private void clear() {
        blocks.clear();
        code.clear();
        forgetEntries();
    }

    /** The memory for blocks is full: those of its older half go. */
    private void turn() {
        counters.full++;
        blocks.turn(code);
        code.turn();
        forgetEntries();
    }

    private void forgetEntries() {
        jumps.flush();
        if (check != null) {
            check.clear();
        }
        resumption.forgetEntry();
    }

    /**
     * Executes the guest from RIP on until its loop is wanted.
     *
     * @return whether to look for events; if not, the instruction at RIP is to be stepped, with all that belongs to it
     * @throws io.javisor.emulator.state.CpuFault the guest's fault, RIP at the instruction that caused it
     * @throws HostFault the host's fault, RIP at the block that it happened in, with the registers of then
     */
    public boolean run() {
        if (requests.pending()) {
            poll();
        }
        steps.expect(StepReason.BLOCKS_OFF);
        if (!mode.isRunnable()) {
            resumption.forget();
            return false;
        }
        int entry = resumption.take(cpu.rip(), blocks);
        while (true) {
            if (cpu.getInt(StateLayout.ATTENTION_OFFSET) != 0) {
                return true;
            }
            if (requests.pending()) {
                poll();
                entry = NOWHERE;
            }
            if (entry == NOWHERE) {
                if (isTraced()) {
                    steps.expect(StepReason.BLOCKS_OFF);
                    return false;
                }
                entry = resumption.isCold() ? NOWHERE : find();
                if (entry == NOWHERE) {
                    int left = stepCold();
                    if (left != NOWHERE) {
                        return left == EVENTS;
                    }
                    continue;
                }
            }
            int told = check == null ? code.enter(entry) : check.enter(entry, mode.bits());
            entry = afterExit(told);
            if (entry < 0) {
                return entry == EVENTS;
            }
        }
    }

    /** Leaves the pages that {@code request} touches to the caller's steps. Before the first run. */
    public void leaveOut(TraceRequest request) {
        traced = new TracedPages(request);
    }

    private boolean isTraced() {
        TracedPages left = traced;
        return left != null && left.contain(cpu);
    }

    private void checkMasksAfter(InstructionClass kind) {
        if (kind == InstructionClass.STATE || stepper.instruction().form().usesX87()) {
            mode.checkMasks();
        }
    }

    /** Where the block at RIP is entered; if there is none, it is counted, perhaps made. Faults as the fetch does. */
    private int find() {
        if (isTraced()) {
            return NOWHERE;
        }
        long rip = cpu.rip();
        long hva = memory.fetch(rip);
        if (hva == HostMemory.NOT_RAM) {
            resumption.beCold(1, StepReason.DEVICE);
            return NOWHERE;
        }
        long gpa = memory.fetchedGpa();
        if (blocks.isFull()) {
            clear();
        }
        int place = blocks.place(BlockTable.key(gpa, mode.bits() & RunMode.KEY));
        int block = blocks.block(place);
        if (block == BlockTable.NONE) {
            boolean held = false;
            if (blocks.count(place) >= threshold) {
                block = maker.make(place, gpa, hva, rip, mode.bits());
                if (block == BlockMaker.FULL) {
                    turn();
                    block = BlockTable.NONE;
                }
                held = maker.held();
            }
            if (block == BlockTable.NONE) {
                resumption.beCold(BlockPlan.MAX_INSTRUCTIONS, held ? StepReason.REWRITTEN : StepReason.COLD);
                return NOWHERE;
            }
        }
        if (!memory.fetchedGlobal() || rip >= 0) {
            mode.enteredLocalCode();
        }
        int entry = blocks.entrySaved(block);
        if (check == null) {
            blocks.noteTarget(block, jumps.put(rip, entry));
        }
        cpu.putLong(StateLayout.RUN_PAGE_OFFSET, rip & -PAGE_SIZE);
        found = block;
        return entry;
    }

    /** Steps through code that is no block yet. Returns {@link #NOWHERE} to go on looking for one, {@link #CALLER} or {@link #EVENTS}. */
    private int stepCold() {
        while (resumption.isCold()) {
            stepper.fetch();
            Instruction instruction = stepper.instruction();
            InstructionClass kind = instruction.form().kind();
            byte action = RunForms.action(instruction, mode.bits());
            boolean last = RunForms.endsBlock(action);
            long rip = cpu.rip();
            steps.expect(
                    RunForms.isStep(action) ? RunForms.whyStep(instruction, mode.bits()) : whyCold(rip, instruction));
            if (kind == InstructionClass.SYSTEM || kind == InstructionClass.UNDEFINED) {
                resumption.stepped(last);
                resumption.expectCold(rip + instruction.length());
                return CALLER;
            }
            long accesses = memory.deviceAccesses();
            stepper.execute();
            stepped();
            boolean repeats = cpu.rip() == rip && kind == InstructionClass.STRING;
            if (!repeats) {
                resumption.stepped(last || ((cpu.rip() ^ rip) & -PAGE_SIZE) != 0);
            }
            checkMasksAfter(kind);
            if (cpu.getInt(StateLayout.ATTENTION_OFFSET) != 0 || memory.deviceAccesses() != accesses) {
                resumption.expectCold(cpu.rip());
                return EVENTS;
            }
            if (requests.pending()) {
                poll();
            }
        }
        return NOWHERE;
    }

    private StepReason whyCold(long rip, Instruction instruction) {
        boolean crosses = ((rip ^ rip + instruction.length() - 1) & -PAGE_SIZE) != 0;
        return crosses ? StepReason.PAGE_CROSSING : resumption.coldReason();
    }

    /** Does what an exit wants. Returns where to go on, {@link #NOWHERE} to look for it, {@link #CALLER} or {@link #EVENTS}. */
    private int afterExit(int told) {
        int block = code.getInt(told);
        int resume = code.getInt(told + 4);
        int offset = code.getInt(told + 8);
        int what = code.getInt(told + 12);
        int kind = what & KIND_MASK;
        int now = cpu.getInt(StateLayout.MODE_OFFSET);
        if (now != mode.bits()) {
            mode.follow(now);
        }
        if (kind == ExitStubs.AWAY) {
            counters.jumpExits++;
            return cpu.flag(Bits.RF) ? EVENTS : NOWHERE;
        }
        if (kind == ExitStubs.MISS) {
            return afterMiss(told);
        }
        if (kind == ExitStubs.HOST_FAULT) {
            throw code.fault(cpu, blocks);
        }
        long page = cpu.getLong(StateLayout.RUN_PAGE_OFFSET);
        if (kind == ExitStubs.LINK) {
            counters.linkExits++;
            cpu.setRip(page + offset);
            int slot = (what >>> SLOT_SHIFT) - 1;
            return slot >= 0 ? followLink(slot, block) : NOWHERE;
        }
        counters.stepExits++;
        int next = offset >>> ExitStubs.NEXT_SHIFT;
        cpu.setRip(page + (offset & PAGE_SIZE - 1));
        return step(kind, page + next, block, resume);
    }

    /** The access is done again if the TLB allows it now, else its instruction is a step. */
    private int afterMiss(int told) {
        int step = code.getInt(told);
        int access = code.getInt(told + 8);
        if (!MissCode.fill(mmu, cpu, access)) {
            return afterExit(step);
        }
        counters.missExits++;
        // For an event that comes first.
        cpu.setRip(cpu.getLong(StateLayout.RUN_PAGE_OFFSET) + (code.getInt(step + 8) & PAGE_SIZE - 1));
        return code.misses().again(cpu, code.hva(code.getInt(told + 4)), access);
    }

    private int followLink(int slot, int from) {
        if (requests.pending()) {
            return NOWHERE;
        }
        int generation = code.generation();
        int entry = find();
        boolean links = check == null && entry != NOWHERE && code.generation() == generation;
        if (links && blocks.inSamePage(from, found)) {
            int place = code.place(slot);
            int main = Math.max(entry, blocks.entryHost(found));
            boolean host = (place & FlagPlace.SAVED) == 0;
            boolean both = place == (FlagPlace.HOST | FlagPlace.SAVED);
            code.setSlot(slot, both ? main : host ? blocks.entryHost(found) : entry);
            blocks.link(slot, found);
        }
        return entry;
    }

    private int step(int exit, long next, int block, int resume) {
        stepper.fetch();
        Instruction instruction = stepper.instruction();
        InstructionClass kind = instruction.form().kind();
        if (exit == ExitStubs.SINGLE) {
            steps.expect(RunForms.whyStep(instruction, mode.bits()));
        } else {
            steps.look(StepReason.VALUES);
        }
        long rip = cpu.rip();
        if (kind == InstructionClass.SYSTEM || kind == InstructionClass.UNDEFINED) {
            resumption.expect(next, resume, block);
            return CALLER;
        }
        int generation = code.generation();
        long accesses = memory.deviceAccesses();
        do {
            stepper.execute();
        } while (cpu.rip() == rip && kind == InstructionClass.STRING && cpu.getInt(StateLayout.ATTENTION_OFFSET) == 0);
        stepped();
        int before = mode.bits();
        checkMasksAfter(kind);
        if (before != mode.bits()) {
            return NOWHERE;
        }
        if (requests.pending()) {
            poll();
        }
        boolean whole = cpu.rip() == next && resume != NOWHERE;
        int entry = whole && code.generation() == generation && blocks.isValid(block) ? resume : NOWHERE;
        if (memory.deviceAccesses() == accesses) {
            return entry;
        }
        // It may have been the local APIC, which then lets an interrupt through; and the loop counts accesses.
        resumption.expect(next, entry, block);
        return EVENTS;
    }

    private void stepped() {
        counters.steps++;
        steps.count(stepper.instruction());
    }

    /** The caller has stepped the instruction that {@link #run} left to it, without a fault. */
    public void callerStepped() {
        steps.count(stepper.instruction());
    }

    /** Which instructions of 64-bit code were executed singly, and why; any thread may ask. */
    public List<StepCount> stepCounts() {
        return steps.list();
    }

    /** What was counted, of which any thread may ask. */
    public RunCounters counters() {
        return counters;
    }

    @Override
    public void close() {
        pages.remove(requests);
        code.close();
        jumps.close();
        blocks.close();
        if (check != null) {
            check.close();
        }
    }
}
