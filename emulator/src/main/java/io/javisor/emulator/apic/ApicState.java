package io.javisor.emulator.apic;

import java.util.List;

/**
 * The registers of a {@link LocalApic}, for a snapshot.
 *
 * @param version {@link #VERSION}
 * @param base IA32_APIC_BASE
 * @param tpr task priority
 * @param ldr logical destination; in x2APIC mode it follows from the id
 * @param dfr destination format
 * @param svr spurious vector
 * @param esr what ESR reads
 * @param pendingErrors what the next write of ESR will bring into it
 * @param errorSignalled whether the error interrupt has come since the last such write
 * @param icr interrupt command
 * @param lvt timer, thermal, performance, LINT0, LINT1, error
 * @param lintLevels which LINT pins are high, bit 0 for LINT0
 * @param lintEdges rises of theirs that are not yet looked at
 * @param events pending events, as {@link LocalApic} numbers them, and in bit 4 an ExtINT message
 * @param irr four longs, vector 0 in bit 0 of the first
 * @param isr as irr
 * @param tmr as irr
 */
public record ApicState(
        int version,
        long base,
        int tpr,
        int ldr,
        int dfr,
        int svr,
        int esr,
        int pendingErrors,
        boolean errorSignalled,
        long icr,
        List<Integer> lvt,
        int lintLevels,
        int lintEdges,
        int events,
        List<Long> irr,
        List<Long> isr,
        List<Long> tmr,
        Timer timer) {
    /** The only version so far. */
    public static final int VERSION = 1;

    /**
     * Checks what a snapshot file might get wrong.
     *
     * @throws IllegalArgumentException if a value is one that the APIC cannot be in
     */
    public ApicState {
        lvt = List.copyOf(lvt);
        irr = List.copyOf(irr);
        isr = List.copyOf(isr);
        tmr = List.copyOf(tmr);
        if (version != VERSION) {
            throw new IllegalArgumentException("APIC state version " + version + " is not " + VERSION);
        }
        within("base", base, ApicRegisters.BASE_MASK);
        boolean enabled = (base & ApicRegisters.BASE_ENABLED) != 0;
        if ((base & ApicRegisters.BASE_X2APIC) != 0 && !enabled) {
            throw new IllegalArgumentException("APIC state: x2APIC mode of a disabled APIC");
        }
        within("tpr", tpr, 0xFF);
        within("svr", svr, ApicRegisters.SVR_WRITABLE);
        within("esr", esr, 0xFF);
        within("pendingErrors", pendingErrors, 0xFF);
        within("lintLevels", lintLevels, 3);
        within("lintEdges", lintEdges, 3);
        within("events", events, PendingEvents.ALL);
        if (lvt.size() != LocalVectors.COUNT) {
            throw new IllegalArgumentException("APIC state: " + lvt.size() + " local vectors");
        }
        for (int i = 0; i < LocalVectors.COUNT; i++) {
            within("lvt", lvt.get(i), LocalVectors.writable(i) | ApicRegisters.LVT_REMOTE_IRR);
        }
        for (List<Long> bits : List.of(irr, isr, tmr)) {
            if (bits.size() != VectorBits.LONG_COUNT) {
                throw new IllegalArgumentException("APIC state: " + bits.size() + " longs of vectors");
            }
            within("vectors 0 to 15", bits.getFirst() & 0xFFFF, 0);
        }
        if (timer.mode != lvt.getFirst() >> ApicRegisters.LVT_TIMER_MODE_SHIFT) {
            throw new IllegalArgumentException("APIC state: the timer's mode is not its LVT entry's");
        }
    }

    /**
     * The timer.
     *
     * @param mode 0 one-shot, 1 periodic, 2 TSC deadline, 3 none
     * @param divideRegister the divide configuration
     * @param initialCount 32 bits
     * @param running whether it counts
     * @param currentCount what is left
     * @param deadline of the TSC, 0 for none
     */
    public record Timer(
            int mode, int divideRegister, long initialCount, boolean running, long currentCount, long deadline) {
        /**
         * Checks what a snapshot file might get wrong.
         *
         * @throws IllegalArgumentException if a value is one that the timer cannot be in
         */
        public Timer {
            within("mode", mode, 3);
            within("divideRegister", divideRegister, ApicRegisters.DIVIDE_WRITABLE);
            within("initialCount", initialCount, 0xFFFF_FFFFL);
            if (currentCount < 0 || currentCount > initialCount || (running && initialCount == 0)) {
                throw new IllegalArgumentException("APIC state: a count of " + currentCount + " of " + initialCount);
            }
        }
    }

    private static void within(String name, long value, long mask) {
        if ((value & ~mask) != 0) {
            throw new IllegalArgumentException("APIC state: " + name + " is 0x" + Long.toHexString(value));
        }
    }
}
