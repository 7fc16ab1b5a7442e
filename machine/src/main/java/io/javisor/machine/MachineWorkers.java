package io.javisor.machine;

import io.javisor.core.event.EventLoop;
import io.javisor.core.event.MachineClock;
import io.javisor.core.event.WorkerPool;
import io.javisor.core.host.Cleanup;
import io.javisor.core.io.AsyncFiles;
import io.javisor.core.memory.GpaRange;
import io.javisor.devices.backend.HostEvents;
import io.javisor.devices.backend.LoopHostEvents;
import io.javisor.devices.backend.TokenLevels;
import io.javisor.machine.host.VirtioSource;
import java.util.Map;

/**
 * The threads of a machine that may wait for the host, a pool for each use: what a guest can hold up, its disks' requests above all, holds up neither
 * the escape key nor the machine's end. Threads are made when they are first needed.
 */
final class MachineWorkers implements AutoCloseable {
    /** System calls side by side, of all disks, where io_uring can't be had. */
    static final int DISK_THREADS = 6;

    /** Each output and each input has at most one call in flight. */
    static final int PORT_THREADS = 6;

    /** The end of a life, a power-off that waits for it, and what lets go of an engine's VM. */
    static final int END_THREADS = 4;

    private static final int WORK_IN_FLIGHT = 64;

    private final Cleanup cleanup = new Cleanup();
    private final EventLoop loop;
    private final WorkerPool disks;
    private final LoopHostEvents ports;
    private final LoopHostEvents standardInput;
    private final LoopHostEvents ends;

    /** @param loop where work is told of when it is done; stays the caller's */
    MachineWorkers(String machine, EventLoop loop) {
        this.loop = loop;
        disks = pool(machine + "/disk", DISK_THREADS);
        ports = new LoopHostEvents(loop, pool(machine + "/port", PORT_THREADS));
        standardInput = new LoopHostEvents(loop, pool(machine + "/input", 1));
        ends = new LoopHostEvents(loop, pool(machine + "/end", END_THREADS));
    }

    private WorkerPool pool(String name, int threads) {
        return cleanup.add(new WorkerPool(name, threads, WORK_IN_FLIGHT));
    }

    /** For the disks' requests. */
    WorkerPool disks() {
        return disks;
    }

    /** What a machine's virtio devices work with: once, for their limits are in it. */
    VirtioSource.Surroundings surroundings(String machine, MachineClock clock, Map<String, GpaRange> memories) {
        return new VirtioSource.Surroundings(
                machine,
                ports,
                clock,
                new TokenLevels(),
                new AsyncFiles(loop, disks, AsyncFiles.Engine.AUTO),
                memories);
    }

    /** For serial ports and all else that watches descriptors. */
    LoopHostEvents ports() {
        return ports;
    }

    /** For the reader of standard input, which sees the escape key. */
    HostEvents standardInput() {
        return standardInput;
    }

    /** Runs what ends a machine, or a life of it. */
    void runEnd(String name, Runnable task) {
        ends.runOnce(name, task);
    }

    /** Waits for what runs. */
    @Override
    public void close() {
        cleanup.close();
    }
}
