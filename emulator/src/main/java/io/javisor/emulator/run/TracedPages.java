package io.javisor.emulator.run;

import io.javisor.core.engine.TraceRequest;
import io.javisor.emulator.state.CpuBlock;

/** The pages that a trace wants to be stepped: no block goes beyond its page. */
final class TracedPages {
    private static final int PAGE_SIZE = 4096;

    private final TraceRequest request;

    TracedPages(TraceRequest request) {
        this.request = request;
    }

    /** Whether RIP is in one of them. */
    boolean contain(CpuBlock cpu) {
        long page = (cpu.code64() ? cpu.rip() : cpu.base(CpuBlock.CS) + cpu.rip() & 0xFFFF_FFFFL) & -PAGE_SIZE;
        return request.touches(page, page + PAGE_SIZE - 1);
    }
}
