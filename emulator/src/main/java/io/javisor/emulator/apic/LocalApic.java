package io.javisor.emulator.apic;

import static io.javisor.emulator.apic.ApicRegisters.*;

import io.javisor.core.irq.DeliveryMode;
import io.javisor.core.irq.EndOfInterrupt;
import io.javisor.core.irq.InterruptController;
import io.javisor.core.irq.InterruptLine;

/**
 * The local APIC of one processor: what is requested, what is in service, and which comes next. {@link ApicAccess} gives a guest its
 * registers, {@link ApicFabric} carries messages to it.
 *
 * <p>Emulates (Intel SDM vol. 3, chapter 10): xAPIC and x2APIC modes, global and software disable, IRR, ISR and TMR, task and processor
 * priority, the LVT with all delivery modes, LINT0 and LINT1, error status, IPIs with their shorthands, SELF IPI, EOI broadcasts, all three
 * timer modes, ExtINT from the 8259As (virtual wire).
 *
 * <p>Where the manual leaves a choice, as KVM: of one vector one interrupt is pending in the IRR, and one in the ISR; an APIC that software
 * has disabled still hands out what it has; after a reset the LINT0 of the bootstrap processor is ExtINT and unmasked, as firmware leaves
 * it on a PC; IPIs are edges. A message with a vector below 16 is not taken (the error is logged), so an I/O APIC's entry does not wait for
 * its end.
 *
 * <p>Leaves out: suppression of EOI broadcasts, CMCI, extended LVTs, remote read, focus processor, delivery status (a message takes no
 * time), LINT polarity.
 *
 * <p>Threads: messages and the LINT lines come from any thread; all public methods but these lines are for the processor's own. Others set
 * bits atomically, then kick ({@link ApicOwner#kick}); the processor then calls {@link #poll} and asks what is pending. Nothing here waits
 * or allocates, {@link #save} apart.
 */
public final class LocalApic {
    /** Pending events, for {@link #takeEvents}: system management interrupt. */
    public static final int EVENT_SMI = 1;

    public static final int EVENT_NMI = 1 << 1;

    /** The processor is to be reset, then to wait for a start-up IPI: see {@link #init}. */
    public static final int EVENT_INIT = 1 << 2;

    /** A start-up IPI, of meaning only to a processor that waits for one; its vector is in bits 15:8. */
    public static final int EVENT_STARTUP = 1 << 3;

    private final boolean bootstrap;
    private final ApicOwner owner;
    private final EndOfInterrupt ioApics;
    private final InterruptController pic;
    private final ApicAddress address;
    private final InterruptRequests requests = new InterruptRequests();
    private final PendingEvents events = new PendingEvents();
    private final ErrorStatus errors = new ErrorStatus();
    private final LintPins lint;
    private final LocalVectors lvt = new LocalVectors();
    private final InterruptCommand command;
    private final ApicTimer timer;
    private volatile int svr = SVR_RESET;
    private long interrupts;
    private long externalInterrupts;

    /**
     * An APIC after power-on, not yet on the fabric.
     *
     * @param id APIC id, 0 to {@link ApicFabric#ID_MAX}
     * @param bootstrap whether this is the bootstrap processor's
     * @param fabric what its IPIs go to
     * @param ioApics who hears of the ends of level-triggered interrupts
     * @param pic what answers ExtINT
     */
    public LocalApic(
            int id,
            boolean bootstrap,
            ApicClock clock,
            ApicOwner owner,
            ApicFabric fabric,
            EndOfInterrupt ioApics,
            InterruptController pic) {
        if (id < 0 || id > ApicFabric.ID_MAX) {
            throw new IllegalArgumentException("APIC id " + id);
        }
        this.bootstrap = bootstrap;
        this.owner = owner;
        this.ioApics = ioApics;
        this.pic = pic;
        address = new ApicAddress(id);
        lint = new LintPins(owner);
        command = new InterruptCommand(this, fabric);
        timer = new ApicTimer(clock);
        reset();
    }

    /** As after power-on. The LINT pins keep their levels. */
    public void reset() {
        events.restore(0);
        address.reset(bootstrap);
        init();
    }

    /** What an INIT does to the APIC: all registers as after power-on but the id and IA32_APIC_BASE (§10.4.7.3). Pending events stay. */
    public void init() {
        address.init();
        requests.reset();
        errors.reset();
        lvt.reset();
        if (bootstrap) {
            lvt.set(LocalVectors.LINT0, LVT_EXTINT);
        }
        timer.reset();
        svr = SVR_RESET;
        command.setRegister(0);
        rearm();
    }

    // ---- from any thread ----

    public int id() {
        return address.id();
    }

    /** Whether a message for this destination is for this APIC. */
    boolean matches(int destination, boolean logical) {
        return address.matches(destination, logical);
    }

