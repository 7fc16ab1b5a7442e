package io.javisor.core.cpu;

import org.jspecify.annotations.Nullable;

/**
 * What a processor has begun to deliver or is about to deliver, between two instructions.
 *
 * @param exception the exception that is to be delivered, or null
 * @param interrupt the interrupt whose delivery has begun, or null
 * @param interruptShadow how the last instruction holds interrupts up for one more
 * @param nmiInjected whether the delivery of a non-maskable interrupt has begun
 * @param nmiPending whether a non-maskable interrupt waits
 * @param nmiMasked whether non-maskable interrupts wait for an IRET
 * @param sipiVector the vector of the start-up message of {@link RunState#SIPI_RECEIVED}, or 0
 * @param management how it stands with the system management mode
 * @param tripleFault whether a triple fault is to be reported
 */
public record PendingEvents(
        @Nullable PendingException exception,
        @Nullable PendingInterrupt interrupt,
        Shadow interruptShadow,
        boolean nmiInjected,
        boolean nmiPending,
        boolean nmiMasked,
        int sipiVector,
        Management management,
        boolean tripleFault) {
    /** Nothing is pending. */
    public static final PendingEvents NONE =
            new PendingEvents(null, null, Shadow.NONE, false, false, false, 0, Management.NONE, false);

    /** @throws IllegalArgumentException if the vector is out of range */
    public PendingEvents {
        requireVector(sipiVector, 0xFF);
    }

    private static void requireVector(int vector, int most) {
        if (vector < 0 || vector > most) {
            throw new IllegalArgumentException("no vector of a pending event: " + vector);
        }
    }

    /**
     * An exception.
     *
     * @param vector 0 to 31
     * @param errorCode what is pushed for it, or null if it has none
     * @param payload what goes to CR2 or DR6 when it is delivered, or null if that has been done
     * @param injected whether its delivery has begun; else it may still be merged with another
     */
    public record PendingException(
            int vector,
            @Nullable Integer errorCode,
            @Nullable Long payload,
            boolean injected) {
        /** @throws IllegalArgumentException if the vector is out of range */
        public PendingException {
            requireVector(vector, 31);
        }
    }

    /**
     * An interrupt.
     *
     * @param vector 0 to 255
     * @param software whether an INT instruction made it
     */
    public record PendingInterrupt(int vector, boolean software) {
        /** @throws IllegalArgumentException if the vector is out of range */
        public PendingInterrupt {
            requireVector(vector, 0xFF);
        }
    }

    /** The last instruction holds up interrupts (Intel SDM vol. 3 §6.8.3). */
    public enum Shadow {
        NONE,
        STI,
        MOV_SS
    }

    /**
     * System management mode.
     *
     * @param active whether the processor is in it
     * @param pending whether its interrupt waits
     * @param insideNmi whether it began while non-maskable interrupts were masked
     * @param initLatched whether an INIT waits for its end
     */
    public record Management(boolean active, boolean pending, boolean insideNmi, boolean initLatched) {
        public static final Management NONE = new Management(false, false, false, false);
    }
}
