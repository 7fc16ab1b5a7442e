package io.javisor.devices.serial;

import static io.javisor.devices.serial.UartRegisters.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.event.Timer;
import io.javisor.core.event.Timers;
import io.javisor.core.irq.InterruptLine;
import io.javisor.devices.backend.SerialBackend;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UartDeviceTest {
    /** A line whose far end is the test. */
    private static final class TestBackend implements SerialBackend {
        final ArrayDeque<Integer> input = new ArrayDeque<>();
        final ByteArrayOutputStream output = new ByteArrayOutputStream();
        int bulkWrites;
        boolean ready = true;

        @Nullable
        Listener listener;

        Listener listener() {
            assertTrue(listener != null);
            return listener;
        }

        void type(String text) {
            text.chars().forEach(input::add);
            listener().inputAvailable();
        }

        @Override
        public void attach(Listener newListener) {
            listener = newListener;
        }

        @Override
        public int read() {
            Integer unit = input.poll();
            return unit == null ? NOTHING : unit;
        }

        @Override
        public boolean write(int value) {
            output.write(value);
            return ready;
        }

        @Override
        public boolean write(MemorySegment data, long dataOffset, int count) {
            bulkWrites++;
            if (count > 0) {
                output.writeBytes(data.asSlice(dataOffset, count).toArray(ValueLayout.JAVA_BYTE));
            }
            return ready;
        }

        @Override
        public void close() {}
    }

    /** Counts the edges that an edge-triggered input would see. */
    private static final class TestLine implements InterruptLine {
        boolean high;
        int edges;

        @Override
        public void raise() {
            if (!high) {
                edges++;
            }
            high = true;
        }

        @Override
        public void lower() {
            high = false;
        }
    }

    /** One timer, run by the test. */
    private static final class TestTimers implements Timers {
        long armedNanos = -1;
        boolean closed;
        Runnable expiry = () -> {};

        void expire() {
            assertTrue(armedNanos > 0, "not armed");
            armedNanos = -1;
            expiry.run();
        }

        @Override
        public Timer newTimer(String name, Runnable newExpiry) {
            expiry = newExpiry;
            return new Timer() {
                @Override
                public void schedule(long delayNanos) {
                    armedNanos = delayNanos;
                }

                @Override
                public void cancel() {
                    armedNanos = -1;
                }

                @Override
                public void close() {
                    closed = true;
                }
            };
        }
    }

    private final TestBackend backend = new TestBackend();
    private final TestLine line = new TestLine();
    private final TestTimers timers = new TestTimers();
    private final UartDevice device = new UartDevice("serial0", backend, line, timers);

    private int in(int port) {
        return (int) device.read(port, 1);
    }

    private void out(int port, int value) {
        device.write(port, 1, value);
    }

    /** What Linux's driver leaves behind when a program has opened the port. */
    private void open() {
        out(FCR_OFFSET, FCR_ENABLE | FCR_RCVR_RESET | FCR_XMIT_RESET);
        out(LCR_OFFSET, LCR_DLAB);
        out(DLL_OFFSET, 1);
        out(DLM_OFFSET, 0);
        out(LCR_OFFSET, 3);
        out(FCR_OFFSET, FCR_ENABLE | FCR_TRIGGER_8);
        out(MCR_OFFSET, MCR_OUT2 | MCR_RTS | MCR_DTR);
        out(IER_OFFSET, IER_ERBFI | IER_ELSI);
    }

    private String readAll() {
        StringBuilder text = new StringBuilder();
        while ((in(LSR_OFFSET) & LSR_DR) != 0) {
            text.append((char) in(RBR_OFFSET));
        }
        return text.toString();
    }

    @Test
    void inputTypedDuringBootArrivesWhenThePortIsOpened() {
        backend.type("uname -a; poweroff -f\n");
        out(IER_OFFSET, 0x0F); // probing
        out(IER_OFFSET, 0);
        open();
        assertTrue(line.high);
        assertEquals(IIR_DATA_AVAILABLE | IIR_FIFOS_ENABLED, in(IIR_OFFSET));
        assertEquals("uname -a; poweroff -f\n", readAll());
        assertFalse(line.high);
        assertEquals(0, device.counters().overruns());
    }

    @Test
    void atMostAFifoIsTakenAtATime() {
        open();
        backend.type("x".repeat(100));
        assertEquals(100 - FIFO_SIZE, backend.input.size());
    }

    @Test
    void aKeyIsIndicatedAtOnce() {
        open();
        backend.type("k");
        assertTrue(line.high);
        assertEquals(IIR_CHARACTER_TIMEOUT | IIR_FIFOS_ENABLED, in(IIR_OFFSET));
        assertEquals('k', in(RBR_OFFSET));
        assertFalse(line.high);
    }

    @Test
    void theRestIsIndicatedAfterFourCharacters() {
        open();
        backend.type("abc");
        assertEquals('a', in(RBR_OFFSET));
        assertFalse(line.high);
        assertEquals(347_222, timers.armedNanos);
        timers.expire();
        assertTrue(line.high);
        assertEquals(2, line.edges);
        assertEquals("bc", readAll());
    }

    @Test
    void aReadStartsTheFourCharactersAnew() {
        open();
        backend.type("abc");
        assertEquals('a', in(RBR_OFFSET));
        assertEquals('b', in(RBR_OFFSET));
        timers.expire();
        assertFalse(line.high);
        timers.expire();
        assertTrue(line.high);
    }

    @Test
    void anIdleTimerExpiresInVain() {
        open();
        backend.type("ab");
        assertEquals("ab", readAll());
        timers.expire();
        assertFalse(line.high);
        assertEquals(-1, timers.armedNanos);
    }

    @Test
    void breakComesInItsPlace() {
        open();
        backend.input.add((int) 'a');
        backend.input.add(SerialBackend.BREAK);
        backend.type("b");
        assertEquals('a', in(RBR_OFFSET));
        assertEquals(LSR_BI, in(LSR_OFFSET) & LSR_BI);
        assertEquals(0, in(RBR_OFFSET));
        assertEquals('b', in(RBR_OFFSET));
        assertEquals(1, device.counters().breaks());
    }

    @Test
    void eachThrWriteIsAnEdgeOfItsOwn() {
        out(MCR_OFFSET, MCR_OUT2);
        out(IER_OFFSET, IER_ETBEI);
        assertEquals(1, line.edges);
        out(THR_OFFSET, 'a');
        out(THR_OFFSET, 'b');
        assertEquals(3, line.edges);
        assertTrue(line.high);
    }

    @Test
    void repOutsbIsOneCallToTheBackend() {
        byte[] text = "Hello from the guest\n".getBytes(StandardCharsets.ISO_8859_1);
        device.writeString(THR_OFFSET, 1, MemorySegment.ofArray(text), 0, text.length);
        assertEquals(1, backend.bulkWrites);
        assertEquals("Hello from the guest\n", backend.output.toString(StandardCharsets.ISO_8859_1));
    }

    @Test
    void repOutsbToAnotherRegisterLeavesTheLastByte() {
        device.writeString(SCR_OFFSET, 1, MemorySegment.ofArray(new byte[] {1, 2, 3}), 1, 2);
        assertEquals(3, in(SCR_OFFSET));
        assertEquals(0, backend.bulkWrites);
    }

    @Test
    void repInsbDrainsTheReceiver() {
        open();
        backend.type("0123456789abcdefghijklmnopqrstuvwxyz");
        byte[] bytes = new byte[38];
        device.readString(RBR_OFFSET, 1, MemorySegment.ofArray(bytes), 1, 36);
        assertEquals("\0000123456789abcdefghijklmnopqrstuvwxyz\000", new String(bytes, StandardCharsets.ISO_8859_1));
    }

    @Test
    void heldTransmitterIsReleasedByTheBackend() {
        out(MCR_OFFSET, MCR_OUT2);
        out(IER_OFFSET, IER_ETBEI);
        int _ = in(IIR_OFFSET);
        backend.ready = false;
        out(THR_OFFSET, 'x');
        assertFalse(line.high);
        assertEquals(0, in(LSR_OFFSET));
        backend.listener().outputDrained();
        assertTrue(line.high);
        assertEquals(LSR_THRE | LSR_TEMT, in(LSR_OFFSET));
        assertEquals(1, device.counters().transmitterHolds());
    }

    /** Its line is closed after it; what is typed stays for who comes next. */
    @Test
    void aClosedPortTakesNothingMore() {
        out(MCR_OFFSET, MCR_OUT2);
        out(IER_OFFSET, IER_ERBFI);
        device.close();
        backend.type("x");
        backend.listener().outputDrained();
        assertFalse(line.high);
        assertEquals(1, backend.input.size());
    }

    @Test
    void restoredPortAsksItsOwnBackend() {
        backend.ready = false;
        out(THR_OFFSET, 'x');
        UartState held = device.save();
        device.restore(held);
        assertEquals(0, in(LSR_OFFSET));
        backend.ready = true;
        device.restore(held);
        assertEquals(LSR_THRE | LSR_TEMT, in(LSR_OFFSET));
        assertEquals("x", backend.output.toString(StandardCharsets.ISO_8859_1));
    }

    @Test
    void restoreShowsTheInterruptPin() {
        open();
        backend.type("k");
        UartState saved = device.save();
        device.reset();
        assertFalse(line.high);
        device.restore(saved);
        assertTrue(line.high);
        assertEquals("k", readAll());
    }

    @Test
    void resetLeavesTheInputOnTheLine() {
        open();
        backend.type("x".repeat(20));
        device.reset();
        assertFalse(line.high);
        assertEquals(20 - FIFO_SIZE, backend.input.size());
        assertEquals(LSR_THRE | LSR_TEMT, in(LSR_OFFSET));
    }

    // ---- widths and addresses ----

    @ParameterizedTest(name = "read {0} size {1} = 0x{2}")
    @CsvSource({
        "4,1,03",
        "4,2,6003",
        "4,4,5A006003",
        "6,2,5A00",
        "6,4,FFFF5A00",
        "7,2,FF5A",
        "7,4,FFFFFF5A",
        "8,1,FF",
        "8,4,FFFFFFFF",
        "1000,2,FFFF",
        "-1,1,FF",
        "9223372036854775807,1,FF"
    })
    void wideReadsAreSplit(long offset, int size, String expected) {
        device.setModemInputs(0);
        out(MCR_OFFSET, 0x03);
        out(SCR_OFFSET, 0x5A);
        int _ = in(MSR_OFFSET);
        assertEquals(Long.parseLong(expected, 16), device.read(offset, size));
    }

    @Test
    void wideWritesAreSplit() {
        device.write(LCR_OFFSET, 2, 0x1A03);
        assertEquals(0x03, in(LCR_OFFSET));
        assertEquals(0x1A, in(MCR_OFFSET));
        device.write(SCR_OFFSET, 4, 0xDDCCBBAAL);
        assertEquals(0xAA, in(SCR_OFFSET));
        device.write(THR_OFFSET, 2, 0x0F41);
        assertEquals(0x0F, in(IER_OFFSET));
        assertEquals("", backend.output.toString(StandardCharsets.ISO_8859_1), "in loopback");
        assertEquals(3, device.counters().illegalAccesses());
    }

    @ParameterizedTest
    @CsvSource({"8", "1000", "-8", "-9223372036854775808", "4294967296"})
    void writesOutsideAreHarmless(long offset) {
        UartState before = device.save();
        device.write(offset, 4, 0xFFFFFFFFL);
        assertEquals(before.ier(), device.save().ier());
        assertTrue(device.counters().illegalAccesses() > 0);
    }

    @Test
    void modemInputsReachTheGuest() {
        device.setModemInputs(MSR_CTS);
        assertEquals(MSR_CTS | MSR_DDSR | MSR_DDCD, in(MSR_OFFSET));
    }

    @Test
    void aBreakOfTheGuestIsStoredAndSendsNothing() {
        out(LCR_OFFSET, LCR_SET_BREAK);
        assertEquals(LCR_SET_BREAK, in(LCR_OFFSET));
        assertEquals(0, backend.output.size());
    }

    @Test
    void closeGivesTheTimerBack() {
        device.close();
        assertTrue(timers.closed);
    }

    @Test
    void aPausedPortTakesNoInput() {
        open();
        device.pause();
        backend.type("k");
        assertEquals(1, backend.input.size());
        assertFalse(line.high);
        device.resume();
        assertTrue(line.high);
        assertEquals('k', in(RBR_OFFSET));
        assertEquals(device.counters().snapshot(), device.statistics().counters());
        assertEquals("serial0", device.statistics().id());
    }

    /** Its timer is one of a clock that stands then; one that expires at the moment of the pause is heard after it. */
    @Test
    void aCharacterTimeoutWaitsForTheEndOfAPause() {
        open();
        backend.type("abcdefghij");
        assertEquals('a', in(RBR_OFFSET));
        assertEquals('b', in(RBR_OFFSET));
        assertEquals('c', in(RBR_OFFSET));
        assertFalse(line.high); // below the trigger level, and four characters' time not over
        device.pause();
        timers.expire();
        assertFalse(line.high);
        device.resume();
        assertTrue(line.high);
        assertEquals(IIR_CHARACTER_TIMEOUT | IIR_FIFOS_ENABLED, in(IIR_OFFSET));
        assertEquals("defghij", readAll());
    }
}
