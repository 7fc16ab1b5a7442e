package io.javisor.emulator.run;

import io.javisor.emulator.emit.PerfMap;
import io.javisor.emulator.mmu.Mmu;
import org.jspecify.annotations.Nullable;

/** Makes blocks of code that has run often enough. For the vCPU's thread alone; allocates nothing but when tables grow. */
final class BlockMaker {
    /** In place of a block: there is none. */
    static final int NONE = BlockTable.NONE;

    /** In place of a block: some have to be forgotten first. */
    static final int FULL = -2;

    private static final int PAGE_SIZE = 4096;

    private final BlockPlan plan;
    private final BlockEmitter emitter;
    private final BlockTable blocks;
    private final RunCode code;
    private final Mmu mmu;
    private final CodePages pages;
    private final CodeRequests requests;
    private final RunCounters counters;
    private final PageHolds holds = new PageHolds();
    private final boolean losesPatience;
    private final @Nullable PerfMap perfMap;
    private boolean held;

    /**
     * @param losesPatience whether there are no blocks for a while of a page that is written again and again
     * @param perfMap where each is told of
     */
    BlockMaker(
            BlockPlan plan,
            BlockEmitter emitter,
            BlockTable blocks,
            RunCode code,
            Mmu mmu,
            CodePages pages,
            CodeRequests requests,
            RunCounters counters,
            boolean losesPatience,
            @Nullable PerfMap perfMap) {
        this.plan = plan;
        this.emitter = emitter;
        this.blocks = blocks;
        this.code = code;
        this.mmu = mmu;
        this.pages = pages;
        this.requests = requests;
        this.counters = counters;
        this.losesPatience = losesPatience;
        this.perfMap = perfMap;
    }

    /** A page's blocks were dropped, because it was written to. */
    void dropped(long pageGpa) {
        holds.dropped(pageGpa);
    }

    /** Whether the last {@link #make} gave {@link #NONE} because the page was written to again and again. */
    boolean held() {
        return held;
    }

    /**
     * Makes a block.
     *
     * @param place the block table's
     * @param gpa where the code begins, and {@code hva} the same on the host
     * @param linear the same for the guest
     * @return its number, {@link #NONE} or {@link #FULL}
     */
    int make(int place, long gpa, long hva, long linear, int mode) {
        long page = gpa & -PAGE_SIZE;
        int start = (int) gpa & PAGE_SIZE - 1;
        held = losesPatience && holds.isHeld(page);
        if (held || !plan.read(hva - start, start, mode)) {
            return NONE;
        }
        long lines = CodePages.lines(start, plan.offset(plan.count()));
        boolean marked = pages.hasLines(page, lines);
        if (!marked) {
            mmu.protect(page);
            pages.mark(page, lines, requests);
        }
        // Ours too: what another marked meanwhile may still be writable here.
        if (!pages.settled(requests) || requests.pending()) {
            return NONE;
        }
        if (!marked || pages.isShared()) {
            // What was there before all knew may be gone.
            boolean same = plan.read(hva - start, start, mode)
                    && pages.hasLines(page, CodePages.lines(start, plan.offset(plan.count())));
            if (!same) {
                return NONE;
            }
        }
        if (!code.hasRoom() || !blocks.hasRoom()) {
            return FULL;
        }
        emitter.emit(blocks.next());
        code.blockEnded();
        counters.blocks++;
        counters.emitted += plan.count();
        if (perfMap != null) {
            tell(perfMap, linear, mode);
        }
        return blocks.add(place, page, emitter.entrySaved(), emitter.entryHost());
    }

    private void tell(PerfMap map, long linear, int mode) {
        int start = Math.min(emitter.entrySaved(), emitter.entryHost());
        if (!map.add(code.hva(start), code.position() - start, linear, (mode & RunMode.USER) != 0)) {
            counters.unmapped++;
        }
    }
}
