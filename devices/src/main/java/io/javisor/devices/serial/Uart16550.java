package io.javisor.devices.serial;

import static io.javisor.devices.serial.UartRegisters.*;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The registers of a 16550A: a pure state machine. It knows no bus, thread, time or host; {@link UartDevice} gives it these.
 * Not safe for several threads.
 *
 * <p>Emulates: National Semiconductor PC16550D (June 1995) with both FIFOs, and the 8250/16450 behaviour while they are off; all
 * five interrupts with their priorities and clear conditions; loopback; modem inputs; received breaks; the PC's gate of the
 * interrupt pin by OUT2.
 *
 * <p>Leaves out: the time that characters take (a transmission completes at once, unless the wire holds the transmitter); word
 * length, parity and stop bits (stored, without effect on the data: a guest that never programs the LCR still gets 8 bits); the
 * break that a guest sends (its bit is stored, for nothing on the host could show it); DMA pins; the factory-test writes to LSR
 * and MSR. A held transmitter stays held when the guest resets its FIFO. Enabling the FIFOs keeps a character that waits in the
 * RBR, which the chip would drop.
 *
 * <table>
 * <caption>Registers</caption>
 * <tr><th>offset</th><th>DLAB</th><th>read</th><th>write</th><th>after reset</th></tr>
 * <tr><td>0</td><td>0</td><td>RBR (0 when empty)</td><td>THR</td><td>empty</td></tr>
 * <tr><td>1</td><td>0</td><td colspan="2">IER, bits 0 to 3</td><td>00</td></tr>
 * <tr><td>0</td><td>1</td><td colspan="2">DLL</td><td>0C (9600 baud)</td></tr>
 * <tr><td>1</td><td>1</td><td colspan="2">DLM</td><td>00</td></tr>
 * <tr><td>2</td><td>any</td><td>IIR</td><td>FCR</td><td>IIR 01</td></tr>
 * <tr><td>3</td><td>any</td><td colspan="2">LCR</td><td>00</td></tr>
 * <tr><td>4</td><td>any</td><td colspan="2">MCR, bits 0 to 4</td><td>00</td></tr>
 * <tr><td>5</td><td>any</td><td>LSR</td><td>ignored</td><td>60</td></tr>
 * <tr><td>6</td><td>any</td><td>MSR</td><td>ignored</td><td>input pins, no deltas</td></tr>
 * <tr><td>7</td><td>any</td><td colspan="2">SCR</td><td>00</td></tr>
 * </table>
 */
public final class Uart16550 {
    /** That many status reads in a row which find nothing to do are a guest that polls for input. */
    static final int POLLING_READS = 16;

    private static final int DIVISOR_AT_RESET = 12;

    private final UartWire wire;
    private final UartReceiver receiver = new UartReceiver();
    private final ModemStatus modemStatus = new ModemStatus(MSR_CTS | MSR_DSR | MSR_DCD);

    private int ier; // interrupt enable, RW
    private int lcr; // line control, RW
    private int mcr; // modem control, RW
    private int scr; // scratch, RW
    private int dll; // divisor latch low, RW
    private int dlm; // divisor latch high, RW

    private boolean thrEmptyLatched;
    private boolean transmitterHeld;
    private boolean rtsSeen;
    private int idlePolls;

    private boolean asserted;
    private boolean interruptFell;

    private long transmittedBytes;
    private long breaks;
    private long transmitterHolds;
    private long interrupts;
    private long illegalAccesses;

    /** A port after power-on, with CTS, DSR and DCD active on its modem inputs. */
    public Uart16550(UartWire wire) {
        this.wire = wire;
        reset();
    }

    /** Master reset (PC16550D §8.0, table I). The input pins and the counters stay as they are. */
    public void reset() {
        ier = 0;
        lcr = 0;
        mcr = 0;
        modemStatus.reset();
        scr = 0;
        dll = DIVISOR_AT_RESET;
        dlm = 0;
        receiver.reset();
        thrEmptyLatched = false;
        rtsSeen = false;
        idlePolls = 0;
        update();
    }

    /**
     * The guest reads the register at {@code offset}.
     *
     * @return 0 to 255; 255 for an offset past the last register
     */
    public int read(int offset) {
        return switch (offset) {
            case RBR_OFFSET -> divisorLatched() ? dll : readRbr();
            case IER_OFFSET -> divisorLatched() ? dlm : ier;
            case IIR_OFFSET -> readIir();
            case LCR_OFFSET -> lcr;
            case MCR_OFFSET -> mcr;
            case LSR_OFFSET -> readLsr();
            case MSR_OFFSET -> readMsr();
            case SCR_OFFSET -> scr;
            default -> {
                illegalAccesses++;
                yield 0xFF;
            }
        };
    }

