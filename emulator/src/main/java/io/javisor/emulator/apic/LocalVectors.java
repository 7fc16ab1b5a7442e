package io.javisor.emulator.apic;

import static io.javisor.emulator.apic.ApicRegisters.*;

import io.javisor.core.irq.DeliveryMode;
import java.util.ArrayList;
import java.util.List;

/** The local vector table: what local interrupts cause (Intel SDM vol. 3 §10.5.1, figure 10-8). For its processor's thread. */
final class LocalVectors {
    static final int TIMER = 0;
    static final int LINT0 = LVT_LINT0 - LVT_TIMER;
    static final int LINT1 = LVT_LINT1 - LVT_TIMER;
    static final int ERROR = LVT_ERROR - LVT_TIMER;
    static final int COUNT = 6;

    private final int[] entries = new int[COUNT];

    LocalVectors() {
        reset();
    }

    void reset() {
        for (int i = 0; i < COUNT; i++) {
            entries[i] = LVT_MASKED;
        }
    }

    /** The bits that software may write; delivery status always reads 0, remote IRR is the APIC's. */
    static int writable(int entry) {
        return switch (entry) {
            case TIMER -> 0x7_00FF;
            case ERROR -> 0x1_00FF;
            default -> entry == LINT0 || entry == LINT1 ? 0x1_A7FF : 0x1_07FF;
        };
    }

    int get(int entry) {
        return entries[entry];
    }

    /** Software writes an entry: while it has disabled the APIC, it stays masked (§10.4.7.2). */
    void write(int entry, int value, boolean enabled) {
        int kept = (value & writable(entry)) | (enabled ? 0 : LVT_MASKED);
        entries[entry] = (kept & LVT_LEVEL) != 0 ? kept | (entries[entry] & LVT_REMOTE_IRR) : kept;
    }

    void maskAll() {
        for (int i = 0; i < COUNT; i++) {
            entries[i] |= LVT_MASKED;
        }
    }

    boolean isMasked(int entry) {
        return (entries[entry] & LVT_MASKED) != 0;
    }

    /** The timer and the error entry have no delivery mode: they are fixed. */
    DeliveryMode mode(int entry) {
        return DeliveryMode.of(entries[entry] >> DELIVERY_MODE_SHIFT);
    }

    int vector(int entry) {
        return entries[entry] & VECTOR_MASK;
    }

    /** Only fixed interrupts of LINT pins are levels; LINT1's never is (§10.5.1, Trigger Mode). */
    boolean isLevel(int entry) {
        return entry == LINT0 && mode(entry) == DeliveryMode.FIXED && (entries[entry] & LVT_LEVEL) != 0;
    }

    boolean inService(int entry) {
        return (entries[entry] & LVT_REMOTE_IRR) != 0;
    }

    void setInService(int entry, boolean inService) {
        entries[entry] = inService ? entries[entry] | LVT_REMOTE_IRR : entries[entry] & ~LVT_REMOTE_IRR;
    }

    void set(int entry, int value) {
        entries[entry] = value;
    }

    void restore(List<Integer> saved) {
        for (int i = 0; i < COUNT; i++) {
            entries[i] = saved.get(i);
        }
    }

    List<Integer> save() {
        List<Integer> saved = new ArrayList<>(COUNT);
        for (int entry : entries) {
            saved.add(entry);
        }
        return saved;
    }
}
