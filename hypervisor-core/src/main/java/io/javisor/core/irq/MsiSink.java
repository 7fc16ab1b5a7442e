package io.javisor.core.irq;

/** Takes message-signalled interrupts to the local APICs. Any thread; never blocks for long and allocates nothing. */
@FunctionalInterface
public interface MsiSink {
    /**
     * Sends one message.
     *
     * @param addressGpa the message's address, as the guest programmed it (Intel SDM vol. 3 §11.11.1)
     * @param data the message's data, as the guest programmed it (§11.11.2)
     * @return whether a local APIC took it; false if the guest has it masked or switched off
     */
    boolean send(long addressGpa, int data);
}
