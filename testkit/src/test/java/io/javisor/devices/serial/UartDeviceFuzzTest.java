package io.javisor.devices.serial;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.javisor.devices.backend.SerialBackend;
import io.javisor.testkit.FakeTime;
import io.javisor.testkit.FuzzBytes;
import io.javisor.testkit.RecordingLine;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.Queue;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any sequence of port accesses, host input, a host that does not read, and passing time. After each step the line shows what the registers say,
 * nothing is lost between guest and host, and a snapshot gives an equal port.
 */
class UartDeviceFuzzTest {
    private static final int READ = 0;
    private static final int WRITE = 1;
    private static final int WRITE_BYTE = 2;
    private static final int WRITE_STRING = 3;
    private static final int TYPE = 4;
    private static final int BREAK = 5;
    private static final int HOLD = 6;
    private static final int DRAIN = 7;
    private static final int PASS = 8;
    private static final int PINS = 9;
    private static final int SNAPSHOT = 10;
    private static final int RESET = 11;

    private static final MemorySegment STRING = Arena.global().allocate(64);

    static Stream<byte[]> seeds() {
        return Stream.of(
                FuzzBytes.of(
                        WRITE_BYTE,
                        1,
                        0x0F,
                        WRITE_BYTE,
                        4,
                        0x0B,
                        WRITE_BYTE,
                        2,
                        0x81,
                        TYPE,
                        20,
                        READ,
                        2,
                        0,
                        READ,
                        5,
                        0,
                        READ,
                        0,
                        0,
                        PASS,
                        0xFF,
                        0xFF,
                        READ,
                        2,
                        0,
                        READ,
                        0,
                        0,
                        SNAPSHOT),
                FuzzBytes.of(
                        WRITE_BYTE,
                        1,
                        0x02,
                        WRITE_BYTE,
                        4,
                        0x08,
                        HOLD,
                        WRITE_BYTE,
                        0,
                        'x',
                        WRITE_STRING,
                        0,
                        0,
                        9,
                        READ,
                        5,
                        0,
                        SNAPSHOT,
                        DRAIN,
                        READ,
                        2,
                        0,
                        WRITE_BYTE,
                        0,
                        'y'),
                FuzzBytes.of(
                        WRITE_BYTE,
                        4,
                        0x1F,
                        WRITE_BYTE,
                        0,
                        'x',
                        READ,
                        0,
                        2,
                        WRITE,
                        3,
                        2,
                        1,
                        2,
                        3,
                        4,
                        PINS,
                        0xF0,
                        RESET),
                FuzzBytes.of(WRITE_BYTE, 3, 0x43, BREAK, TYPE, 3, WRITE_BYTE, 1, 0x05, WRITE_BYTE, 4, 8, READ, 0, 0));
    }

    @MethodSource("seeds")
    @FuzzTest
    void keepsItsInvariants(byte[] bytes) {
        FuzzBytes input = new FuzzBytes(bytes);
        Port port = new Port();
        while (input.more()) {
            port.step(input);
            port.check();
        }
        port.device.close();
        assertEquals(0, port.time.armed());
        assertEquals(0, port.time.open());
    }

    private static final class Port {
        final FakeTime time = new FakeTime(0);
        private final Host host = new Host();
        private final RecordingLine line = new RecordingLine();
        private long typed;
        private boolean looped;
        private UartCounters before = new UartCounters(0, 0, 0, 0, 0, 0, 0);
        UartDevice device = new UartDevice("fuzz", host, line, time);

        void step(FuzzBytes input) {
            switch (input.u8() % 12) {
                case READ -> {
                    int offset = input.u8() & 7;
                    int size = input.size();
                    long value = device.read(offset, size);
                    assertEquals(0, value >>> (8 * size), "bits above the access");
                }
                case WRITE -> {
                    int offset = input.u8() & 7;
                    int size = input.size();
                    device.write(offset, size, input.value(size));
                }
                case WRITE_BYTE -> device.write(input.u8() & 7, 1, input.u8());
                case WRITE_STRING -> {
                    int offset = input.u8() & 7;
                    int size = input.size();
                    device.writeString(offset, size, STRING, 0, input.u8() & 15);
                }
                case TYPE -> {
                    int count = input.u8() & 31;
                    for (int i = 0; i < count; i++) {
                        host.typed.add('A' + i);
                    }
                    typed += count;
                    host.listener().inputAvailable();
                }
                case BREAK -> {
                    host.typed.add(SerialBackend.BREAK);
                    typed++;
                    host.listener().inputAvailable();
                }
                case HOLD -> host.full = true;
                case DRAIN -> {
                    host.full = false;
                    if (host.refused) {
                        host.refused = false;
                        host.listener().outputDrained();
                    }
                }
                case PASS -> time.advance(input.u16() * 32L);
                case PINS -> device.setModemInputs(input.u8());
                case SNAPSHOT -> snapshot();
                default -> device.reset();
            }
        }

