package io.javisor.emulator.apic;

import java.util.List;

/**
 * IRR, ISR and TMR with the priorities that come of them (Intel SDM vol. 3 §10.8). Any thread requests; the rest is for the processor's,
 * whose priority others may read.
 */
final class InterruptRequests {
    private static final int CLASS = 0xF0;

    private final VectorBits irr = new VectorBits();
    private final VectorBits isr = new VectorBits();
    private final VectorBits tmr = new VectorBits();
    private int tpr;
    private volatile int ppr;

    void reset() {
        irr.clear();
        isr.clear();
        tmr.clear();
        setTpr(0);
    }

    /** Returns whether it was not requested yet. */
    boolean request(int vector, boolean level) {
        // Before the IRR's bit: who takes the vector finds the trigger that it came with.
        if (level) {
            boolean _ = tmr.set(vector);
        } else {
            tmr.clear(vector);
        }
        return irr.set(vector);
    }

    /** The vector that may interrupt now, or {@link VectorBits#NONE}. */
    int next() {
        int vector = irr.highest();
        return vector >> 4 > ppr >> 4 ? vector : VectorBits.NONE;
    }

    /** Takes what {@link #next} gave into service. */
    void take(int vector) {
        irr.clear(vector);
        boolean _ = isr.set(vector);
        updatePriority();
    }

    /** Ends what is in service with the highest vector; returns it, or {@link VectorBits#NONE}. */
    int end() {
        int vector = isr.highest();
        if (vector != VectorBits.NONE) {
            isr.clear(vector);
            updatePriority();
        }
        return vector;
    }

    boolean isLevel(int vector) {
        return tmr.get(vector);
    }

    int tpr() {
        return tpr;
    }

    void setTpr(int value) {
        tpr = value;
        updatePriority();
    }

    /** The processor priority: any thread. */
    int ppr() {
        return ppr;
    }

    /** The arbitration priority (§10.6.2.4). */
    int apr() {
        int requested = Math.max(irr.highest(), 0) & CLASS;
        int served = Math.max(isr.highest(), 0) & CLASS;
        int task = tpr & CLASS;
        return task >= requested && task > served ? tpr : Math.max(task & served, requested);
    }

    /** 32 bits of a register: {@code index} 0 to 7 is the ISR, 8 to 15 the TMR, 16 to 23 the IRR. */
    int word(int index) {
        VectorBits bits = index < 8 ? isr : index < 16 ? tmr : irr;
        return bits.word(index & 7);
    }

    List<Long> saveIrr() {
        return irr.save();
    }

    List<Long> saveIsr() {
        return isr.save();
    }

    List<Long> saveTmr() {
        return tmr.save();
    }

    void restore(ApicState state) {
        irr.restore(state.irr());
        isr.restore(state.isr());
        tmr.restore(state.tmr());
        setTpr(state.tpr());
    }

    private void updatePriority() {
        int served = Math.max(isr.highest(), 0) & CLASS;
        int now = (tpr & CLASS) >= served ? tpr : served;
        // Most guests leave it as it is most of the time, and a volatile store costs.
        if (now != ppr) {
            ppr = now;
        }
    }
}
