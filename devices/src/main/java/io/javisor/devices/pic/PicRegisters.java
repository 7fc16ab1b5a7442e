package io.javisor.devices.pic;

/** Ports and bits (8259A data sheet, order number 231468-003; the ELCR: Intel 82371SB data sheet, ELCR1 and ELCR2). */
public final class PicRegisters {
    /** Ports of one chip. */
    public static final int PORT_COUNT = 2;

    /** A0 = 0: writes ICW1, OCW2 and OCW3, reads IRR, ISR or, after a poll command, the poll word. */
    public static final int COMMAND_OFFSET = 0;

    /** A0 = 1: writes ICW2 to ICW4 and OCW1, reads the IMR. */
    public static final int DATA_OFFSET = 1;

    /** Ports of the edge/level control register, a byte a chip. */
    public static final int ELCR_PORT_COUNT = 2;

    /** Inputs of one chip. */
    public static final int INPUT_COUNT = 8;

    /** Interrupt requests of both chips; {@link #CASCADE_IRQ} is none that a device can have. */
    public static final int IRQ_COUNT = 16;

    /** The first chip's input that the second one's output is wired to. */
    public static final int CASCADE_IRQ = 2;

    public static final int ICW1 = 0x10;
    /** ICW1: an ICW4 follows. */
    public static final int ICW1_IC4 = 0x01;
    /** ICW1: no ICW3 follows. */
    public static final int ICW1_SNGL = 0x02;
    /** ICW1: all inputs are level-triggered. */
    public static final int ICW1_LTIM = 0x08;

    public static final int ICW2_BASE_MASK = 0xF8;

    public static final int ICW4_AEOI = 0x02;
    public static final int ICW4_SFNM = 0x10;

    /** Written with A0 = 0 and bit 4 clear: OCW3 if set, else OCW2. */
    public static final int OCW3 = 0x08;

    public static final int OCW2_COMMAND_SHIFT = 5;
    public static final int OCW2_LEVEL_MASK = 0x07;

    public static final int OCW3_RIS = 0x01;
    public static final int OCW3_RR = 0x02;
    public static final int OCW3_POLL = 0x04;
    public static final int OCW3_SMM = 0x20;
    public static final int OCW3_ESMM = 0x40;

    /** Poll word: there is a request, its level in bits 2:0. */
    public static final int POLL_REQUEST = 0x80;

    /** The level that a chip names when its request is gone before it is acknowledged. */
    public static final int SPURIOUS_LEVEL = 7;

    /** Which inputs may be level-triggered: not the timer's, the keyboard's, the cascade's, the clock's and the coprocessor's. */
    static final int ELCR_FIRST_MASK = 0xF8;

    static final int ELCR_SECOND_MASK = 0xDE;

    private PicRegisters() {}
}
