package io.javisor.emulator.cpu;

import io.javisor.core.cpu.HostCpu;
import io.javisor.core.engine.EngineInterrupts;
import io.javisor.core.engine.EngineVcpu;
import io.javisor.core.engine.EngineVm;
import io.javisor.core.engine.TraceRequest;
import io.javisor.core.engine.VmSpec;
import io.javisor.core.engine.VmState;
import io.javisor.core.event.EventLoop;
import io.javisor.core.irq.EndOfInterrupt;
import io.javisor.core.irq.InterruptController;
import io.javisor.core.irq.InterruptLine;
import io.javisor.core.irq.MsiSink;
import io.javisor.core.memory.GuestMemory;
import io.javisor.emulator.apic.ApicFabric;
import io.javisor.emulator.decode.Feature;
import io.javisor.emulator.run.CodePages;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** A virtual machine of the software engine. */
final class SoftwareVm implements EngineVm {
    private final VmSpec spec;
    private final Set<Feature> host;
    private final Translation translation;
    private final ApicFabric fabric = new ApicFabric();
    private final GuestClock clock = new GuestClock();
    private final AlarmClock alarms;
    private final Doorbells doorbells = new Doorbells();
    private final CodePages codePages;
    private final ReentrantLock splitLocks = new ReentrantLock();
    private final List<SoftwareVcpu> vcpus = new CopyOnWriteArrayList<>();
    private final EngineInterrupts interrupts;
    private @Nullable TraceRequest trace;
    private InterruptController pic = InterruptController.NONE;
    private EndOfInterrupt ioApic = _ -> {};

    SoftwareVm(VmSpec spec, Set<Feature> host, Translation translation) {
        this.spec = spec;
        this.host = host;
        this.translation = translation;
        List<GuestMemory.Region> readOnly = spec.memory().readOnlyRegions();
        List<GuestMemory.Region> last = readOnly.isEmpty() ? spec.memory().regions() : readOnly;
        codePages = new CodePages(last.getLast().endGpa());
        spec.memory().observeWrites(codePages);
        alarms = new AlarmClock(spec.name() + "/timers", ApicFabric.ID_MAX + 1);
        interrupts = switch (spec.interrupts()) {
            case NONE -> new EngineInterrupts.None();
            case PC -> new ChipSocket();
        };
    }

    /** Where the chips of a PC are plugged in, which the engine does not have. */
    private final class ChipSocket implements EngineInterrupts.Socket, InterruptLine {
        @Override
        public InterruptLine intr() {
            return this;
        }

        @Override
        public void plug(InterruptController plugged, EndOfInterrupt plugFor) {
            if (!vcpus.isEmpty()) {
                throw new IllegalStateException(spec.name() + " has vCPUs, and chips come before them");
            }
            pic = plugged;
            ioApic = plugFor;
        }

        @Override
        public void raise() {
            for (SoftwareVcpu vcpu : vcpus) {
                vcpu.link().intr().raise();
            }
        }

        @Override
        public void lower() {
            for (SoftwareVcpu vcpu : vcpus) {
                vcpu.link().intr().lower();
            }
        }
    }

    @Override
    public boolean trace(TraceRequest request) {
        if (!vcpus.isEmpty()) {
            throw new IllegalStateException(spec.name() + " has vCPUs, and a trace comes before them");
        }
        trace = request;
        return true;
    }

    @Override
    public EngineVcpu createVcpu(int index) {
        SoftwareVcpu vcpu = new SoftwareVcpu(
                index,
                new ProcessorLink.Machine(clock, alarms, fabric, ioApic, pic, spec, codePages, splitLocks, translation),
                doorbells,
                trace);
        vcpus.add(vcpu);
        return vcpu;
    }

    @Override
    public HostCpu offer() {
        return new HostCpu(OfferedCpuid.of(HostFeatures.offered(host)), true, GuestClock.TSC_KHZ);
    }

    @Override
    public EngineInterrupts interrupts() {
        return interrupts;
    }

    @Override
    public MsiSink messages() {
        return fabric;
    }

    @Override
    public Binding bindDoorbell(String name, long gpa, int sizeBytes, long value, EventLoop loop, Runnable rung) {
        return doorbells.bind(gpa, sizeBytes, value, loop, rung);
    }

    @Override
    public VmState save() {
        return new VmState(
                VmState.VERSION,
                SoftwareEngine.NAME,
                new VmState.ClockState(clock.nanos()),
                vcpus.stream().map(SoftwareVcpu::save).toList(),
                List.of());
    }

    /** The clock first: the processors' counters and timers are set by it. */
    @Override
    public void restore(VmState state) {
        state.requireFor(SoftwareEngine.NAME, vcpus.size(), spec.interrupts());
        if (!state.chips().isEmpty()) {
            throw new IllegalArgumentException("a VM's state has the chips of another engine");
        }
        clock.set(state.clock().nanos());
        for (int i = 0; i < vcpus.size(); i++) {
            vcpus.get(i).restore(state.cpus().get(i));
        }
    }

    @Override
    public void close() {
        spec.memory().observeWrites(null);
        alarms.close();
        // Chips and messages may have kicked the processors until now.
        vcpus.forEach(SoftwareVcpu::free);
    }
}
