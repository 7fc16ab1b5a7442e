package io.javisor.devices.ioapic;

import static io.javisor.devices.ioapic.IoApicRegisters.*;

import io.javisor.core.irq.DeliveryMode;
import io.javisor.core.irq.InterruptMessage;
import io.javisor.core.irq.MsiSink;
import java.util.Arrays;
import java.util.stream.LongStream;

/**
 * An I/O APIC: a pure state machine that sends its interrupts as messages, as those since the Pentium 4 do. It knows no bus, thread or processor;
 * {@link IoApicDevice} gives it these. Not safe for several threads.
 *
 * <p>Emulates (Intel 82093AA data sheet, 290566-001): 24 pins with their redirection entries, edge and level, remote IRR, all delivery
 * modes, physical and logical destinations; and, as version 0x20, the EOI register of later chips.
 *
 * <p>How pins behave, where there is a choice as KVM:
 *
 * <ul>
 *   <li>An edge at a masked pin is lost (data sheet §3.2.4, Interrupt Mask).
 *   <li>A level-triggered entry sends when its line is asserted, it is not masked and its remote IRR is 0. Remote IRR becomes 1 only if a
 *       local APIC has taken the message; else it is sent again when the line is raised or the entry is written.
 *   <li>The end of an interrupt clears the remote IRR of each level-triggered entry with its vector; one whose line is still asserted sends again.
 *   <li>Making an entry edge-triggered clears its remote IRR: operating systems end a lost interrupt so.
 *   <li>SMI, NMI, INIT and ExtINT are edges whatever the entry says. The modes reserved and start-up send nothing.
 *   <li>Polarity is kept and not looked at.
 * </ul>
 *
 * <p>Leaves out: the time a message takes (the delivery status is always idle), the arbitration among several on a serial bus, the IRQ pin
 * assertion register.
 *
 * <table>
 * <caption>Device memory: the registers repeat nowhere</caption>
 * <tr><th>offset</th><th>register</th><th>access</th></tr>
 * <tr><td>00</td><td>IOREGSEL, RW</td><td>8, 16 or 32 bits; the low byte counts</td></tr>
 * <tr><td>10</td><td>IOWIN, RW</td><td>32 bits</td></tr>
 * <tr><td>40</td><td>EOI, W, version 0x20</td><td>32 bits; reads 0</td></tr>
 * <tr><td>others, other widths</td><td>none</td><td>read 0, writes ignored, counted</td></tr>
 * </table>
 *
 * <table>
 * <caption>Registers, 32 bits</caption>
 * <tr><th>index</th><th>register</th><th>read</th><th>write</th><th>after {@link #reset}</th></tr>
 * <tr><td>00</td><td>IOAPICID</td><td colspan="2">bits 27:24</td><td>0</td></tr>
 * <tr><td>01</td><td>IOAPICVER</td><td>version, 23 in bits 23:16</td><td>ignored, counted</td><td></td></tr>
 * <tr><td>02</td><td>IOAPICARB</td><td>bits 27:24, the id last written</td><td>ignored, counted</td><td>0</td></tr>
 * <tr><td>10 to 3F</td><td>IOREDTBL</td><td>all bits</td><td>all but 12 and 14</td><td>masked, else 0</td></tr>
 * <tr><td>others</td><td>none</td><td>0, counted</td><td>ignored, counted</td><td></td></tr>
 * </table>
 */
public final class IoApic {
    private static final int ENTRY_INDEX_END = IOREDTBL + 2 * PIN_COUNT;

    private final int version;
    private final MsiSink processors;

    private int id; // IOAPICID, bits 27:24 in place, RW
    private int arbitrationId; // IOAPICARB, R
    private int index; // IOREGSEL, RW
    private int lines; // which pins are asserted
    private final int[] low = new int[PIN_COUNT]; // IOREDTBL bits 31:0
    private final int[] high = new int[PIN_COUNT]; // IOREDTBL bits 63:32

    private long messages;
    private long refusedMessages;
    private long maskedEdges;
    private long illegalAccesses;

    /**
     * After power-on.
     *
     * @param version {@link IoApicRegisters#VERSION_11} or {@link IoApicRegisters#VERSION_20}
     * @param processors where its messages go
     */
    public IoApic(int version, MsiSink processors) {
        if (version != VERSION_11 && version != VERSION_20) {
            throw new IllegalArgumentException("an I/O APIC of version 0x" + Integer.toHexString(version));
        }
        this.version = version;
        this.processors = processors;
        Arrays.fill(low, MASKED);
    }

    /** As after power-on: all entries masked. The lines keep their levels, the counters their counts. */
    public void reset() {
        id = 0;
        arbitrationId = 0;
        index = 0;
        Arrays.fill(low, MASKED);
        Arrays.fill(high, 0);
    }

    /**
     * A device asserts or negates its line.
     *
     * @param pin 0 to 23
     */
    public void setLine(int pin, boolean asserted) {
        int bit = 1 << pin;
        boolean was = (lines & bit) != 0;
        lines = asserted ? lines | bit : lines & ~bit;
        if (!asserted) {
            return;
        }
        if (isLevel(pin)) {
            serveLevel(pin);
        } else if (!was) {
            serveEdge(pin);
        }
    }

