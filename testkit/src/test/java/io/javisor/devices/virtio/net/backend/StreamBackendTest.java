package io.javisor.devices.virtio.net.backend;

import static io.javisor.devices.virtio.net.NetProtocol.MAX_FRAME_SIZE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.host.Errno;
import io.javisor.core.host.Libc;
import io.javisor.devices.virtio.net.FrameVector;
import io.javisor.devices.virtio.net.NetBackend;
import io.javisor.devices.virtio.net.PolledEvents;
import io.javisor.testkit.host.SocketPair;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Frames on a stream, each after its length. */
class StreamBackendTest {
    private static final int ROOM = 80_000;

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment near = arena.allocate(ROOM);
    private final MemorySegment far = arena.allocate(4 << 20);
    private final PolledEvents events = new PolledEvents();
    private final SocketPair cable = SocketPair.stream();
    private final List<String> told = new ArrayList<>();
    private final StreamBackend backend = new StreamBackend("passt", cable.left(), events, true);
    private final FrameVector vector = new FrameVector(Arena.ofAuto());

    StreamBackendTest() {
        backend.attach(new NetBackend.Listener() {
            @Override
            public void receivable(int pair) {
                told.add("receivable");
            }

            @Override
            public void sendable(int pair) {
                told.add("sendable");
            }

            @Override
            public void gone(String why) {
                told.add("gone");
            }
        });
    }

    @AfterEach
    void close() {
        backend.close();
        assertEquals(0, events.open());
        assertEquals(0, events.time.open());
        cable.close();
        arena.close();
    }

