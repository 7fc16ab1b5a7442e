package io.javisor.emulator.cpu;

import io.javisor.core.cpu.BootMsrs;
import io.javisor.core.cpu.Bytes;
import io.javisor.core.cpu.CpuRegisters;
import io.javisor.core.cpu.CpuState;
import io.javisor.core.cpu.CpuidEntry;
import io.javisor.core.cpu.MsrEntry;
import io.javisor.core.cpu.RunState;
import io.javisor.core.engine.DebugRequest;
import io.javisor.core.engine.TraceRequest;
import io.javisor.core.engine.VmSpec;
import io.javisor.core.memory.GuestMemory;
import io.javisor.core.vcpu.VcpuExit;
import io.javisor.emulator.decode.Decoder;
import io.javisor.emulator.decode.Instruction;
import io.javisor.emulator.decode.InstructionClass;
import io.javisor.emulator.emit.StepCode;
import io.javisor.emulator.mmu.LinearMemory;
import io.javisor.emulator.mmu.Mmu;
import io.javisor.emulator.mmu.WriteWatch;
import io.javisor.emulator.run.Runs;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.CpuFault;
import io.javisor.emulator.state.StateLayout;
import io.javisor.emulator.state.VectorLayout;
import io.javisor.emulator.step.StepContext;
import io.javisor.emulator.step.Stepper;
import io.javisor.emulator.system.EventGate;
import io.javisor.emulator.system.OfferedCpu;
import io.javisor.emulator.system.SystemContext;
import io.javisor.emulator.system.SystemUnit;
import io.javisor.emulator.trace.InstructionTracer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
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

    private static final boolean TRANSLATES = !Boolean.getBoolean("javisor.translate.off");
    private static final byte X87_AND_SSE = 3;
    private static final int MXCSR_IN_XSAVE = VectorLayout.MXCSR_OFFSET - VectorLayout.XSAVE_OFFSET;

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
    private final StepContext context;
    private @Nullable InstructionTracer tracer;
    private final @Nullable Runs runs;
    private DebugStops stops = DebugStops.NONE;
    private boolean inGuest;
    private long steps;
    private long faults;
    private long halts;

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
        WriteWatch watch = Runs.watch(link.codePages());
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
        ProcessorMemory operands = new ProcessorMemory(cpu, linear, unit.addressing(), unit.debug(), devices);
        code = new StepCode(cpu);
        ports = new PortSteps(cpu, operands, unit, spec.ports(), block.elements);
        context = new StepContext(cpu, operands, code);
        system = new SystemSteps(context, cpu, operands, unit, ports);
        stepper = new Stepper(context, new Decoder(OfferedCpuid.features(cpuid)), system);
        runs = TRANSLATES
                ? new Runs(
                        cpu,
                        stepper,
                        linear,
                        mmu,
                        link.attention(),
                        new Decoder(OfferedCpuid.features(cpuid)),
                        link.codePages())
                : null;
        int signature = OfferedCpuid.signature(cpuid);
        gate = new EventGate(systemContext, unit, link.events(), link.attention(), index == 0, signature);
        powerOn(signature);
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
        if (!inGuest) {
            enter();
        }
        for (int i = 0; i < STEPS_A_CALL; i++) {
            if (link.isKicked()) {
                return leave(VcpuExit.KICKED);
            }
            int next = gate.before();
            if (next == EventGate.EXECUTE) {
                if (stops.isBreakpoint(cpu)) {
                    return leave(VcpuExit.DEBUG);
                }
                long before = devices.accesses() + ports.accesses();
                if (runs == null || stops != DebugStops.NONE || !runBlocks(runs)) {
                    step();
                }
                if (stops.singleStep()) {
                    return leave(VcpuExit.DEBUG);
                }
                if (devices.accesses() + ports.accesses() != before) {
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
            faults++;
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
            faults++;
            // Breakpoints on data trap after an instruction, and this one did not end.
            cpu.putInt(StateLayout.PENDING_DEBUG_OFFSET, pendingDebug);
            gate.faulted(fault);
            return;
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

    CpuRegisters registers() {
        return unit.snapshot().registers(link.apicBase());
    }

    void setRegisters(CpuRegisters registers) {
        link.setApicBase(registers.system().apicBase());
        unit.snapshot().setRegisters(registers);
        if (cpu.activity() == CpuBlock.SHUTDOWN) {
            cpu.setActivity(CpuBlock.RUNNING);
        }
    }

    long translate(long linear) {
        return mmu.probe(linear);
    }

    RunState runState() {
        return unit.snapshot().runState();
    }

    CpuState save() {
        byte[] xsave = new byte[VectorLayout.XSAVE_SIZE];
        MemorySegment.copy(cpu.segment(), ValueLayout.JAVA_BYTE, VectorLayout.XSAVE_OFFSET, xsave, 0, xsave.length);
        // x87 and SSE are in use: nothing keeps account of it while the guest runs.
        xsave[VectorLayout.XSTATE_BV_OFFSET - VectorLayout.XSAVE_OFFSET] |= X87_AND_SSE;
        return unit.snapshot().save(link.apicBase(), Bytes.of(xsave), link.saveApic());
    }

    /** Returns the MSRs that are not this processor's. */
    List<MsrEntry> restore(CpuState state) {
        byte[] xsave = state.xsave().toArray();
        int mxcsr = ByteBuffer.wrap(xsave).order(ByteOrder.LITTLE_ENDIAN).getInt(MXCSR_IN_XSAVE);
        if ((mxcsr & ~VectorLayout.MXCSR_DEFINED) != 0) {
            throw new IllegalArgumentException("MXCSR has reserved bits: 0x" + Integer.toHexString(mxcsr));
        }
        link.restoreApic(state.localApic());
        link.setApicBase(state.registers().system().apicBase());
        int size = Math.min(xsave.length, VectorLayout.XSAVE_SIZE);
        MemorySegment.copy(xsave, 0, cpu.segment(), ValueLayout.JAVA_BYTE, VectorLayout.XSAVE_OFFSET, size);
        List<MsrEntry> refused = unit.snapshot().restore(state);
        link.attention().raise();
        return refused;
    }

    void count(Map<String, Long> counters) {
        counters.put("steps", steps);
        counters.put("faults", faults);
        counters.put("halts", halts);
        counters.put("tlb-misses", mmu.walks());
        if (runs != null) {
            counters.put("blocks", (long) runs.blocks());
            counters.put("block-exits", runs.exits());
            counters.put("emitted", runs.emitted());
            counters.put("cold-steps", runs.coldSteps());
            counters.put("code-drops", runs.dropped());
        }
        counters.put("port-accesses", ports.accesses());
        counters.put("device-accesses", devices.accesses());
    }

    @Override
    public void close() {
        if (runs != null) {
            runs.close();
        }
        code.close();
    }
}
