package io.javisor.core.engine;

import io.javisor.core.cpu.CpuRegisters;
import io.javisor.core.cpu.CpuState;
import io.javisor.core.cpu.CpuidEntry;
import io.javisor.core.cpu.RunState;
import io.javisor.core.vcpu.VcpuBackend;
import io.javisor.core.vcpu.VcpuExit;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * A virtual CPU of an engine. But for {@link #kick}, {@link #nmi}, {@link #counters} and {@link #stepCounts}, which any thread may call, the
 * caller is the vCPU's thread, or any thread while that one is parked or not started. No access of the guest is in flight after
 * {@link VcpuExit#KICKED}.
 */
public interface EngineVcpu extends VcpuBackend, AutoCloseable {
    /** A counter: accesses to ports that were answered here, a repeated string instruction's elements together. */
    String PORT_READS = "port_reads";

    String PORT_WRITES = "port_writes";

    /** A counter: accesses to device memory that were answered here. Doorbells ({@link EngineVm#bindDoorbell}) are none. */
    String DEVICE_READS = "device_reads";

    String DEVICE_WRITES = "device_writes";

    /** Its number, which is its APIC id. */
    int index();

    /**
     * Puts it into the state of a processor after power-on. The first vCPU then executes from the reset vector, the others wait for INIT
     * and a start-up message.
     *
     * @param cpuid what the guest's CPUID instruction answers here
     */
    void powerOn(List<CpuidEntry> cpuid);

    CpuRegisters registers();

    void setRegisters(CpuRegisters registers);

    /** Walks the guest's page tables from a linear address to a guest-physical one; empty if it is not mapped. */
    OptionalLong translate(long linear);

    /** Describes why the last run ended with {@code exit}, after which the guest cannot go on. */
    VcpuFailure failure(VcpuExit exit);

    RunState runState();

    /**
     * Says where a debugger wants this vCPU to stop, from the next {@link #run} on until the next call, whatever the guest does meanwhile. What
     * was said before does not count any more.
     *
     * @throws IllegalArgumentException if there are more than {@link #maxBreakpoints} breakpoints
     * @throws io.javisor.core.host.HostException if the host refuses
     */
    void debug(DebugRequest request);

    /** How many breakpoints it can have at once. */
    int maxBreakpoints();

    /** Sends a non-maskable interrupt. Without local APICs the vCPU's thread is parked. */
    void nmi();

    /**
     * Tells a guest that listens that time passed without it, so that its watchdogs are patient. Whether the engine's own time passes in a pause is
     * the engine's affair; that of the devices does not: see {@code MachineClock}.
     */
    void pausedMeanwhile();

    /**
     * What was counted for this vCPU since it has power, by name. Each engine has {@link #PORT_READS}, {@link #PORT_WRITES},
     * {@link #DEVICE_READS} and {@link #DEVICE_WRITES}; the other names are its own, of small letters, digits and underscores.
     * Any thread, until {@link #close}: what the vCPU did in the last moments may be missing while it runs.
     */
    Map<String, Long> counters();

    /**
     * Which instructions it carried out singly since it has power, and why, if it is of an engine that makes code of them: each instruction
     * and reason once, in no order. Any thread, as {@link #counters}.
     */
    default List<StepCount> stepCounts() {
        return List.of();
    }

    /** All of its state. A whole VM's is {@link EngineVm#save}, which can be put into another. */
    CpuState save();

    /** Ends it; its thread has ended before. Does nothing the second time. */
    @Override
    void close();
}
