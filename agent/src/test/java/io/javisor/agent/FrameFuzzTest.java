package io.javisor.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.javisor.core.text.Printable;
import io.javisor.testkit.HeapMeter;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any bytes as what an agent says. Frames and their messages come until the end, or one line that says what is wrong; a frame's bytes are those that it was read from; every number is in its
 * range, every text printable and short; bounded heap.
 */
class FrameFuzzTest {
    private static final long HEAP_MAX = 64 << 20;

    static Stream<byte[]> seeds() {
        return Stream.of(
                frame(Frame.HELLO, Frame.body(2).putShort((short) 1)),
                frame(
                        Frame.ERROR,
                        Frame.body(9)
                                .putShort((short) 4)
                                .putShort((short) 127)
                                .putShort((short) 3)
                                .put(new byte[] {'a', 27, 10})),
                frame(Frame.STARTED, Frame.body(4).putInt(7)),
                frame(Frame.EXIT, Frame.body(9).putInt(137).putInt(9).put((byte) 1)),
                frame(
                        Frame.STATS,
                        Frame.body(11).putShort((short) 1).put((byte) 'm').putLong(5)),
                frame(Frame.DONE, Frame.body(2).putShort((short) 9)),
                frame(Frame.STREAM, Frame.body(8).putLong(-1)),
                frame(Frame.DOWN, Frame.body(0)),
                frame(77, Frame.body(3)));
    }

    private static byte[] frame(int type, ByteBuffer body) {
        return new Frame(1, type, body.position(0)).bytes().array();
    }

    @MethodSource("seeds")
    @FuzzTest
    void anAgentMaySayWhatItLikes(byte[] input) {
        HeapMeter heap = HeapMeter.start();
        hear(input);
        heap.requireAtMost(HEAP_MAX + 64L * input.length);
    }

    private static void hear(byte[] input) {
        ByteArrayInputStream bytes = new ByteArrayInputStream(input);
        ReadableByteChannel channel = Channels.newChannel(bytes);
        try {
            while (true) {
                int before = input.length - bytes.available();
                Frame frame = Frame.read(channel, Frame.MAX_BODY_SIZE);
                int after = input.length - bytes.available();
                assertEquals(ByteBuffer.wrap(input, before, after - before), frame.bytes());
                check(Message.of(frame));
            }
        } catch (EOFException e) {
            assertEquals(0, bytes.available());
        } catch (ProtocolException e) {
            requireLine(String.valueOf(e.getMessage()));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static void requireLine(String line) {
        assertEquals(Printable.of(line), line);
        assertTrue(!line.isEmpty() && line.length() <= Message.MAX_LINE_LENGTH + 3);
    }

    private static void check(Message message) {
        switch (message) {
            case Message.Hello hello -> assertTrue(hello.generation() >= 1);
            case Message.Refused refused -> {
                assertTrue(refused.status() >= 125 && refused.status() <= 127);
                requireLine(refused.line());
            }
            case Message.Started started -> assertTrue(started.pid() > 0);
            case Message.Ended ended -> {
                assertTrue(ended.exit().status() >= 0 && ended.exit().status() <= 255);
                assertTrue(ended.exit().signal() >= 0 && ended.exit().signal() <= 127);
            }
            case Message.Statistics statistics -> {
                assertTrue(statistics.values().size() <= Message.MAX_STATISTICS);
                statistics.values().keySet().forEach(FrameFuzzTest::requireLine);
            }
            case Message.Done done -> assertTrue(done.request() >= 0);
            case Message.Found found ->
                assertTrue(found.file().size() >= 0 && found.file().mode() >= 0);
            case Message.Stream _, Message.Down _ -> {}
            case Message.Unknown unknown -> assertTrue(unknown.type() >= 0 && unknown.type() <= 0xffff);
        }
    }
}
