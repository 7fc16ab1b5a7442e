package io.javisor.core.irq;

/**
 * What an interrupt message asks of the processors that take it: the encoding that I/O APIC, message-signalled interrupts, ICR and LVT
 * share (Intel SDM vol. 3 §10.6.1, figure 10-12; 82093AA §3.2.4).
 */
public enum DeliveryMode {
    FIXED(0),
    /** Fixed, for the one of the destination's processors that has the lowest priority. */
    LOWEST_PRIORITY(1),
    SMI(2),
    /** Encoding 3, which nothing has. */
    RESERVED(3),
    NMI(4),
    INIT(5),
    /** A start-up IPI, which only another processor sends. */
    STARTUP(6),
    /** The vector is the 8259As'. */
    EXTINT(7);

    private static final DeliveryMode[] BY_CODE = values();

    private final int code;

    DeliveryMode(int code) {
        this.code = code;
    }

    /** How it stands in a register or message, 0 to 7. */
    public int code() {
        return code;
    }

    /** The mode of a code; its bits above 2:0 are ignored. */
    public static DeliveryMode of(int code) {
        return BY_CODE[code & 7];
    }
}
