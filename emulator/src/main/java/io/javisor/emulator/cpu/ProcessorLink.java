package io.javisor.emulator.cpu;

import io.javisor.core.cpu.Bytes;
import io.javisor.core.engine.VmSpec;
import io.javisor.core.irq.EndOfInterrupt;
import io.javisor.core.irq.InterruptController;
import io.javisor.core.irq.InterruptLine;
import io.javisor.core.memory.GuestMemory;
import io.javisor.emulator.apic.ApicAccess;
import io.javisor.emulator.apic.ApicFabric;
import io.javisor.emulator.apic.ApicOwner;
import io.javisor.emulator.apic.ApicRegisters;
import io.javisor.emulator.apic.LocalApic;
import io.javisor.emulator.run.CodePages;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.StateLayout;
import io.javisor.emulator.system.Attention;
import io.javisor.emulator.system.ProcessorEvents;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** What joins a processor to the rest of its machine: kicks, clocks, and its local APIC if it has one. */
final class ProcessorLink implements ApicOwner {
    private static final long NO_APIC_BASE = ApicRegisters.DEFAULT_BASE_GPA | ApicRegisters.BASE_ENABLED;

    private final int index;
    private final GuestClock clock;
    private final AlarmClock alarms;
    private final Attention attention;
    private final KvmClock kvmClock;
    private final ProcessorPorts ports;
    private final @Nullable LocalApic apic;
    private final @Nullable ApicAccess access;
    private final @Nullable BareEvents bare;
    private final ProcessorEvents events;
    private final CodePages codePages;
    private final ReentrantLock splitLocks;
    private final Translation translation;
    private volatile boolean kicked;

    /** What all processors of a machine share. */
    record Machine(
            GuestClock clock,
            AlarmClock alarms,
            ApicFabric fabric,
            EndOfInterrupt ioApic,
            InterruptController pic,
            VmSpec spec,
            CodePages codePages,
            ReentrantLock splitLocks,
            Translation translation) {}

    ProcessorLink(int index, CpuBlock cpu, Machine machine) {
        this.index = index;
        clock = machine.clock();
        alarms = machine.alarms();
        attention = new Attention(cpu);
        alarms.register(index, attention);
        codePages = machine.codePages();
        splitLocks = machine.splitLocks();
        translation = machine.translation();
        GuestMemory memory = machine.spec().memory();
        GuestClock.OfProcessor.TscOffset offset = () -> cpu.getLong(StateLayout.TSC_OFFSET_OFFSET);
        kvmClock = new KvmClock(memory, clock, offset);
        if (machine.spec().interrupts() == VmSpec.Interrupts.PC) {
            LocalApic own = new LocalApic(
                    index,
                    index == 0,
                    new GuestClock.OfProcessor(clock, offset),
                    this,
                    machine.fabric(),
                    machine.ioApic(),
                    machine.pic());
            machine.fabric().add(own);
            apic = own;
            access = new ApicAccess(own);
            bare = null;
            events = new ApicEvents(own, alarms, index);
        } else {
            apic = null;
            access = null;
            BareEvents none = new BareEvents();
            bare = none;
            events = none;
        }
        ports = new ProcessorPorts(clock, kvmClock, apic, access);
    }

    @Override
    public void kick() {
        attention.raise();
    }

    @Override
    public void timerDue(long delayNanos) {
        alarms.set(index, delayNanos);
    }

    /** Any thread: has the processor come back from the guest. */
    void kickOut() {
        kicked = true;
        attention.raise();
    }

    void clearKick() {
        kicked = false;
    }

    boolean isKicked() {
        return kicked;
    }

    CodePages codePages() {
        return codePages;
    }

    /** Held by the one processor of the machine that carries out a LOCKed instruction on two pages. */
    ReentrantLock splitLocks() {
        return splitLocks;
    }

    /** Whether code that runs often is emitted in blocks. */
    Translation translation() {
        return translation;
    }

    GuestClock clock() {
        return clock;
    }

    AlarmClock alarms() {
        return alarms;
    }

    Attention attention() {
        return attention;
    }

    KvmClock kvmClock() {
        return kvmClock;
    }

    ProcessorPorts ports() {
        return ports;
    }

    ProcessorEvents events() {
        return events;
    }

    @Nullable
    LocalApic apic() {
        return apic;
    }

    @Nullable
    ApicAccess access() {
        return access;
    }

    /** The wire that the 8259As' INTR comes by. */
    InterruptLine intr() {
        return apic == null ? InterruptLine.UNCONNECTED : apic.lint0();
    }

    long apicBase() {
        return access == null ? NO_APIC_BASE : access.readMsr(ApicRegisters.MSR_APIC_BASE);
    }

    void setApicBase(long base) {
        if (access != null && base != apicBase()) {
            // A base that the APIC refuses stays as it is, as with any other register that is not checked.
            boolean _ = access.writeMsr(ApicRegisters.MSR_APIC_BASE, base);
        }
    }

    /** Any thread. */
    void sendNmi() {
        if (bare != null) {
            bare.sendNmi();
            attention.raise();
        }
    }

    Bytes saveApic() {
        return apic == null ? Bytes.NONE : ApicPage.of(apic.save());
    }

    void restoreApic(Bytes page) {
        if (apic != null && page.length() > 0) {
            apic.restore(ApicPage.state(page));
        }
    }
}
