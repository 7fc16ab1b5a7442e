package io.javisor.devices.serial;

/** Register offsets and bits of the 16550D, named as the datasheet (National Semiconductor PC16550D, June 1995, table II) names them. */
public final class UartRegisters {
    /** Consecutive byte-wide ports. */
    public static final int PORT_COUNT = 8;

    /** Bytes in each FIFO. */
    public static final int FIFO_SIZE = 16;

    /** Input clock over 16: the baud rate with a divisor of 1. */
    public static final int BAUD_BASE = 115_200;

    /** R, DLAB=0: receiver buffer. */
    public static final int RBR_OFFSET = 0;
    /** W, DLAB=0: transmitter holding register. */
    public static final int THR_OFFSET = 0;
    /** RW, DLAB=1: divisor latch, low byte. */
    public static final int DLL_OFFSET = 0;
    /** RW, DLAB=1: divisor latch, high byte. */
    public static final int DLM_OFFSET = 1;
    /** RW, DLAB=0: interrupt enable. */
    public static final int IER_OFFSET = 1;
    /** R: interrupt identification. */
    public static final int IIR_OFFSET = 2;
    /** W: FIFO control. */
    public static final int FCR_OFFSET = 2;
    /** RW: line control. */
    public static final int LCR_OFFSET = 3;
    /** RW: modem control. */
    public static final int MCR_OFFSET = 4;
    /** R: line status. */
    public static final int LSR_OFFSET = 5;
    /** R: modem status. */
    public static final int MSR_OFFSET = 6;
    /** RW: scratch. */
    public static final int SCR_OFFSET = 7;

    /** Received data available, and character timeout. */
    public static final int IER_ERBFI = 0x01;
    /** Transmitter holding register empty. */
    public static final int IER_ETBEI = 0x02;
    /** Receiver line status. */
    public static final int IER_ELSI = 0x04;
    /** Modem status. */
    public static final int IER_EDSSI = 0x08;

    static final int IER_MASK = 0x0F;

    public static final int IIR_MODEM_STATUS = 0x00;
    public static final int IIR_NONE = 0x01;
    public static final int IIR_THR_EMPTY = 0x02;
    public static final int IIR_DATA_AVAILABLE = 0x04;
    public static final int IIR_LINE_STATUS = 0x06;
    public static final int IIR_CHARACTER_TIMEOUT = 0x0C;
    /** Both set when the FIFOs are enabled. */
    public static final int IIR_FIFOS_ENABLED = 0xC0;

    public static final int FCR_ENABLE = 0x01;
    public static final int FCR_RCVR_RESET = 0x02;
    public static final int FCR_XMIT_RESET = 0x04;
    public static final int FCR_DMA_MODE = 0x08;
    public static final int FCR_TRIGGER_1 = 0x00;
    public static final int FCR_TRIGGER_4 = 0x40;
    public static final int FCR_TRIGGER_8 = 0x80;
    public static final int FCR_TRIGGER_14 = 0xC0;
    public static final int FCR_TRIGGER_MASK = 0xC0;

    public static final int LCR_WLS_MASK = 0x03;
    public static final int LCR_STB = 0x04;
    public static final int LCR_PEN = 0x08;
    public static final int LCR_SET_BREAK = 0x40;
    public static final int LCR_DLAB = 0x80;

    public static final int MCR_DTR = 0x01;
    public static final int MCR_RTS = 0x02;
    public static final int MCR_OUT1 = 0x04;
    public static final int MCR_OUT2 = 0x08;
    public static final int MCR_LOOP = 0x10;

    static final int MCR_MASK = 0x1F;

    /** Data ready. */
    public static final int LSR_DR = 0x01;
    /** Overrun error. */
    public static final int LSR_OE = 0x02;
    /** Parity error. */
    public static final int LSR_PE = 0x04;
    /** Framing error. */
    public static final int LSR_FE = 0x08;
    /** Break interrupt. */
    public static final int LSR_BI = 0x10;
    /** Transmitter holding register (or FIFO) empty. */
    public static final int LSR_THRE = 0x20;
    /** Transmitter empty: holding and shift register. */
    public static final int LSR_TEMT = 0x40;
    /** At least one parity error, framing error or break in the receiver FIFO. */
    public static final int LSR_FIFO_ERROR = 0x80;

    /** The errors that travel through the FIFO with their character. */
    static final int LSR_CHARACTER_ERRORS = LSR_PE | LSR_FE | LSR_BI;
    /** What a read of the LSR clears, and what asks for the receiver line status interrupt. */
    static final int LSR_ERRORS = LSR_OE | LSR_CHARACTER_ERRORS;

    /** Delta clear to send. */
    public static final int MSR_DCTS = 0x01;
    /** Delta data set ready. */
    public static final int MSR_DDSR = 0x02;
    /** Trailing edge of the ring indicator. */
    public static final int MSR_TERI = 0x04;
    /** Delta data carrier detect. */
    public static final int MSR_DDCD = 0x08;

    public static final int MSR_CTS = 0x10;
    public static final int MSR_DSR = 0x20;
    public static final int MSR_RI = 0x40;
    public static final int MSR_DCD = 0x80;

    static final int MSR_DELTAS = 0x0F;
    static final int MSR_LEVELS = 0xF0;

    private UartRegisters() {}
}
