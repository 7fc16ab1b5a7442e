package io.javisor.core.engine;

import io.javisor.core.cpu.Bytes;
import io.javisor.core.cpu.CpuState;
import java.util.List;

/**
 * All that an engine keeps of a VM but its memory, as a snapshot stores it: the guest's clock, the processors, and the engine's chips.
 *
 * @param version {@link #VERSION} when it was made
 * @param engine the name of the engine, which alone understands the chips
 * @param cpus the processors, by their numbers; their time stamp counters are in them
 * @param chips the chips in the order in which they are put back; empty if the engine has none
 */
public record VmState(int version, String engine, ClockState clock, List<CpuState> cpus, List<ChipState> chips) {
    /** The version of what this code makes. */
    public static final int VERSION = 1;

    /** x87, SSE and the header (Intel SDM vol. 1 §13.4). */
    private static final int XSAVE_MIN_BYTES = 576;

    public VmState {
        cpus = List.copyOf(cpus);
        chips = List.copyOf(chips);
    }

    /**
     * The guest's paravirtual clock.
     *
     * @param nanos since the guest's start
     */
    public record ClockState(long nanos) {
        /** @throws IllegalArgumentException if it is negative */
        public ClockState {
            if (nanos < 0) {
                throw new IllegalArgumentException("a guest's clock does not stand at " + nanos + " ns");
            }
        }
    }

    /**
     * A chip of the engine's.
     *
     * @param id its name
     * @param registers its registers in the engine's layout
     */
    public record ChipState(String id, Bytes registers) {}

    /**
     * Checks that {@code engineName} can put it into a VM with so many vCPUs.
     *
     * @param interrupts whether the VM has local APICs
     * @throws IllegalArgumentException if another engine or another version made it, or of another VM
     */
    public void requireFor(String engineName, int vcpuCount, VmSpec.Interrupts interrupts) {
        if (version != VERSION || !engine.equals(engineName)) {
            throw new IllegalArgumentException("a VM's state of version " + version + " from engine " + engine
                    + " is not for version " + VERSION + " of engine " + engineName);
        }
        if (cpus.size() != vcpuCount) {
            throw new IllegalArgumentException(
                    "a VM's state with " + cpus.size() + " processors is not for a VM with " + vcpuCount);
        }
        for (CpuState cpu : cpus) {
            if (cpu.xsave().length() < XSAVE_MIN_BYTES) {
                throw new IllegalArgumentException("a processor's state has an XSAVE area of "
                        + cpu.xsave().length() + " bytes; it has at least " + XSAVE_MIN_BYTES);
            }
            boolean apic = cpu.localApic().length() > 0;
            if (apic != (interrupts == VmSpec.Interrupts.PC)) {
                throw new IllegalArgumentException(
                        apic ? "the VM has no local APICs, and the state has" : "the VM's local APICs have no state");
            }
        }
    }
}
