package io.javisor.emulator.cpu;

import io.javisor.core.cpu.Bytes;
import io.javisor.core.cpu.CpuRegisters;
import io.javisor.core.cpu.CpuState;
import io.javisor.core.cpu.CpuidEntry;
import io.javisor.core.cpu.MsrEntry;
import io.javisor.core.cpu.RunState;
import io.javisor.core.engine.DebugRequest;
import io.javisor.core.engine.EngineVcpu;
import io.javisor.core.engine.InstructionAt;
import io.javisor.core.engine.StepCount;
import io.javisor.core.engine.TraceRequest;
import io.javisor.core.engine.VcpuFailure;
import io.javisor.core.engine.VmSpec;
import io.javisor.core.host.Errno;
import io.javisor.core.host.HostException;
import io.javisor.core.irq.DeliveryMode;
import io.javisor.core.vcpu.VcpuExit;
import io.javisor.emulator.state.CpuBlock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** A virtual CPU of the software engine. */
final class SoftwareVcpu implements EngineVcpu {
    private final int index;
    private final VmSpec spec;
    private final ProcessorLink.Machine machine;
    private final Doorbells doorbells;
    private final ProcessorBlock block = new ProcessorBlock();
    private final ProcessorLink link;
    private final @Nullable TraceRequest trace;
    private @Nullable Processor processor;

    SoftwareVcpu(int index, ProcessorLink.Machine machine, Doorbells doorbells, @Nullable TraceRequest trace) {
        this.index = index;
        this.machine = machine;
        this.spec = machine.spec();
        this.doorbells = doorbells;
        this.trace = trace;
        link = new ProcessorLink(index, block.cpu, machine);
    }

    ProcessorLink link() {
        return link;
    }

    /** Its state. */
    CpuBlock block() {
        return block.cpu;
    }

    @Override
    public int index() {
        return index;
    }

    @Override
    public void enterThread() {}

    @Override
    public VcpuExit run() {
        return poweredOn().run();
    }

    @Override
    public void kick() {
        link.kickOut();
    }

    @Override
    public void clearKick() {
        link.clearKick();
    }

    @Override
    public void powerOn(List<CpuidEntry> cpuid) {
        Processor before = processor;
        Processor made = new Processor(index, block, link, spec, doorbells, cpuid);
        if (trace != null) {
            made.trace(trace);
        }
        processor = made;
        if (before != null) {
            before.close();
        }
    }

    private Processor poweredOn() {
        Processor present = processor;
        if (present == null) {
            throw new IllegalStateException(spec.name() + ": vCPU " + index + " has no power yet");
        }
        return present;
    }

    @Override
    public CpuRegisters registers() {
        return poweredOn().snapshot().registers();
    }

    @Override
    public void setRegisters(CpuRegisters registers) {
        poweredOn().snapshot().setRegisters(registers);
    }

    @Override
    public OptionalLong translate(long linear) {
        long gpa = poweredOn().translate(linear);
        return gpa < 0 ? OptionalLong.empty() : OptionalLong.of(gpa);
    }

    @Override
    public VcpuFailure failure(VcpuExit exit) {
        String reason =
                switch (exit) {
                    case TRIPLE_FAULT -> "a fault in the delivery of a double fault";
                    case HALT -> "HLT without a local APIC";
                    case INTERNAL_ERROR -> hostFault();
                    default -> exit.name();
                };
        return new VcpuFailure(reason, instruction(), null);
    }

    private String hostFault() {
        String fault = poweredOn().hostFault();
        return fault == null ? VcpuExit.INTERNAL_ERROR.name() : fault;
    }

    private Bytes instruction() {
        try {
            return InstructionAt.of(this, spec.memory());
        } catch (InternalError e) { // it lies in memory that the host took away
            return Bytes.NONE;
        }
    }

    @Override
    public RunState runState() {
        return poweredOn().snapshot().runState();
    }

    @Override
    public void debug(DebugRequest request) {
        poweredOn().debug(request);
    }

    @Override
    public int maxBreakpoints() {
        return Integer.MAX_VALUE;
    }

    @Override
    public void nmi() {
        if (link.apic() == null) {
            link.sendNmi();
        } else {
            boolean _ = machine.fabric().send(DeliveryMode.NMI, 0, index, false, false);
        }
    }

    @Override
    public void pausedMeanwhile() {
        link.kvmClock().pausedMeanwhile();
    }

    @Override
    public Map<String, Long> counters() {
        Map<String, Long> counters = new LinkedHashMap<>();
        Processor present = processor;
        if (present != null) {
            present.count(counters);
        }
        return counters;
    }

    @Override
    public List<StepCount> stepCounts() {
        Processor present = processor;
        return present == null ? List.of() : present.stepCounts();
    }

    @Override
    public CpuState save() {
        return poweredOn().snapshot().save();
    }

    /**
     * Puts a state back into a vCPU that has been powered on with the same CPUID.
     *
     * @throws IllegalArgumentException if it is none that a processor can be in
     * @throws HostException if it has an MSR that this processor has not
     */
    void restore(CpuState state) {
        List<MsrEntry> refused = poweredOn().snapshot().restore(state);
        if (!refused.isEmpty()) {
            throw new HostException(
                    "%s: vCPU %d has no MSR 0x%x, or not this value of it"
                            .formatted(spec.name(), index, refused.getFirst().index()),
                    Errno.EINVAL);
        }
    }

    @Override
    public void close() {
        Processor present = processor;
        processor = null;
        if (present != null) {
            present.close();
        }
    }

    /** Gives the state back, which kicks need. */
    void free() {
        block.close();
    }
}
