package io.javisor.core.irq;

/**
 * Takes interrupt messages to the local APICs: the third kind of interrupt line, beside edges and levels, and the one that needs no input of the
 * interrupt chips. An I/O APIC that is a device sends through it, and so will functions on PCI. Its two words are {@link InterruptMessage}'s.
 *
 * <p>Any thread may send; a call never blocks for long, allocates nothing and does not call the sender back.
 */
@FunctionalInterface
public interface MsiSink {
    /**
     * Sends one message.
     *
     * @param addressGpa the message's address, which says who is to take it
     * @param data the message's data, which says what they are to take
     * @return whether a local APIC took it; false if there is none for it, or the guest has it masked or switched off
     */
    boolean send(long addressGpa, int data);
}
