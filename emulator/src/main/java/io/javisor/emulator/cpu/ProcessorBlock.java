package io.javisor.emulator.cpu;

import io.javisor.emulator.mmu.LinearMemory;
import io.javisor.emulator.mmu.Tlb;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.VectorLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** The memory outside the heap that a processor has: its state, its TLB, room for operands. */
final class ProcessorBlock implements AutoCloseable {
    private static final long PAGE = 4096;

    private final Arena arena = Arena.ofShared();
    final CpuBlock cpu = new CpuBlock(arena.allocate(VectorLayout.SIZE, PAGE));
    final MemorySegment tlb = arena.allocate(Tlb.SIZE, PAGE);
    final MemorySegment bounce = arena.allocate(LinearMemory.BOUNCE_SIZE, 64);
    final MemorySegment fetch = arena.allocate(DeviceMemory.FETCH_SIZE, 16);

    final MemorySegment elements = arena.allocate(PortSteps.BUFFER_SIZE, 16);

    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
