package io.javisor.devices.backend;

import static io.javisor.core.host.HostConstants.EPOLLIN;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class InputPumpTest {
    private final HostPipes.Ends pipe = HostPipes.pipe();
    private final ManualHostEvents events = new ManualHostEvents();
    private final AtomicInteger available = new AtomicInteger();
    private final InputPump pump = pump(ConsoleInputFilter.NONE);

    private InputPump pump(ConsoleInputFilter filter) {
        return new InputPump("serial0", pipe.reader().value(), events, filter, available::incrementAndGet);
    }

    @AfterEach
    void close() {
        pump.close();
        pipe.close();
    }

    private ManualHostEvents.ManualWatch watch() {
        return events.watchOf(pipe.reader().value());
    }

    private void readable() {
        watch().fire();
        events.runOne();
    }

    private String poll(InputPump from, int limit) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < limit; i++) {
            int unit = from.poll();
            if (unit == SerialBackend.NOTHING) {
                break;
            }
            text.append((char) unit);
        }
        return text.toString();
    }

    @Test
    void nothingIsReadBeforeTheStart() {
        assertEquals(0, watch().armedEvents);
        pump.start();
        assertEquals(EPOLLIN, watch().armedEvents);
    }

    @Test
    void inputArrives() {
        pump.start();
        HostPipes.write(pipe.writer(), "hello");
        readable();
        assertEquals(1, available.get());
        assertEquals("hello", poll(pump, 100));
        assertEquals(5, pump.readBytes());
        assertEquals(EPOLLIN, watch().armedEvents, "and waits for more");
    }

    /** A guest that is being reset may be gone; its user's escapes must still be read. */
    @Test
    void whatComesAfterAFailureIsReadToo() {
        AtomicInteger failures = new AtomicInteger();
        try (InputPump failing =
                new InputPump("serial1", pipe.reader().value(), events, ConsoleInputFilter.NONE, () -> {
                    if (failures.getAndIncrement() == 0) {
                        throw new IllegalStateException("the line is closed");
                    }
                })) {
            failing.start();
            HostPipes.write(pipe.writer(), "lost");
            readable();
            HostPipes.write(pipe.writer(), "x");
            readable();
            assertEquals(2, failures.get());
            assertEquals("lostx", poll(failing, 100));
        }
    }

    @Test
    void everyByteValueArrives() {
        pump.start();
        StringBuilder all = new StringBuilder();
        for (char c = 0; c < 256; c++) {
            all.append(c);
        }
        HostPipes.write(pipe.writer(), all.toString());
        readable();
        assertEquals(all.toString(), poll(pump, 300));
    }

    @Test
    void aFullQueueStopsReadingUntilHalfOfItIsTaken() {
        pump.start();
        HostPipes.makeNonBlocking(pipe.reader()); // at the end the watch fires in vain
        String text = HostPipes.pattern(20_000);
        HostPipes.write(pipe.writer(), text);
        readable();
        readable();
        assertEquals(0, watch().armedEvents);
        StringBuilder received = new StringBuilder(poll(pump, 4094));
        assertEquals(-1, events.timer("serial0/input").armedNanos);
        received.append(poll(pump, 1));
        while (received.length() < text.length()) {
            if (events.timer("serial0/input").armedNanos >= 0) {
                events.timer("serial0/input").expire();
            }
            if (watch().armedEvents != 0) {
                readable();
            }
            received.append(poll(pump, 1000));
        }
        assertEquals(text, received.toString());
    }

    @Test
    void theEndIsForGood() {
        pump.start();
        HostPipes.write(pipe.writer(), "bye");
        pipe.writer().close();
        readable();
        readable();
        assertEquals("bye", poll(pump, 10));
        assertEquals(SerialBackend.NOTHING, pump.poll());
        assertTrue(watch().closed);
    }

    @Test
    void anAlwaysReadyDescriptorIsReadByWorkersUntilItsEnd() {
        events.refuseWatches = true;
        InputPump file = pump(ConsoleInputFilter.NONE);
        HostPipes.write(pipe.writer(), "from a file");
        pipe.writer().close();
        assertTrue(events.work.isEmpty());
        file.start();
        while (!events.work.isEmpty()) {
            events.runOne();
        }
        assertEquals("from a file", poll(file, 100));
        file.close();
    }

    @Test
    void theFilterSeesTheInputFirstAndItsEnd() {
        StringBuilder helped = new StringBuilder();
        InputPump filtered = pump(new EscapeFilter(new EscapeFilter.Actions() {
            @Override
            public boolean powerOff() {
                helped.append("off ");
                return true;
            }

            @Override
            public boolean help() {
                helped.append("help ");
                return true;
            }
        }));
        filtered.start();
        HostPipes.write(pipe.writer(), "a\001hb\001xc\001");
        pipe.writer().close();
        readable();
        assertEquals("abc", poll(filtered, 10));
        readable();
        assertEquals("\001", poll(filtered, 10));
        assertEquals("help off ", helped.toString());
        filtered.close();
    }

    @Test
    void closeStopsReading() {
        pump.start();
        HostPipes.write(pipe.writer(), "x");
        watch().fire();
        pump.close();
        events.runOne();
        assertTrue(watch().closed);
        assertEquals("x", poll(pump, 2), "what was read is not lost");
    }
}
