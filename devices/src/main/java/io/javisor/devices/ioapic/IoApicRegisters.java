package io.javisor.devices.ioapic;

/** Windows, indices and bits (82093AA data sheet, 290566-001, §3; the EOI register: Intel 82801 data sheets, "I/O APIC"). */
public final class IoApicRegisters {
    /** Bytes of device memory, from 0xFEC00000 on a PC. */
    public static final int WINDOW_SIZE = 0x1000;

    /** RW: the index, in the low byte. */
    public static final int IOREGSEL_OFFSET = 0x00;

    /** RW, 32 bits: the register at the index. */
    public static final int IOWIN_OFFSET = 0x10;

    /** W, 32 bits, from {@link #VERSION_20} on: ends the level-triggered interrupts with this vector. */
    public static final int EOI_OFFSET = 0x40;

    /** Inputs. */
    public static final int PIN_COUNT = 24;

    /** The 82093AA. */
    public static final int VERSION_11 = 0x11;

    /** Later ones, with an EOI register. */
    public static final int VERSION_20 = 0x20;

    public static final int IOAPICID = 0x00;
    public static final int IOAPICVER = 0x01;
    public static final int IOAPICARB = 0x02;
    /** The low half of the first redirection entry; its high half and the others follow. */
    public static final int IOREDTBL = 0x10;

    public static final int ID_SHIFT = 24;
    static final int ID_MASK = 0xF << ID_SHIFT;
    static final int MAX_ENTRY_SHIFT = 16;

    /** Low half of a redirection entry. */
    public static final int VECTOR_MASK = 0xFF;

    public static final int DELIVERY_MODE_SHIFT = 8;
    public static final int LOGICAL = 1 << 11;
    /** R; always 0, for a message takes no time. */
    public static final int DELIVERY_STATUS = 1 << 12;
    /** Kept, without effect: a line is asserted or it is not. */
    public static final int ACTIVE_LOW = 1 << 13;

    /** R. */
    public static final int REMOTE_IRR = 1 << 14;

    public static final int LEVEL = 1 << 15;
    public static final int MASKED = 1 << 16;
    static final int LOW_WRITABLE = 0x1_AFFF;

    /** High half of a redirection entry: the destination. */
    public static final int DESTINATION_SHIFT = 24;

    private IoApicRegisters() {}
}