    /** Whether it takes fixed interrupts: neither the guest's software nor the processor has disabled it. */
    boolean takesFixed() {
        return !address.isDisabled() && isSoftwareEnabled();
    }

    /** The processor priority that lowest-priority messages compare, 0 to 255. */
    int priority() {
        return requests.ppr();
    }

    /** A message comes; returns whether it is taken. */
    boolean receive(DeliveryMode mode, int vector, boolean level) {
        if (mode == DeliveryMode.FIXED || mode == DeliveryMode.LOWEST_PRIORITY) {
            return receiveFixed(vector, level);
        }
        if (address.isDisabled() || mode == DeliveryMode.RESERVED) {
            return false;
        }
        switch (mode) {
            case SMI -> events.post(EVENT_SMI);
            case NMI -> events.post(EVENT_NMI);
            case INIT -> events.postInit();
            case STARTUP -> events.postStartup(vector);
            default -> events.post(PendingEvents.EXTINT);
        }
        owner.kick();
        return true;
    }

    private boolean receiveFixed(int vector, boolean level) {
        if (!takesFixed()) {
            return false;
        }
        if (vector < FIRST_VECTOR) {
            errors.log(ESR_RECEIVE_ILLEGAL_VECTOR);
            owner.kick();
            return false;
        }
        if (requests.request(vector, level)) {
            owner.kick();
        }
        return true;
    }

    /** The wire of the 8259As' output. */
    public InterruptLine lint0() {
        return lint.lint0();
    }

    /** The wire of NMI. */
    public InterruptLine lint1() {
        return lint.lint1();
    }

    // ---- from the processor's thread ----

    /** Sees to what has come or become due since the last call: after a kick, and before the pending ones are asked for. */
    public void poll() {
        if (timer.expire()) {
            signal(LocalVectors.TIMER);
            rearm();
        }
        int edges = lint.takeEdges();
        if (edges != 0) {
            pollLint0(edges);
            if ((edges & LintPins.LINT1) != 0) {
                pollLint1();
            }
        }
        if (errors.takeSignal()) {
            signal(LocalVectors.ERROR);
        }
    }

    /** Whether a maskable interrupt is to be taken once the processor lets it. */
    public boolean interruptPending() {
        return externalInterruptPending() || nextVector() != VectorBits.NONE;
    }

    /**
     * The processor takes the most urgent interrupt.
     *
     * @return its vector, 0 to 255; the spurious one (§10.9) if there is none
     */
    public int acknowledge() {
        if (externalInterruptPending()) {
            events.takeExternal();
            externalInterrupts++;
            return pic.acknowledge();
        }
        int vector = nextVector();
        if (vector == VectorBits.NONE) {
            return svr & VECTOR_MASK;
        }
        requests.take(vector);
        interrupts++;
        return vector;
    }

    /** Whether any of the events {@code which} is pending. */
    public boolean eventPending(int which) {
        return events.pending(which);
    }

    /**
     * Takes pending events.
     *
     * @param which bits of {@code EVENT_…}; others stay pending
     * @return those of them that were, with the start-up IPI's vector in bits 15:8
     */
    public int takeEvents(int which) {
        return events.take(which);
    }

    /** CR8: the task priority class. */
    public int cr8() {
        return requests.tpr() >> 4;
    }

    /**
     * Sets CR8.
     *
     * @param value 0 to 15
     */
    public void setCr8(int value) {
        requests.setTpr(value << 4 & 0xF0);
    }

    /** The time until the timer's next interrupt, or {@link ApicOwner#NEVER}. */
    public long nanosToTimer() {
        return lvt.isMasked(LocalVectors.TIMER) ? ApicOwner.NEVER : timer.nanosToExpiry();
    }

    /** Whether its registers are MSRs. */
    public boolean isX2apic() {
        return address.isX2apic();
    }

    /** Whether its registers are in memory, at {@link #baseGpa}. */
    public boolean isXapic() {
        return address.isXapic();
    }

    /** Where. */
    public long baseGpa() {
        return address.base() & -PAGE_SIZE;
    }

    public ApicState save() {
        return new ApicState(
                ApicState.VERSION,
                address.base(),
                requests.tpr(),
                address.ldr(),
                address.dfr(),
                svr,
                errors.register(),
                errors.logged(),
                errors.signalled(),
                command.register(),
                lvt.save(),
                lint.levels(),
                lint.edges(),
                events.save(),
                requests.saveIrr(),
                requests.saveIsr(),
                requests.saveTmr(),
                timer.save());
    }

    /** Takes a saved state over, while nobody sends. */
    public void restore(ApicState state) {
        address.restore(state);
        requests.restore(state);
        svr = state.svr();
        errors.restore(state);
        command.setRegister(state.icr());
        lvt.restore(state.lvt());
        lint.restore(state.lintLevels(), state.lintEdges());
        events.restore(state.events());
        timer.restore(state.timer());
        rearm();
    }