    /** The guest writes the low 8 bits of {@code value} to the register at {@code offset}; one past the last is ignored. */
    public void write(int offset, int value) {
        int data = value & 0xFF;
        switch (offset) {
            case THR_OFFSET -> {
                if (divisorLatched()) {
                    dll = data;
                } else {
                    writeThr(data);
                }
            }
            case IER_OFFSET -> {
                if (divisorLatched()) {
                    dlm = data;
                } else {
                    writeIer(data);
                }
            }
            case FCR_OFFSET -> {
                idlePolls = 0;
                receiver.writeControl(data);
                update();
            }
            case LCR_OFFSET -> writeLcr(data);
            case MCR_OFFSET -> writeMcr(data);
            case LSR_OFFSET, MSR_OFFSET -> {
                // Writing them is for factory test only (PC16550D §8.4, table II).
            }
            case SCR_OFFSET -> scr = data;
            default -> illegalAccesses++;
        }
    }

    /** {@code count} writes to offset 0, as one. */
    public void writeString(MemorySegment data, long dataOffset, int count) {
        if (count <= 0) {
            return;
        }
        if (divisorLatched() || (mcr & MCR_LOOP) != 0) {
            for (int i = 0; i < count; i++) {
                write(THR_OFFSET, data.get(ValueLayout.JAVA_BYTE, dataOffset + i));
            }
            return;
        }
        beginTransmission(count);
        endTransmission(wire.transmit(data, dataOffset, count));
    }

    // ---- the line's side ----

    /**
     * How many characters the line may offer now. The line keeps its input until the guest listens: from the moment that
     * receiver interrupts reach it (ERBFI and OUT2; ERBFI alone is also seen while Linux probes, and it then clears the FIFOs),
     * or when it evidently polls; not in loopback, and not while RTS, once raised, is low.
     *
     * @return 0 to {@link UartRegisters#FIFO_SIZE}
     */
    public int receiveRoom() {
        if ((mcr & MCR_LOOP) != 0 || (rtsSeen && (mcr & MCR_RTS) == 0)) {
            return 0;
        }
        boolean interruptDriven = (ier & IER_ERBFI) != 0 && (mcr & MCR_OUT2) != 0;
        if (!interruptDriven && idlePolls < POLLING_READS) {
            return 0;
        }
        return receiver.room();
    }

    /** Whether the line may offer a character. */
    public boolean receiverReady() {
        return receiveRoom() > 0;
    }

    /** A character arrives. One that finds no room is an overrun (PC16550D §8.4, bit 1). */
    public void receive(int character) {
        receive(character, 0);
    }

    /** A break arrives: a NUL marked with BI (PC16550D §8.4, bit 4). */
    public void receiveBreak() {
        breaks++;
        receive(0, LSR_BI);
    }

    /**
     * A character with error bits arrives.
     *
     * @param errors any of LSR_PE, LSR_FE and LSR_BI
     */
    public void receive(int character, int errors) {
        receiver.receive(character, errors);
        update();
    }

    /**
     * Nothing came and nothing was read for four character times: with characters in the FIFO, that is a character timeout
     * (PC16550D §8.11).
     */
    public void receiveIdle() {
        if (receiver.idle()) {
            update();
        }
    }

    /** Whether characters below the trigger level wait for {@link #receiveIdle}. */
    public boolean characterTimeoutDue() {
        return (ier & IER_ERBFI) != 0 && receiver.characterTimeoutDue();
    }

    /** Four times the time of a character at the programmed rate, in nanoseconds, at most {@code maxNanos}. */
    public long characterTimeoutNanos(long maxNanos) {
        int bits = 1 + 5 + (lcr & LCR_WLS_MASK) + ((lcr & LCR_PEN) >> 3) + 1 + ((lcr & LCR_STB) >> 2);
        long divisor = Math.max(1, (dlm << 8) | dll);
        return Math.min(maxNanos, 4L * bits * divisor * 1_000_000_000L / BAUD_BASE);
    }

    /** The wire takes characters again. */
    public void transmitterReleased() {
        if (transmitterHeld) {
            transmitterHeld = false;
            thrEmptyLatched = true;
            update();
        }
    }

    /** Whether the wire takes no more, so that THRE and TEMT are low. */
    public boolean transmitterHeld() {
        return transmitterHeld;
    }

    /**
     * The modem input pins change.
     *
     * @param levels MSR_CTS, MSR_DSR, MSR_RI and MSR_DCD as far as they are active
     */
    public void setModemInputs(int levels) {
        modemStatus.setPins(levels);
        update();
    }

    // ---- the interrupt pin ----

    /**
     * Whether the interrupt request reaches the interrupt controller: the chip's INTR, gated by OUT2 as on every PC. In loopback
     * the OUT2 pin is inactive whatever the MCR says (PC16550D §8.8, bit 4).
     */
    public boolean interruptAsserted() {
        return asserted;
    }

    /** Whether the pin was low since the last call, though it may be high again: an edge-triggered controller must see it. */
    public boolean takeInterruptFell() {
        boolean fell = interruptFell;
        interruptFell = false;
        return fell;
    }

