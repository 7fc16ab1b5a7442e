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
    private final InputQueue queue = new InputQueue("serial0", events, this::resume);
    private final InputPump pump = pump(ConsoleInputFilter.NONE);

    private InputPump pump(ConsoleInputFilter filter) {
        return new InputPump("serial0", pipe.reader().value(), events, filter, queue, available::incrementAndGet);
    }

    private void resume() {
        pump.resume();
    }

    @AfterEach
    void close() {
        pump.close();
        queue.close();
        pipe.close();
    }

    private ManualHostEvents.ManualWatch watch() {
        return events.watchOf(pipe.reader().value());
    }

    private void readable() {
        watch().fire();
        events.runOne();
    }

    private String poll(int limit) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < limit; i++) {
            int unit = queue.poll();
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
        assertEquals("hello", poll(100));
        assertEquals(5, pump.readBytes());
        assertEquals(EPOLLIN, watch().armedEvents, "and waits for more");
    }

    /** A guest that is being reset may be gone; its user's escapes must still be read. */
    @Test
    void whatComesAfterAFailureIsReadToo() {
        AtomicInteger failures = new AtomicInteger();
        try (InputPump failing =
                new InputPump("serial1", pipe.reader().value(), events, ConsoleInputFilter.NONE, queue, () -> {
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
            assertEquals("lostx", poll(100));
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
        assertEquals(all.toString(), poll(300));
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
        StringBuilder received = new StringBuilder(poll(4093));
        assertEquals(-1, events.timer("serial0/input").armedNanos);
        received.append(poll(1));
        while (received.length() < text.length()) {
            if (events.timer("serial0/input").armedNanos >= 0) {
                events.timer("serial0/input").expire();
            }
            if (watch().armedEvents != 0) {
                readable();
            }
            received.append(poll(1000));
        }
        assertEquals(text, received.toString());
    }

    @Test
    void aQueueThatOthersFilledIsNoEndOfTheInput() {
        pump.start();
        HostPipes.write(pipe.writer(), "mine");
        int others = queue.reserve(1, InputQueue.CAPACITY);
        queue.add(HostPipes.bytes("x".repeat(others)), others);
        readable();
        assertEquals(0, watch().armedEvents);
        assertEquals("x".repeat(others), poll(others));
        events.timer("serial0/input").expire();
        readable();
        assertEquals("mine", poll(10));
    }

    @Test
    void aReadThatWaitsLeavesRoomForOthers() {
        InputPump[] self = new InputPump[1];
        // The filter runs while the room for what may come is still kept.
        self[0] = pump((value, guest) -> {
            assertEquals(InputQueue.RESUME_ROOM, queue.room(1));
            guest.accept(value);
        });
        self[0].start();
        HostPipes.write(pipe.writer(), "x");
        readable();
        assertEquals("x", poll(10));
        assertEquals(InputQueue.CAPACITY, queue.room(1), "the rest was given back");
        self[0].close();
    }

    @Test
    void theEndIsForGood() {
        pump.start();
        HostPipes.write(pipe.writer(), "bye");
        pipe.writer().close();
        readable();
        readable();
        assertEquals("bye", poll(10));
        assertEquals(SerialBackend.NOTHING, queue.poll());
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
        assertEquals("from a file", poll(100));
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
        assertEquals("abc", poll(10));
        readable();
        assertEquals("\001", poll(10));
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
        assertEquals("x", poll(2), "what was read is not lost");
    }
}
