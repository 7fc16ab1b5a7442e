package io.javisor.devices.rtc;

/** Ports, indices and bits (MC146818A datasheet, "Address Map" and "Registers"). */
public final class RtcRegisters {
    /** Ports, from 0x70 on a PC. */
    public static final int PORT_COUNT = 2;

    /** W: the index in bits 6:0, and in bit 7 whether the PC masks NMI. */
    public static final int INDEX_OFFSET = 0;

    /** RW: the byte at the index. */
    public static final int DATA_OFFSET = 1;

    public static final int NMI_MASKED = 0x80;
    public static final int INDEX_MASK = 0x7F;

    public static final int CMOS_SIZE = 128;

    public static final int SECONDS = 0x00;
    public static final int SECONDS_ALARM = 0x01;
    public static final int MINUTES = 0x02;
    public static final int MINUTES_ALARM = 0x03;
    public static final int HOURS = 0x04;
    public static final int HOURS_ALARM = 0x05;
    /** 1 to 7, 1 is Sunday. */
    public static final int DAY_OF_WEEK = 0x06;

    public static final int DAY_OF_MONTH = 0x07;
    public static final int MONTH = 0x08;
    public static final int YEAR = 0x09;
    public static final int REGISTER_A = 0x0A;
    public static final int REGISTER_B = 0x0B;
    public static final int REGISTER_C = 0x0C;
    public static final int REGISTER_D = 0x0D;
    /** The first byte that is only memory. */
    public static final int RAM_START = 0x0E;
    /** Not the chip's but the PC's: where the FADT says that the century is. */
    public static final int CENTURY = 0x32;

    /** Register A: update in progress (R), divider and rate selection (RW). */
    public static final int UIP = 0x80;

    public static final int DV_MASK = 0x70;
    /** The divider for the crystal of 32.768 kHz; what is above holds the divider in reset. */
    public static final int DV_32768_HZ = 0x20;

    public static final int RS_MASK = 0x0F;

    /** Register B, RW. */
    public static final int SET = 0x80;

    public static final int PIE = 0x40;
    public static final int AIE = 0x20;
    public static final int UIE = 0x10;
    public static final int SQWE = 0x08;
    /** Binary instead of BCD. */
    public static final int DM = 0x04;
    /** 24 hours instead of 12. */
    public static final int H24 = 0x02;
    /** Stored, without effect. */
    public static final int DSE = 0x01;

    /** Register C, R, cleared by reading: each flag at the place of its enable bit. */
    public static final int IRQF = 0x80;

    public static final int PF = 0x40;
    public static final int AF = 0x20;
    public static final int UF = 0x10;
    static final int FLAGS = PF | AF | UF;

    /** Register D, R: the battery is good. */
    public static final int VRT = 0x80;

    /** In hours of the 12-hour clock. */
    public static final int PM = 0x80;

    private RtcRegisters() {}

    /** Whether the clock, and not the guest alone, changes this byte. */
    static boolean isTime(int index) {
        return switch (index) {
            case SECONDS, MINUTES, HOURS, DAY_OF_WEEK, DAY_OF_MONTH, MONTH, YEAR, CENTURY -> true;
            default -> false;
        };
    }
}