    private void update() {
        boolean gate = (mcr & (MCR_OUT2 | MCR_LOOP)) == MCR_OUT2;
        boolean now = gate && pendingInterrupt() != IIR_NONE;
        if (asserted && !now) {
            interruptFell = true;
        }
        if (now && !asserted) {
            interrupts++;
        }
        asserted = now;
    }

    /** The source of the highest priority (PC16550D §8.6, table IV), as the low four bits of the IIR. */
    private int pendingInterrupt() {
        if ((ier & IER_ELSI) != 0 && receiver.hasLineStatusErrors()) {
            return IIR_LINE_STATUS;
        }
        if ((ier & IER_ERBFI) != 0) {
            int received = receiver.pendingInterrupt();
            if (received != IIR_NONE) {
                return received;
            }
        }
        if ((ier & IER_ETBEI) != 0 && thrEmptyLatched) {
            return IIR_THR_EMPTY;
        }
        if ((ier & IER_EDSSI) != 0 && modemStatus.hasDeltas()) {
            return IIR_MODEM_STATUS;
        }
        return IIR_NONE;
    }

    // ---- registers ----

    private int readRbr() {
        if (receiver.isEmpty()) {
            return 0;
        }
        int character = receiver.remove();
        update();
        return character;
    }

    private int readIir() {
        int source = pendingInterrupt();
        if (source == IIR_THR_EMPTY) {
            thrEmptyLatched = false;
            update();
        } else if (source == IIR_NONE) {
            countIdlePoll();
        }
        return source | (receiver.fifosEnabled() ? IIR_FIFOS_ENABLED : 0);
    }

    private int readLsr() {
        int lsr = receiver.readLineStatus();
        if (!transmitterHeld) {
            lsr |= LSR_THRE | LSR_TEMT;
        }
        update();
        // A guest that waits for a held transmitter polls too, but not for input.
        if (lsr == (LSR_THRE | LSR_TEMT)) {
            countIdlePoll();
        }
        return lsr;
    }

    private int readMsr() {
        int value = modemStatus.read();
        update();
        return value;
    }

    private void writeThr(int data) {
        beginTransmission(1);
        if ((mcr & MCR_LOOP) != 0) {
            receive(data, 0);
            endTransmission(true);
        } else {
            endTransmission(wire.transmit(data));
        }
    }

    private void beginTransmission(int count) {
        idlePolls = 0;
        transmittedBytes += count;
        thrEmptyLatched = false;
        update();
    }

    private void endTransmission(boolean empty) {
        if (empty && !transmitterHeld) {
            thrEmptyLatched = true;
            update();
        } else if (!empty && !transmitterHeld) {
            transmitterHeld = true;
            transmitterHolds++;
        }
    }

    private void writeIer(int data) {
        boolean thrInterruptEnabled = (data & ~ier & IER_ETBEI) != 0;
        ier = data & IER_MASK;
        idlePolls = 0;
        // Enabling it while the THR is empty asks at once: drivers start their transmission so, and Linux tests for it.
        if (thrInterruptEnabled && !transmitterHeld) {
            thrEmptyLatched = true;
        }
        update();
    }

    private void writeLcr(int data) {
        lcr = data;
        idlePolls = 0;
    }

    private void writeMcr(int data) {
        mcr = data & MCR_MASK;
        idlePolls = 0;
        if ((mcr & (MCR_RTS | MCR_LOOP)) == MCR_RTS) {
            rtsSeen = true;
        }
        modemStatus.setModemControl(mcr);
        update();
    }

    private void countIdlePoll() {
        if (idlePolls < POLLING_READS) {
            idlePolls++;
        }
    }

    private boolean divisorLatched() {
        return (lcr & LCR_DLAB) != 0;
    }

    // ---- state ----

    /** The whole state, without the counters. */
    public UartState save() {
        return new UartState(
                UartState.VERSION,
                ier,
                receiver.fcr(),
                lcr,
                mcr,
                scr,
                dll,
                dlm,
                receiver.lineStatusErrors(),
                modemStatus.peek(),
                modemStatus.pins(),
                receiver.saveFifo(),
                receiver.characterTimeout(),
                thrEmptyLatched,
                transmitterHeld,
                rtsSeen,
                idlePolls);
    }

    /** Takes the state over. The caller then sets the interrupt line to {@link #interruptAsserted}. */
    public void restore(UartState state) {
        ier = state.ier();
        lcr = state.lcr();
        mcr = state.mcr();
        scr = state.scr();
        dll = state.dll();
        dlm = state.dlm();
        modemStatus.restore(state.modemStatus(), state.modemInputs(), state.mcr());
        receiver.restore(state);
        thrEmptyLatched = state.thrEmptyLatched();
        transmitterHeld = state.transmitterHeld();
        rtsSeen = state.rtsSeen();
        idlePolls = state.idlePolls();
        update();
    }

    /** What has happened so far. */
    public UartCounters counters() {
        return new UartCounters(
                receiver.receivedBytes(),
                transmittedBytes,
                receiver.overruns(),
                breaks,
                transmitterHolds,
                interrupts,
                illegalAccesses);
    }
}
