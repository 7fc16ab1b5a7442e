package io.javisor.core.engine;

import io.javisor.core.cpu.HostCpu;
import io.javisor.core.event.EventLoop;
import io.javisor.core.irq.MsiSink;

/** A virtual machine of an engine. Any thread. */
public interface EngineVm extends AutoCloseable {
    /**
     * Makes a vCPU, not yet powered on.
     *
     * @param index its number, which is its APIC id; 0 is the boot processor. In ascending order
     */
    EngineVcpu createVcpu(int index);

    /** The processor that the engine can show to the guest. Called when the first vCPU has been made. */
    HostCpu offer();

    /** How devices reach the processors. */
    EngineInterrupts interrupts();

    /**
     * Takes messages to the local APICs, of which there are none without {@link VmSpec.Interrupts#PC}. To send one is possible until
     * {@link #close}.
     */
    MsiSink messages();

    /**
     * Turns the guest's writes of {@code value} with {@code sizeBytes} at {@code gpa} into calls of {@code rung} on the event loop. They
     * do not come to the bus then, and the vCPU does not wait. Several writes may be one call.
     *
     * @param name for messages
     * @param gpa a device's register in device memory
     * @param sizeBytes 1, 2, 4 or 8
     * @param loop where {@code rung} is called
     * @return takes the doorbell back
     */
    Binding bindDoorbell(String name, long gpa, int sizeBytes, long value, EventLoop loop, Runnable rung);

    /** A doorbell. */
    interface Binding extends AutoCloseable {
        /** Takes it back: writes come to the bus again, and {@code rung} is not called any more. Does nothing the second time. */
        @Override
        void close();
    }

    /**
     * Has the guest's instructions written down. Called once at most, before the first vCPU is made; it makes the guest slow where it applies.
     *
     * @return whether the engine can: one that leaves the instructions to the processor does not see them
     */
    default boolean trace(TraceRequest request) {
        return false;
    }

    /** All that the engine keeps of the VM but its memory. The vCPUs' threads are parked. */
    VmState save();

    /**
     * Puts a state into a VM that is new: its vCPUs have power, the same CPUID as those of the state, and have not run yet. The guest's memory has its
     * content before. Which part goes first is the engine's own affair. After a failure the VM is of no use any more.
     *
     * @throws IllegalArgumentException if another engine or another version made it, or it is none that such a VM can be in
     * @throws io.javisor.core.host.HostException if the host refuses a part of it
     */
    void restore(VmState state);

    /** Ends the VM. Its vCPUs and lines are closed before, its memory after. Does nothing the second time. */
    @Override
    void close();
}
