package io.javisor.emulator.cpu;

import io.javisor.core.cpu.BootMsrs;
import io.javisor.core.cpu.CpuidEntry;
import io.javisor.core.cpu.MsrEntry;
import io.javisor.core.engine.DebugRequest;
import io.javisor.core.engine.EngineVcpu;
import io.javisor.core.engine.StepCount;
import io.javisor.core.engine.TraceRequest;
import io.javisor.core.engine.VmSpec;
import io.javisor.core.host.Cleanup;
import io.javisor.core.memory.GuestMemory;
import io.javisor.core.vcpu.VcpuExit;
import io.javisor.emulator.apic.ApicAccess;
import io.javisor.emulator.apic.ApicCounters;
import io.javisor.emulator.decode.Decoder;
import io.javisor.emulator.decode.Instruction;
import io.javisor.emulator.decode.InstructionClass;
import io.javisor.emulator.emit.HostFault;
import io.javisor.emulator.emit.StepCode;
import io.javisor.emulator.mmu.LinearMemory;
import io.javisor.emulator.mmu.Mmu;
import io.javisor.emulator.mmu.WriteWatch;
import io.javisor.emulator.run.BlockDifference;
import io.javisor.emulator.run.CheckedMemory;
import io.javisor.emulator.run.Runs;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.CpuFault;
import io.javisor.emulator.state.StateLayout;
import io.javisor.emulator.state.VectorLayout;
import io.javisor.emulator.step.OperandMemory;
import io.javisor.emulator.step.StepContext;
import io.javisor.emulator.step.Stepper;
import io.javisor.emulator.system.EventGate;
import io.javisor.emulator.system.OfferedCpu;
import io.javisor.emulator.system.SystemContext;
import io.javisor.emulator.system.SystemUnit;
import io.javisor.emulator.trace.InstructionTracer;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A processor that has been powered on: executes the guest's instructions and what lies between them. For the vCPU's thread, or any while
 * that one is parked; {@link #run} allocates nothing.
 */
final class Processor implements AutoCloseable {
    /** So that a call ends now and then: the compilers take up a method that is called often much sooner than a loop. */
    private static final int STEPS_A_CALL = 2000;

    private final int index;
    private final CpuBlock cpu;
    private final ProcessorLink link;
    private final GuestMemory memory;
    private final StepCode code;
    private final Mmu mmu;
    private final DeviceMemory devices;
    private final SystemUnit unit;
    private final PortSteps ports;
    private final SystemSteps system;
    private final Stepper stepper;
    private final EventGate gate;
    private final ProcessorSnapshot snapshot;
    private final StepContext context;
    private @Nullable InstructionTracer tracer;
    private final @Nullable Runs runs;
    private DebugStops stops = DebugStops.NONE;
    private boolean inGuest;
    private long steps;
    private long exceptions;
    private long halts;
    private @Nullable String hostFault;

    /**
     * @param link what joins the processor to the rest of the machine
     * @param cpuid what the guest sees
     */
    Processor(
            int index,
            ProcessorBlock block,
            ProcessorLink link,
            VmSpec spec,
            Doorbells doorbells,
            List<CpuidEntry> cpuid) {
        this.index = index;
        this.link = link;
        cpu = block.cpu;
        memory = spec.memory();
        OfferedCpu offered = OfferedCpu.of(cpuid);
        WriteWatch watch = link.codePages().watch();
        mmu = new Mmu(cpu, memory, watch, block.tlb, offered.physicalBits(), offered.pages1G(), offered.pse36());
        devices = new DeviceMemory(spec.deviceMemory(), doorbells, link.apic(), link.access(), block.fetch);
        LinearMemory linear = new LinearMemory(cpu, mmu, devices, watch, block.bounce);
        SystemContext systemContext = new SystemContext(cpu, linear, mmu);
        unit = new SystemUnit(
                systemContext,
                cpuid,
                gpa -> memory.isRam(gpa, Long.BYTES) ? memory.getLong(gpa) : -1,
                link.ports(),
                OfferedCpuid.ARCH_CAPABILITIES);
        OperandMemory operands =
                new ProcessorMemory(cpu, linear, unit.addressing(), unit.debug(), devices, link.splitLocks());
        CheckedMemory checked = link.translation().checks() ? new CheckedMemory(operands, linear) : null;
        if (checked != null) {
            operands = checked;
        }
        Cleanup opened = new Cleanup();
        try {
            code = opened.add(new StepCode(cpu, link.translation().blocks().perfMap()));
            ports = new PortSteps(cpu, operands, unit, spec.ports(), block.elements);
            context = new StepContext(cpu, operands, code);
            system = new SystemSteps(context, cpu, operands, unit, ports);
            stepper = new Stepper(context, new Decoder(OfferedCpuid.features(cpuid)), system);
            runs = link.translation().emits()
                    ? opened.add(new Runs(
                            cpu,
                            stepper,
                            linear,
                            mmu,
                            link.attention(),
                            new Decoder(OfferedCpuid.features(cpuid)),
                            link.codePages(),
                            checked,
                            link.translation().blocks()))
                    : null;
            int signature = OfferedCpuid.signature(cpuid);
            gate = new EventGate(systemContext, unit, link.events(), link.attention(), index == 0, signature);
            snapshot = new ProcessorSnapshot(cpu, unit, link);
            powerOn(signature);
        } catch (RuntimeException | Error e) {
            opened.closeAfter(e);
            throw e;
        }
    }

    private void powerOn(int signature) {
        unit.reset(signature);
        cpu.putInt(VectorLayout.FCW_OFFSET, VectorLayout.FCW_RESET);
        cpu.putInt(VectorLayout.MXCSR_OFFSET, VectorLayout.MXCSR_RESET);
        for (MsrEntry entry : BootMsrs.entries(_ -> true)) {
            unit.msrs().write(entry.index(), entry.data());
        }
        if (index != 0) {
            cpu.setActivity(CpuBlock.WAIT_FOR_SIPI);
        }
    }

    /** As {@link io.javisor.core.vcpu.VcpuBackend#run}. */
    VcpuExit run() {
        try {
            return runSome();
        } catch (HostFault | BlockDifference fault) {
            return leaveFor(fault.getMessage());
        } catch (InternalError fault) { // what the JVM makes of a SIGBUS at an access of its own
            return leaveFor("host fault: " + fault.getMessage());
        }
    }

    private VcpuExit leaveFor(@Nullable String fault) {
        hostFault = fault;
        return leave(VcpuExit.INTERNAL_ERROR);
    }

    /** Why the last run ended with {@link VcpuExit#INTERNAL_ERROR}. */
    @Nullable
    String hostFault() {
        return hostFault;
    }

    private VcpuExit runSome() {
        if (!inGuest) {
            enter();
        }
        for (int i = 0; i < STEPS_A_CALL; i++) {
            int next = gate.before();
            // Not earlier: a kick's raise of attention, which blocks poll, may have been taken just now.
            if (link.isKicked()) {
                return leave(VcpuExit.KICKED);
            }
            if (next == EventGate.EXECUTE) {
                if (stops.isBreakpoint(cpu)) {
                    return leave(VcpuExit.DEBUG);
                }
                long before = accesses();
                if (runs == null || stops != DebugStops.NONE || !runBlocks(runs)) {
                    step();
                }
                if (stops.singleStep()) {
                    return leave(VcpuExit.DEBUG);
                }
                if (accesses() != before) {
                    return VcpuExit.CONTINUE; // an access is served: that is an exit
                }
            } else if (next == EventGate.SHUTDOWN) {
                return leave(VcpuExit.TRIPLE_FAULT);
            } else if (link.apic() == null && cpu.activity() == CpuBlock.HALTED) {
                cpu.setActivity(CpuBlock.RUNNING);
                return leave(VcpuExit.HALT);
            } else {
                park();
            }
        }
        return VcpuExit.CONTINUE;
    }

    private long accesses() {
        return devices.reads() + devices.writes() + ports.reads() + ports.writes();
    }

    /** Its timer may have become due, or messages may have come, while it was not in the guest. */
    private void enter() {
        inGuest = true;
        if (runs != null) {
            runs.enter();
        }
        link.clock().enter();
        link.attention().raise();
    }

    private VcpuExit leave(VcpuExit exit) {
        inGuest = false;
        showTrace();
        if (runs != null) {
            runs.leave();
        }
        link.alarms().clear(index);
        link.clock().leave();
        return exit;
    }

    private void park() {
        halts++;
        showTrace();
        link.alarms().clear(index);
        if (runs != null) {
            runs.leave();
        }
        gate.park();
        if (runs != null) {
            runs.enter();
        }
    }

    /** Whether that was all for now; if not, the next instruction is to be stepped. */
    private boolean runBlocks(Runs present) {
        try {
            return present.run();
        } catch (CpuFault fault) {
            exceptions++;
            gate.faulted(fault);
            return true;
        }
    }

    /** Has instructions written down from now on. */
    void trace(TraceRequest request) {
        tracer = new InstructionTracer(index, cpu, context, stepper, request);
        if (runs != null) {
            runs.leaveOut(request);
        }
    }

    /** While nothing is executed, all that was can be read. */
    private void showTrace() {
        InstructionTracer tracing = tracer;
        if (tracing != null) {
            tracing.pause();
        }
    }

    private void step() {
        int pendingDebug = cpu.getInt(StateLayout.PENDING_DEBUG_OFFSET);
        long rip = cpu.rip();
        steps++;
        try {
            InstructionTracer tracing = tracer;
            if (tracing != null && tracing.covers()) {
                tracing.step();
            } else {
                stepper.step();
            }
        } catch (CpuFault fault) {
            exceptions++;
            // Breakpoints on data trap after an instruction, and this one did not end.
            cpu.putInt(StateLayout.PENDING_DEBUG_OFFSET, pendingDebug);
            gate.faulted(fault);
            return;
        }
        if (runs != null) {
            runs.callerStepped();
        }
        Instruction instruction = stepper.instruction();
        InstructionClass kind = instruction.form().kind();
        if (kind == InstructionClass.SYSTEM) {
            retire(system.retirement());
        } else if (kind == InstructionClass.STRING && instruction.repeat() != 0 && cpu.rip() == rip) {
            gate.repeats();
        } else {
            gate.retired();
        }
    }

    private void retire(Retirement retirement) {
        switch (retirement) {
            case PLAIN -> gate.retired();
            case RETURNED -> gate.returned();
            case INTERRUPTED -> gate.interrupted();
            case REPEATS -> gate.repeats();
        }
    }

    void debug(DebugRequest request) {
        stops = DebugStops.of(request);
        gate.holdInterrupts(stops.singleStep());
    }

    long translate(long linear) {
        return mmu.probe(linear);
    }

    /** Its registers and all of its state. */
    ProcessorSnapshot snapshot() {
        return snapshot;
    }

    /**
     * Puts what was counted, as {@link io.javisor.core.engine.EngineVcpu#counters}: any thread. The vCPU's thread alone writes the counters, in plain
     * fields, which a 64-bit JVM does not tear.
     */
    void count(Map<String, Long> counters) {
        counters.put(EngineVcpu.PORT_READS, ports.reads());
        counters.put(EngineVcpu.PORT_WRITES, ports.writes());
        counters.put(EngineVcpu.DEVICE_READS, devices.reads());
        counters.put(EngineVcpu.DEVICE_WRITES, devices.writes());
        counters.put("halts", halts);
        counters.put("exceptions", exceptions);
        ApicAccess apic = link.access();
        if (apic != null) {
            ApicCounters local = apic.counters();
            counters.put("interrupts", local.interrupts() + local.externalInterrupts());
            counters.put("ipis", local.ipis());
        }
        counters.put("tlb_misses", mmu.walks());
        counters.put("tlb_flushes", mmu.translations());
        counters.put("steps", steps + (runs == null ? 0 : runs.counters().steps()));
        if (runs != null) {
            runs.counters().put(counters);
        }
    }

    /** As {@link io.javisor.core.engine.EngineVcpu#stepCounts}. */
    List<StepCount> stepCounts() {
        return runs == null ? List.of() : runs.stepCounts();
    }

    @Override
    public void close() {
        if (runs != null) {
            runs.close();
        }
        code.close();
    }
}
