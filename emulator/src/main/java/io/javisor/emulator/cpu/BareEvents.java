package io.javisor.emulator.cpu;

import io.javisor.emulator.system.Attention;
import io.javisor.emulator.system.ProcessorEvents;
import java.util.concurrent.atomic.AtomicBoolean;

/** A processor without a local APIC: nothing but an NMI reaches it. */
final class BareEvents implements ProcessorEvents {
    private final AtomicBoolean nmi = new AtomicBoolean();

    /** Any thread, which raises the processor's attention afterwards. */
    void sendNmi() {
        nmi.set(true);
    }

    @Override
    public void poll() {}

    @Override
    public boolean isPending(int events) {
        return (events & NMI) != 0 && nmi.get();
    }

    @Override
    public boolean take(int event) {
        return event == NMI && nmi.getAndSet(false);
    }

    @Override
    public int startUpVector() {
        return 0;
    }

    @Override
    public boolean interruptPending() {
        return false;
    }

    @Override
    public int acknowledge() {
        return NONE;
    }

    @Override
    public long nanosToTimer() {
        return Attention.NEVER;
    }
}