        private void snapshot() {
            UartState state = device.save();
            add(device.counters());
            device.close();
            device = new UartDevice("fuzz", host, line, time);
            device.restore(state);
            assertEquals(state, device.save());
        }

        private void add(UartCounters more) {
            before = new UartCounters(
                    before.receivedBytes() + more.receivedBytes(),
                    before.transmittedBytes() + more.transmittedBytes(),
                    before.overruns() + more.overruns(),
                    0,
                    0,
                    0,
                    0);
        }

        void check() {
            UartState state = device.save();
            looped |= (state.mcr() & UartRegisters.MCR_LOOP) != 0;
            Uart16550 copy = new Uart16550(new RecordingWire());
            copy.restore(state);
            ReferenceUart reference = reference(state);
            assertEquals(reference.pin(), line.isHigh(), () -> "line, " + state);
            int held = state.transmitterHeld() ? UartRegisters.LSR_THRE | UartRegisters.LSR_TEMT : 0;
            int room = copy.receiveRoom();
            assertEquals(reference.read(UartRegisters.IIR_OFFSET), copy.read(UartRegisters.IIR_OFFSET), "IIR");
            assertEquals(reference.read(UartRegisters.LSR_OFFSET) & ~held, copy.read(UartRegisters.LSR_OFFSET), "LSR");
            assertFalse(room > 0 && !host.typed.isEmpty(), "leaves input on the line that it has room for");
            assertFalse(state.transmitterHeld() && !host.refused, "holds the transmitter for nothing");
            if (!looped) {
                UartCounters counters = device.counters();
                long received = before.receivedBytes() + counters.receivedBytes();
                assertEquals(0, before.overruns() + counters.overruns(), "overruns");
                assertEquals(typed, received + host.typed.size(), "received");
                assertEquals(host.written, before.transmittedBytes() + counters.transmittedBytes(), "transmitted");
            }
        }

        private static ReferenceUart reference(UartState state) {
            ReferenceUart reference = new ReferenceUart();
            for (int entry : state.receiveFifo()) {
                reference.received.add(new ReferenceUart.Received(entry & 0xFF, entry >> 8));
            }
            reference.ier = state.ier();
            reference.fcr = state.fcr();
            reference.lcr = state.lcr();
            reference.mcr = state.mcr();
            reference.errors = state.lineStatusErrors();
            reference.pins = state.modemInputs();
            reference.deltas = state.modemStatus() & 0x0F;
            reference.timeout = state.characterTimeout();
            reference.threAsks = state.thrEmptyLatched();
            return reference;
        }
    }

    /** The host's end: what is typed, and a reader that may be slow. It takes everything, as the real one mostly does. */
    private static final class Host implements SerialBackend {
        final Queue<Integer> typed = new ArrayDeque<>();
        boolean full;
        boolean refused;
        long written;
        private @Nullable Listener listener;

        Listener listener() {
            return Objects.requireNonNull(listener);
        }

        @Override
        public void attach(Listener newListener) {
            listener = newListener;
        }

        @Override
        public int read() {
            Integer unit = typed.poll();
            return unit == null ? NOTHING : unit;
        }

        @Override
        public boolean write(int value) {
            written++;
            return answer();
        }

        @Override
        public boolean write(MemorySegment data, long dataOffset, int count) {
            if (count > 0) {
                byte _ = data.get(ValueLayout.JAVA_BYTE, dataOffset + count - 1);
            }
            written += count;
            return answer();
        }

        private boolean answer() {
            refused |= full;
            return !full;
        }

        @Override
        public void close() {}
    }
}
