package io.javisor.core.irq;

/** Where a global system interrupt goes. Several routes may share a GSI: then it goes to all of them. */
public sealed interface GsiRoute {
    /** The global system interrupt. */
    int gsi();

    /** An input of an interrupt controller in the kernel. */
    record Pin(int gsi, Chip chip, int pin) implements GsiRoute {}

    /**
     * A message-signalled interrupt.
     *
     * @param addressGpa the message's address, as the guest programmed it
     * @param data the message's data, as the guest programmed it
     */
    record Message(int gsi, long addressGpa, int data) implements GsiRoute {}

    /** The interrupt controllers of a PC. */
    enum Chip {
        /** The first 8259A, IRQ 0 to 7. */
        PIC_MASTER,
        /** The second 8259A, IRQ 8 to 15. */
        PIC_SLAVE,
        /** The I/O APIC. */
        IOAPIC
    }
}