    /** A processor, or the guest by the EOI register, has ended the interrupt with this vector. */
    public void endOfInterrupt(int vector) {
        for (int pin = 0; pin < PIN_COUNT; pin++) {
            if ((low[pin] & (VECTOR_MASK | LEVEL | REMOTE_IRR)) == (vector | LEVEL | REMOTE_IRR)) {
                low[pin] &= ~REMOTE_IRR;
                serveLevel(pin);
            }
        }
    }

    /**
     * The guest reads {@code size} bytes (1 to 8) at {@code offset}.
     *
     * @return zero-extended
     */
    public long read(long offset, int size) {
        if (offset == IOREGSEL_OFFSET && size <= Integer.BYTES) {
            return index;
        }
        if (offset == IOWIN_OFFSET && size == Integer.BYTES) {
            return readRegister() & 0xFFFF_FFFFL;
        }
        if (!(isEoi(offset) && size == Integer.BYTES)) {
            illegalAccesses++;
        }
        return 0;
    }

    /** The guest writes the low {@code size} bytes (1 to 8) of {@code value} to {@code offset}. */
    public void write(long offset, int size, long value) {
        if (offset == IOREGSEL_OFFSET && size <= Integer.BYTES) {
            index = (int) value & 0xFF;
        } else if (offset == IOWIN_OFFSET && size == Integer.BYTES) {
            writeRegister((int) value);
        } else if (isEoi(offset) && size == Integer.BYTES) {
            endOfInterrupt((int) value & VECTOR_MASK);
        } else {
            illegalAccesses++;
        }
    }

    public IoApicState save() {
        return new IoApicState(
                IoApicState.VERSION,
                id >>> ID_SHIFT,
                arbitrationId >>> ID_SHIFT,
                index,
                lines,
                LongStream.range(0, PIN_COUNT)
                        .map(pin -> (long) high[(int) pin] << 32 | low[(int) pin])
                        .boxed()
                        .toList());
    }

    /** Takes a saved state over, the lines' levels included. It sends nothing: what was sent is in the local APICs' states. */
    public void restore(IoApicState state) {
        id = state.id() << ID_SHIFT;
        arbitrationId = state.arbitrationId() << ID_SHIFT;
        index = state.index();
        lines = state.lines();
        for (int pin = 0; pin < PIN_COUNT; pin++) {
            long entry = state.redirections().get(pin);
            low[pin] = (int) entry;
            high[pin] = (int) (entry >>> 32);
        }
    }

    public IoApicCounters counters() {
        return new IoApicCounters(messages, refusedMessages, maskedEdges, illegalAccesses);
    }

    private boolean isEoi(long offset) {
        return offset == EOI_OFFSET && version >= VERSION_20;
    }

    private int readRegister() {
        return switch (index) {
            case IOAPICID -> id;
            case IOAPICVER -> version | (PIN_COUNT - 1) << MAX_ENTRY_SHIFT;
            case IOAPICARB -> arbitrationId;
            default -> {
                if (index < IOREDTBL || index >= ENTRY_INDEX_END) {
                    illegalAccesses++;
                    yield 0;
                }
                int pin = (index - IOREDTBL) / 2;
                yield (index & 1) == 0 ? low[pin] : high[pin];
            }
        };
    }

    private void writeRegister(int value) {
        if (index == IOAPICID) {
            id = value & ID_MASK;
            // "This register is loaded when the IOAPICID register is written."
            arbitrationId = id;
        } else if (index >= IOREDTBL && index < ENTRY_INDEX_END) {
            int pin = (index - IOREDTBL) / 2;
            if ((index & 1) == 0) {
                low[pin] = (value & LOW_WRITABLE) | (low[pin] & REMOTE_IRR);
            } else {
                high[pin] = value & 0xFF << DESTINATION_SHIFT;
            }
            if (isLevel(pin)) {
                serveLevel(pin);
            } else {
                low[pin] &= ~REMOTE_IRR;
            }
        } else {
            illegalAccesses++;
        }
    }

    /** What an asserted line of an entry that is or was level-triggered causes. */
    private void serveLevel(int pin) {
        if ((lines >>> pin & 1) != 0 && (low[pin] & (MASKED | REMOTE_IRR)) == 0 && isLevel(pin) && send(pin, true)) {
            low[pin] |= REMOTE_IRR;
        }
    }

    private void serveEdge(int pin) {
        if ((low[pin] & MASKED) != 0) {
            maskedEdges++;
        } else {
            boolean _ = send(pin, false);
        }
    }

    private boolean send(int pin, boolean level) {
        DeliveryMode mode = mode(pin);
        boolean taken = mode != DeliveryMode.RESERVED
                && mode != DeliveryMode.STARTUP
                && processors.send(
                        InterruptMessage.addressGpa(high[pin] >>> DESTINATION_SHIFT, (low[pin] & LOGICAL) != 0),
                        InterruptMessage.data(mode, low[pin] & VECTOR_MASK, level));
        if (taken) {
            messages++;
        } else {
            refusedMessages++;
        }
        return taken;
    }

    /** Whether the entry works as a level: some delivery modes make an edge of it (data sheet §3.2.4, DELMOD). */
    private boolean isLevel(int pin) {
        DeliveryMode mode = mode(pin);
        return (low[pin] & LEVEL) != 0 && (mode == DeliveryMode.FIXED || mode == DeliveryMode.LOWEST_PRIORITY);
    }

    private DeliveryMode mode(int pin) {
        return DeliveryMode.of(low[pin] >>> DELIVERY_MODE_SHIFT);
    }
}
