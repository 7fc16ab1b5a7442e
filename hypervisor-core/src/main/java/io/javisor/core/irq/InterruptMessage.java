package io.javisor.core.irq;

/**
 * The two words of an interrupt message: an address in the local APICs' page of guest-physical memory, and 32 bits of data (Intel SDM vol. 3
 * §10.11). I/O APIC and MSI write them alike.
 */
public final class InterruptMessage {
    /** The address of a message to APIC 0; destinations lie above, in bits 19:12. */
    public static final long BASE_GPA = 0xFEE0_0000L;

    /** The destination that means every processor, in both destination modes. */
    public static final int BROADCAST = 0xFF;

    private static final int DESTINATION_SHIFT = 12;
    private static final int LOGICAL = 1 << 2;
    private static final int VECTOR_MASK = 0xFF;
    private static final int MODE_SHIFT = 8;
    private static final int ASSERT = 1 << 14;
    private static final int LEVEL = 1 << 15;

    private InterruptMessage() {}

    /**
     * The address (§10.11.1), without the redirection hint, for the delivery mode says as much.
     *
     * @param destination an APIC id, or in logical mode what local APICs compare with their logical ids: 0 to 255
     * @param logical whether the destination is logical
     */
    public static long addressGpa(int destination, boolean logical) {
        return BASE_GPA | (long) (destination & 0xFF) << DESTINATION_SHIFT | (logical ? LOGICAL : 0);
    }

    /**
     * The data (§10.11.2).
     *
     * @param vector 0 to 255; without meaning for SMI, NMI, INIT and ExtINT
     * @param level whether the interrupt is level-triggered, so that its end is to be broadcast to the I/O APICs
     */
    public static int data(DeliveryMode mode, int vector, boolean level) {
        return (vector & VECTOR_MASK) | mode.code() << MODE_SHIFT | (level ? LEVEL | ASSERT : 0);
    }

    /** The destination of a message, 0 to 255. */
    public static int destination(long addressGpa) {
        return (int) (addressGpa >>> DESTINATION_SHIFT) & 0xFF;
    }

    /** Whether the destination is logical. */
    public static boolean isLogical(long addressGpa) {
        return (addressGpa & LOGICAL) != 0;
    }

    /** The vector of a message, 0 to 255. */
    public static int vector(int data) {
        return data & VECTOR_MASK;
    }

    /** What is asked of the processors. */
    public static DeliveryMode mode(int data) {
        return DeliveryMode.of(data >>> MODE_SHIFT);
    }

    /** Whether the interrupt is level-triggered. */
    public static boolean isLevel(int data) {
        return (data & LEVEL) != 0;
    }
}
