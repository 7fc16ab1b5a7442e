package io.javisor.gdb;

import io.javisor.core.cpu.Bytes;
import io.javisor.core.cpu.CpuRegisters;
import io.javisor.core.cpu.CpuState;
import io.javisor.core.cpu.CpuidEntry;
import io.javisor.core.cpu.DebugRegisters;
import io.javisor.core.cpu.GeneralRegisters;
import io.javisor.core.cpu.MsrEntry;
import io.javisor.core.cpu.PendingEvents;
import io.javisor.core.cpu.RunState;
import io.javisor.core.cpu.SegmentState;
import io.javisor.core.cpu.SystemRegisters;
import io.javisor.core.cpu.TableState;
import io.javisor.core.engine.DebugRequest;
import io.javisor.core.engine.EngineVcpu;
import io.javisor.core.engine.VcpuFailure;
import io.javisor.core.memory.GpaRange;
import io.javisor.core.memory.GuestMemory;
import io.javisor.core.memory.MemoryBackingConfig;
import io.javisor.core.vcpu.VcpuExit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Two pages of memory and vCPUs that execute nothing, for tests of the protocol. The second page is mapped at {@link #HIGH}, the first at 0. */
final class StandInMachine implements DebugTarget, AutoCloseable {
    static final long HIGH = 0xFFFF_FFFF_8000_0000L;

    final GuestMemory memory = GuestMemory.allocate(List.of(new GpaRange(0, 0x2000)), MemoryBackingConfig.DEFAULT);
    final List<StandInVcpu> vcpus = new ArrayList<>();
    volatile boolean running = true;
    volatile boolean ended;
    volatile boolean killed;
    volatile List<@Nullable DebugRequest> requests = List.of();
    private volatile @Nullable Listener listener;

    StandInMachine(int vcpuCount) {
        for (int i = 0; i < vcpuCount; i++) {
            vcpus.add(new StandInVcpu(i));
        }
    }

    @Override
    public void tell(Listener whom) {
        listener = whom;
    }

    Listener listener() {
        return Objects.requireNonNull(listener);
    }

    @Override
    public int vcpuCount() {
        return vcpus.size();
    }

    @Override
    public int maxBreakpoints() {
        return 4;
    }

    @Override
    public boolean stop() {
        running = false;
        return !ended;
    }

    @Override
    public void go(List<@Nullable DebugRequest> wanted) {
        requireAlive();
        requests = wanted;
        running = true;
    }

    @Override
    public <R> R look(Function<Stopped, R> looker) {
        requireAlive();
        return looker.apply(new Stopped(List.copyOf(vcpus), memory));
    }

    private void requireAlive() {
        if (ended) {
            throw new MachineEndedException();
        }
    }

    @Override
    public void kill() {
        killed = true;
    }

    @Override
    public void close() {
        memory.close();
    }

    static final class StandInVcpu implements EngineVcpu {
        private final int index;
        CpuRegisters registers;
        byte[] xsave = new byte[576];

        StandInVcpu(int index) {
            this.index = index;
            SegmentState data = SegmentState.data(0x10);
            registers = new CpuRegisters(
                    GeneralRegisters.at(0x1000 + index, 0x8000, 2),
                    new SystemRegisters(
                            SegmentState.code64(8),
                            data,
                            data,
                            data,
                            data,
                            data,
                            SegmentState.tss(0),
                            SegmentState.none(),
                            new TableState(0x500, 0x27),
                            new TableState(0, 0),
                            0x8000_0011L,
                            0,
                            0x9000,
                            0x20,
                            0,
                            0x500,
                            0xFEE0_0900L));
        }

        @Override
        public int index() {
            return index;
        }

        @Override
        public CpuRegisters registers() {
            return registers;
        }

        @Override
        public void setRegisters(CpuRegisters value) {
            registers = value;
        }

        @Override
        public OptionalLong translate(long linear) {
            if (linear >= 0 && linear < 0x1000) {
                return OptionalLong.of(linear);
            }
            return linear >= HIGH && linear < HIGH + 0x1000
                    ? OptionalLong.of(linear - HIGH + 0x1000)
                    : OptionalLong.empty();
        }

        @Override
        public CpuState save() {
            return new CpuState(
                    CpuState.VERSION,
                    registers,
                    List.of(),
                    List.of(new MsrEntry(0xC000_0102, 0x1122)),
                    1,
                    Bytes.of(xsave),
                    new DebugRegisters(0, 0, 0, 0, 0, 0),
                    PendingEvents.NONE,
                    runState(),
                    Bytes.NONE);
        }

        @Override
        public RunState runState() {
            return index == 0 ? RunState.RUNNABLE : RunState.HALTED;
        }

        @Override
        public void debug(DebugRequest request) {
            throw new AssertionError("by the machine's go()");
        }

        @Override
        public int maxBreakpoints() {
            throw new AssertionError("by the machine's");
        }

        @Override
        public void powerOn(List<CpuidEntry> cpuid) {
            throw new AssertionError();
        }

        @Override
        public VcpuFailure failure(VcpuExit exit) {
            throw new AssertionError();
        }

        @Override
        public void nmi() {
            throw new AssertionError();
        }

        @Override
        public void pausedMeanwhile() {}

        @Override
        public Map<String, Long> counters() {
            return Map.of();
        }

        @Override
        public void enterThread() {}

        @Override
        public VcpuExit run() {
            throw new AssertionError();
        }

        @Override
        public void kick() {}

        @Override
        public void clearKick() {}

        @Override
        public void close() {}
    }
}