    private static byte[] content(int number, int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (number * 13 + i + (i >>> 8));
        }
        return bytes;
    }

    /** In three pieces, as guest memory is. */
    private long send(byte[] frame) {
        MemorySegment.copy(frame, 0, near, ValueLayout.JAVA_BYTE, 0, frame.length);
        int third = frame.length / 3;
        vector.clear();
        vector.add(near.address(), third);
        vector.add(near.address() + third, third);
        vector.add(near.address() + 2L * third, frame.length - 2 * third);
        return backend.send(0, vector);
    }

    private long receive() {
        vector.clear();
        vector.add(near.address(), 1000);
        vector.add(near.address() + 1000, ROOM - 1000);
        return backend.receive(0, vector);
    }

    private byte[] received(long length) {
        return near.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
    }

    private void write(byte[] bytes) {
        MemorySegment.copy(bytes, 0, far, ValueLayout.JAVA_BYTE, 0, bytes.length);
        assertEquals(bytes.length, Libc.write(cable.right().value(), far.address(), bytes.length));
    }

    private static byte[] framed(byte[] frame) {
        return ByteBuffer.allocate(4 + frame.length)
                .putInt(frame.length)
                .put(frame)
                .array();
    }

    private byte[] readAll() {
        long count = Libc.read(cable.right().value(), far.address(), far.byteSize());
        return count < 0 ? new byte[0] : far.asSlice(0, count).toArray(ValueLayout.JAVA_BYTE);
    }

    private static byte[] addressed(int type, int offset, String address) throws Exception {
        byte[] frame = content(1, 60);
        frame[12] = (byte) (type >> 8);
        frame[13] = (byte) type;
        byte[] target = HexFormat.of().parseHex(address);
        System.arraycopy(target, 0, frame, offset, target.length);
        return frame;
    }

    @ParameterizedTest
    @CsvSource({
        "0800, 7F000001, true",
        "0800, 7FFFFFFE, true",
        "0800, 00000000, true",
        "0800, 0A000001, false",
        "0800, 80000001, false",
        "0800, FFFFFFFF, false",
        "86DD, 00000000000000000000000000000001, true",
        "86DD, 00000000000000000000000000000000, true",
        "86DD, 00000000000000000000FFFF7F000001, true",
        "86DD, FE800000000000000000000000000001, false",
        "86DD, 00000000000000000001000000000001, false",
        "0806, 7F000001, false"
    })
    void aFrameToALoopbackAddressIsRefusedWhereThatIsClosed(String type, String address, boolean refused)
            throws Exception {
        byte[] frame = addressed(HexFormat.fromHexDigits(type), type.equals("86DD") ? 38 : 30, address);
        assertEquals(refused ? -Errno.EACCES : 64, send(frame));
        assertArrayEquals(refused ? new byte[0] : framed(frame), readAll());
        try (SocketPair other = SocketPair.stream();
                StreamBackend open = new StreamBackend("open", other.left(), events, false)) {
            vector.clear();
            vector.add(near.address(), frame.length);
            assertEquals(64, open.send(0, vector));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 60, 1514, 65_535, MAX_FRAME_SIZE})
    void aFrameIsSentAfterItsLength(int length) {
        assertEquals(4 + length, send(content(1, length)));
        assertArrayEquals(framed(content(1, length)), readAll());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 60, 64, 1000, 100_000})
    void framesAreReceivedHoweverTheStreamIsCut(int cut) {
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        int[] lengths = {1, 60, 61, 14, 1514, 300, 9000, 60};
        for (int i = 0; i < lengths.length; i++) {
            stream.writeBytes(framed(content(i, lengths[i])));
        }
        byte[] all = stream.toByteArray();
        int next = 0;
        for (int at = 0; at < all.length; at += cut) {
            write(java.util.Arrays.copyOfRange(all, at, Math.min(all.length, at + cut)));
            long length = receive();
            while (length >= 0) {
                assertEquals(lengths[next], length);
                assertArrayEquals(content(next, lengths[next]), received(length));
                next++;
                length = receive();
            }
            assertEquals(-Errno.EAGAIN, length);
        }
        assertEquals(lengths.length, next);
    }

    @Test
    void theLongestFramesPassOneAfterTheOther() {
        SplittableRandom random = new SplittableRandom(5);
        for (int i = 0; i < 200; i++) {
            int length = MAX_FRAME_SIZE - random.nextInt(100);
            write(framed(content(i, length)));
            long got = receive();
            assertEquals(length, got);
            assertArrayEquals(content(i, length), received(got));
        }
    }

    @Test
    void aFrameThatIsTakenInPartIsFinishedFirst() {
        int sent = 0;
        while (send(content(sent, MAX_FRAME_SIZE)) >= 0) {
            sent++;
            assertTrue(sent < 1000, "the socket takes everything");
        }
        backend.awaitSend(0);
        events.turn();
        assertEquals(List.of(), told);
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        for (int i = 0; i < 100; i++) {
            stream.writeBytes(readAll());
            events.turn();
        }
        assertEquals(List.of("sendable"), told);
        byte[] all = stream.toByteArray();
        assertEquals(sent * (4 + MAX_FRAME_SIZE), all.length, "whole frames, and each of those that were taken");
        ByteBuffer frames = ByteBuffer.wrap(all);
        for (int i = 0; i < sent; i++) {
            assertEquals(MAX_FRAME_SIZE, frames.getInt());
            byte[] frame = new byte[MAX_FRAME_SIZE];
            frames.get(frame);
            assertArrayEquals(content(i, MAX_FRAME_SIZE), frame);
        }
    }

    @Test
    void whatWasReadAheadIsReportedAtOnce() {
        write(framed(content(1, 60)));
        write(framed(content(2, 60)));
        assertEquals(60, receive());
        backend.awaitReceive(0);
        events.turn();
        assertEquals(List.of("receivable"), told);
        assertEquals(60, receive());
        backend.awaitReceive(0);
        events.turn();
        assertEquals(List.of("receivable"), told);
        write(framed(content(3, 60)));
        events.turn();
        assertEquals(List.of("receivable", "receivable"), told);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, Integer.MIN_VALUE, MAX_FRAME_SIZE + 1, Integer.MAX_VALUE})
    void aLengthThatNoFrameHasIsTheEnd(int length) {
        write(ByteBuffer.allocate(64).putInt(length).array());
        assertEquals(NetBackend.GONE, receive());
        assertEquals(NetBackend.GONE, send(content(1, 60)));
    }

    @Test
    void theOthersEndIsTheEnd() {
        write(framed(content(1, 60)));
        cable.right().close();
        assertEquals(60, receive(), "what came before still comes");
        assertEquals(NetBackend.GONE, receive());
        assertEquals(NetBackend.GONE, send(content(1, 60)));
    }

    @Test
    void theOthersEndIsNoticedWhenSending() {
        cable.right().close();
        assertEquals(NetBackend.GONE, send(content(1, 60)));
        assertEquals(NetBackend.GONE, receive());
    }

    @Test
    void theOthersEndIsNoticedWhileNobodyWaits() {
        cable.right().close();
        events.turn();
        assertEquals(List.of("gone"), told);
    }

    @Test
    void theOthersEndIsNoticedInTheMiddleOfAFrame() {
        while (send(content(1, MAX_FRAME_SIZE)) >= 0) {
            // Until one is taken in part, or none.
        }
        cable.right().close();
        events.turn();
        assertTrue(told.contains("gone"));
    }

    /** Its frames are dropped then, where they would wait for ever. */
    @Test
    void whoWaitsToSendIsToldWhenTheOtherHasEnded() {
        while (send(content(1, MAX_FRAME_SIZE)) >= 0) {
            // Until one is taken in part, or none.
        }
        backend.awaitSend(0);
        cable.right().close();
        for (int i = 0; i < 3; i++) {
            events.turn();
        }
        assertTrue(told.contains("sendable"), told::toString);
        assertEquals(NetBackend.GONE, send(content(1, 60)));
    }
}
