package io.javisor.core.engine;

import io.javisor.core.bus.AddressBus;
import io.javisor.core.memory.GuestMemory;
import java.util.concurrent.Executor;

/**
 * What a VM is made of.
 *
 * @param name for messages
 * @param memory the guest's RAM, which is closed after the VM
 * @param ports what answers the guest's port accesses
 * @param deviceMemory what answers accesses to guest-physical addresses that are not RAM
 * @param interrupts what the guest's interrupts come through
 * @param reservedGpa the first of {@link #RESERVED_PAGE_COUNT} pages of guest-physical addresses below 4 GiB that the engine may use
 *     for itself, and nothing else does
 * @param helper runs on another thread what takes time at the VM's end; the VM's end does not depend on when or whether it does
 */
public record VmSpec(
        String name,
        GuestMemory memory,
        AddressBus ports,
        AddressBus deviceMemory,
        Interrupts interrupts,
        long reservedGpa,
        Executor helper) {
    /** Pages from {@link #reservedGpa} on. */
    public static final int RESERVED_PAGE_COUNT = 4;

    /** What the guest's interrupts come through. */
    public enum Interrupts {
        /** Nothing: no local APIC, and HLT ends a run with {@link io.javisor.core.vcpu.VcpuExit#HALT}. */
        NONE,
        /** The chips of a PC, those of them that the engine brings ({@link EngineTraits#interruptChips}). */
        PC
    }
}
