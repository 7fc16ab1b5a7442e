package io.javisor.core.irq;

/**
 * The way from what sends interrupt messages (I/O APIC, message-signalled interrupts, other processors) to the processors' local APICs. Any
 * thread may send; a call never blocks, allocates nothing and does not call the sender back.
 */
@FunctionalInterface
public interface ApicBus {
    /** The destination that means every processor, in both destination modes. */
    int BROADCAST = -1;

    /** As it stands in messages whose destination has 8 bits. */
    int BROADCAST_8_BITS = 0xFF;

    /**
     * Sends a message.
     *
     * @param mode what is asked for
     * @param vector 0 to 255; without meaning for SMI, NMI, INIT and ExtINT
     * @param destination an APIC id, or in logical mode what local APICs compare with their logical ids; {@link #BROADCAST} for all
     * @param logical whether the destination is logical
     * @param level whether the interrupt is level-triggered, so that its end is to be broadcast to the I/O APICs
     * @return whether a local APIC has taken it
     */
    boolean send(DeliveryMode mode, int vector, int destination, boolean logical, boolean level);

    /** A destination of 8 bits as {@link #send} takes it. */
    static int widen(int destination) {
        return destination == BROADCAST_8_BITS ? BROADCAST : destination;
    }
}
