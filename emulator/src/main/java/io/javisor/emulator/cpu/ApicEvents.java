package io.javisor.emulator.cpu;

import io.javisor.emulator.apic.LocalApic;
import io.javisor.emulator.system.ProcessorEvents;

/** A local APIC as its processor asks it between instructions. For the vCPU's thread; allocates nothing. */
final class ApicEvents implements ProcessorEvents {
    private static final int VECTOR_SHIFT = 8;

    private final LocalApic apic;
    private final AlarmClock alarms;
    private final int index;
    private int startUpVector;

    ApicEvents(LocalApic apic, AlarmClock alarms, int index) {
        this.apic = apic;
        this.alarms = alarms;
        this.index = index;
    }

    @Override
    public void poll() {
        apic.poll();
        // An alarm may have come before its time: the machine's clock stands now and then.
        alarms.set(index, apic.nanosToTimer());
    }

    @Override
    public boolean isPending(int events) {
        return apic.eventPending(inApic(events));
    }

    @Override
    public boolean take(int event) {
        int which = inApic(event);
        int taken = apic.takeEvents(which);
        if (event == INIT && (taken & which) != 0) {
            apic.init();
        }
        if (event == STARTUP) {
            startUpVector = taken >>> VECTOR_SHIFT & 0xFF;
        }
        return (taken & which) != 0;
    }

    private static int inApic(int events) {
        return ((events & NMI) != 0 ? LocalApic.EVENT_NMI : 0)
                | ((events & INIT) != 0 ? LocalApic.EVENT_INIT : 0)
                | ((events & STARTUP) != 0 ? LocalApic.EVENT_STARTUP : 0);
    }

    @Override
    public int startUpVector() {
        return startUpVector;
    }

    @Override
    public boolean interruptPending() {
        return apic.interruptPending();
    }

    @Override
    public int acknowledge() {
        return apic.acknowledge();
    }

    @Override
    public long nanosToTimer() {
        return apic.nanosToTimer();
    }
}
