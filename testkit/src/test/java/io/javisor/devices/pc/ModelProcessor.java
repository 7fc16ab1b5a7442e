package io.javisor.devices.pc;

import io.javisor.core.irq.DeliveryMode;
import io.javisor.core.irq.InterruptMessage;
import io.javisor.core.irq.MsiSink;
import java.util.BitSet;

/** A processor's local APIC as far as an I/O APIC sees one: it takes fixed messages for id 0 or all, and broadcasts the ends of levels. */
final class ModelProcessor implements MsiSink {
    private final BitSet irr = new BitSet();
    private final BitSet isr = new BitSet();
    private final BitSet tmr = new BitSet();
    private boolean enabled = true;

    void enable(boolean value) {
        enabled = value;
    }

    @Override
    public synchronized boolean send(long addressGpa, int data) {
        int destination = InterruptMessage.destination(addressGpa);
        if (!enabled
                || InterruptMessage.mode(data) != DeliveryMode.FIXED
                || InterruptMessage.isLogical(addressGpa)
                || (destination != 0 && destination != InterruptMessage.BROADCAST)) {
            return false;
        }
        int vector = InterruptMessage.vector(data);
        irr.set(vector);
        tmr.set(vector, InterruptMessage.isLevel(data));
        return true;
    }

    /** Takes the most urgent interrupt; -1 if none may come now. */
    synchronized int take() {
        int vector = irr.length() - 1;
        boolean held = !isr.isEmpty() && vector >> 4 <= (isr.length() - 1) >> 4; // by what is in service
        if (vector < 0 || held) {
            return -1;
        }
        irr.clear(vector);
        isr.set(vector);
        return vector;
    }

    /** Writes EOI; returns the vector whose end is to be broadcast, or -1. */
    synchronized int end() {
        int vector = isr.length() - 1;
        if (vector < 0) {
            return -1;
        }
        isr.clear(vector);
        return tmr.get(vector) ? vector : -1;
    }

    /** What is requested. */
    synchronized BitSet requests() {
        return (BitSet) irr.clone();
    }
}
