package io.javisor.emulator.apic;

import static io.javisor.emulator.apic.LocalApic.EVENT_INIT;
import static io.javisor.emulator.apic.LocalApic.EVENT_NMI;
import static io.javisor.emulator.apic.LocalApic.EVENT_SMI;
import static io.javisor.emulator.apic.LocalApic.EVENT_STARTUP;

/** What has come beside fixed interrupts: a bit each, and the vector of a start-up IPI. Any thread. */
final class PendingEvents {
    /** An ExtINT message; it is taken with the interrupt and not as an event. */
    static final int EXTINT = 1 << 4;

    private static final int VECTOR_SHIFT = 8;
    private static final int VECTOR = 0xFF << VECTOR_SHIFT;
    private static final int TAKEN = EVENT_SMI | EVENT_NMI | EVENT_INIT | EVENT_STARTUP;
    static final int ALL = TAKEN | VECTOR | EXTINT;

    private final AtomicBits bits = new AtomicBits();

    void post(int event) {
        int _ = bits.set(event);
    }

    /** A start-up IPI from before an INIT is none for after it. */
    void postInit() {
        int _ = bits.replace(EVENT_STARTUP | VECTOR, EVENT_INIT);
    }

    /** The last of several counts. */
    void postStartup(int vector) {
        int _ = bits.replace(VECTOR, EVENT_STARTUP | vector << VECTOR_SHIFT);
    }

    boolean pending(int which) {
        return (bits.get() & which) != 0;
    }

    /** A start-up IPI behind an INIT waits until that is taken. */
    int take(int which) {
        int taken = which & TAKEN;
        if (taken == EVENT_STARTUP) {
            int before = bits.clearUnless(EVENT_INIT, EVENT_STARTUP | VECTOR);
            return (before & EVENT_INIT) != 0 ? 0 : before & (EVENT_STARTUP | VECTOR);
        }
        if ((taken & EVENT_STARTUP) != 0) {
            taken |= VECTOR;
        }
        return bits.clear(taken) & taken;
    }

    void takeExternal() {
        int _ = bits.clear(EXTINT);
    }

    int save() {
        return bits.get();
    }

    void restore(int saved) {
        bits.restore(saved);
    }
}