    // ---- registers, for ApicAccess ----

    ApicCounters counters(long illegalAccesses) {
        return new ApicCounters(
                interrupts,
                externalInterrupts,
                command.sent(),
                command.bad(),
                timer.expiries(),
                timer.missedPeriods(),
                illegalAccesses);
    }

    ApicAddress address() {
        return address;
    }

    InterruptRequests requests() {
        return requests;
    }

    InterruptCommand command() {
        return command;
    }

    ApicTimer timer() {
        return timer;
    }

    /** A write of IA32_APIC_BASE; returns whether it is legal. */
    boolean setBase(long value) {
        boolean wasEnabled = !address.isDisabled();
        if (!address.setBase(value)) {
            return false;
        }
        if (wasEnabled && address.isDisabled()) {
            // §10.4.3: what was in it is lost.
            init();
        }
        return true;
    }

    int svr() {
        return svr;
    }

    void setSvr(int value) {
        svr = value & SVR_WRITABLE;
        if (!isSoftwareEnabled()) {
            lvt.maskAll();
            rearm();
        }
    }

    int esr() {
        return errors.register();
    }

    void latchErrors() {
        errors.latch();
    }

    void logError(int error) {
        errors.log(error);
        poll();
    }

    int lvt(int entry) {
        return lvt.get(entry);
    }

    void setLvt(int entry, int value) {
        poll();
        lvt.write(entry, value, isSoftwareEnabled());
        if (entry == LocalVectors.TIMER) {
            timer.setMode(lvt.get(entry) >> LVT_TIMER_MODE_SHIFT);
            rearm();
        } else if (entry == LocalVectors.LINT0) {
            pollLint0(0);
        }
    }

    void setInitialCount(long count) {
        poll();
        timer.setInitialCount(count);
        rearm();
    }

    void setDivide(int value) {
        poll();
        timer.setDivide(value & DIVIDE_WRITABLE);
        rearm();
    }

    void setDeadline(long tsc) {
        poll();
        timer.setDeadline(tsc);
        rearm();
    }

    /** The TSC jumped, by which the deadline is. */
    public void timeStampCounterMoved() {
        poll();
        rearm();
    }

    /** A write of EOI: ends the interrupt in service with the highest vector. */
    void end() {
        int vector = requests.end();
        if (vector == VectorBits.NONE || !requests.isLevel(vector)) {
            return;
        }
        if (lvt.inService(LocalVectors.LINT0) && lvt.vector(LocalVectors.LINT0) == vector) {
            lvt.setInService(LocalVectors.LINT0, false);
            pollLint0(0);
        }
        ioApics.ended(vector);
    }

    private boolean isSoftwareEnabled() {
        return (svr & SVR_ENABLED) != 0;
    }

    /** A local interrupt: what its LVT entry says. */
    private void signal(int entry) {
        if (lvt.isMasked(entry)) {
            return;
        }
        int vector = lvt.vector(entry);
        if (entry == LocalVectors.ERROR && vector < FIRST_VECTOR) {
            // Its own illegal vector would be the next error.
            return;
        }
        boolean level = lvt.isLevel(entry);
        if (receive(lvt.mode(entry), vector, level) && level) {
            lvt.setInService(entry, true);
        }
    }

    private void pollLint0(int edges) {
        boolean due = lvt.isLevel(LocalVectors.LINT0)
                ? lint.isHigh(LintPins.LINT0) && !lvt.inService(LocalVectors.LINT0)
                : (edges & LintPins.LINT0) != 0;
        // ExtINT of a pin is no message: it is pending as long as the pin is high.
        if (due && !address.isDisabled() && lvt.mode(LocalVectors.LINT0) != DeliveryMode.EXTINT) {
            signal(LocalVectors.LINT0);
        }
    }

    private void pollLint1() {
        if (address.isDisabled()) {
            // The pin is the processor's NMI then (§10.4.3).
            events.post(EVENT_NMI);
        } else if (lvt.mode(LocalVectors.LINT1) != DeliveryMode.EXTINT) {
            signal(LocalVectors.LINT1);
        }
    }

    private boolean externalInterruptPending() {
        if (events.pending(PendingEvents.EXTINT)) {
            return true;
        }
        if (!lint.isHigh(LintPins.LINT0)) {
            return false;
        }
        // The pin is the processor's INTR while the APIC is disabled (§10.4.3).
        return address.isDisabled()
                || (!lvt.isMasked(LocalVectors.LINT0) && lvt.mode(LocalVectors.LINT0) == DeliveryMode.EXTINT);
    }

    private int nextVector() {
        return address.isDisabled() ? VectorBits.NONE : requests.next();
    }

    private void rearm() {
        owner.timerDue(nanosToTimer());
    }
}
