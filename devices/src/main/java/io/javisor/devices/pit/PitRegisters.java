package io.javisor.devices.pit;

/** Ports and bits (Intel 8254 data sheet, 231164-005; port 0x61: IBM PS/2 Hardware Interface Technical Reference, "System Control Port B"). */
public final class PitRegisters {
    /** Ports, from 0x40 on a PC. */
    public static final int PORT_COUNT = 4;

    /** W; counters 0 to 2 are before it. */
    public static final int CONTROL_OFFSET = 3;

    public static final int COUNTER_COUNT = 3;

    /** Ticks a second: a third of the colour carrier's 3.579545 MHz. */
    public static final long FREQUENCY = 1_193_182;

    /** Control word: which counter; 3 is the read-back command. */
    public static final int SELECT_SHIFT = 6;

    public static final int READ_BACK = 3;
    public static final int ACCESS_SHIFT = 4;
    public static final int ACCESS_MASK = 3;
    /** Access 0 is the counter latch command. */
    public static final int ACCESS_LATCH = 0;

    public static final int ACCESS_LSB = 1;
    public static final int ACCESS_MSB = 2;
    public static final int ACCESS_BOTH = 3;
    public static final int MODE_SHIFT = 1;
    public static final int MODE_MASK = 7;
    public static final int BCD = 1;

    /** Read-back command. */
    public static final int READ_BACK_NO_COUNT = 0x20;

    public static final int READ_BACK_NO_STATUS = 0x10;
    /** Of counter 0; the others' follow. */
    public static final int READ_BACK_COUNTER_0 = 0x02;

    /** Status byte: the OUT pin, and whether the count written is not yet in the counter. */
    public static final int STATUS_OUT = 0x80;

    public static final int STATUS_NULL_COUNT = 0x40;

    /** Port 0x61, RW: the gate of counter 2. */
    public static final int PORT_B_GATE_2 = 0x01;

    public static final int PORT_B_SPEAKER = 0x02;
    static final int PORT_B_WRITABLE = 0x0F;
    /** Port 0x61, R: changes with each refresh of memory, every 15 µs. */
    public static final int PORT_B_REFRESH = 0x10;

    public static final int PORT_B_OUT_2 = 0x20;

    /** What a PC's firmware writes to counter 1: a refresh every 18 ticks. */
    static final int REFRESH_TICKS = 18;

    private PitRegisters() {}
}
