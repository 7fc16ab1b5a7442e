package io.javisor.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.testkit.Await;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An agent that a container has taken over: it says what it likes, or nothing, and the host neither believes it, nor waits for it without an end, nor keeps what it says. */
class HostileAgentTest {
    private static final Duration LIMIT = Duration.ofSeconds(Await.TIMEOUT_SECONDS);
    private static final Duration SHORT = Duration.ofMillis(300);
    private static final ProcessFields COMMAND =
            ProcessFields.builder().argument("sh").build();

    @TempDir
    private Path directory = Path.of("");

    private AgentListener listener;
    private SocketChannel control;

    @BeforeEach
    void open() throws IOException {
        listener = AgentListener.open(directory.resolve("vsock"), SHORT);
        control = connect(1024);
    }

    @AfterEach
    void close() throws IOException {
        listener.close();
        control.close();
    }

    private SocketChannel connect(int port) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        assertTrue(channel.connect(UnixDomainSocketAddress.of(directory.resolve("vsock_" + port))));
        return channel;
    }

    private void say(int id, int type, byte... body) throws IOException {
        sayRaw(new Frame(id, type, ByteBuffer.wrap(body)).bytes());
    }

    private void sayRaw(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            int _ = control.write(bytes);
        }
    }

    private Frame hear(int type) throws IOException {
        Frame frame = Frame.read(control, Frame.MAX_BODY_SIZE);
        assertEquals(type, frame.type());
        return frame;
    }

    private Agent hello() throws Exception {
        say(0, Frame.HELLO, (byte) 1, (byte) 0);
        Agent agent = listener.accept(LIMIT);
        Frame answer = hear(Frame.HELLO);
        assertEquals(1, answer.body().getShort());
        long nanos = answer.body().getLong();
        assertTrue(Math.abs(nanos - ConnectedAgent.nanos(Instant.now())) < TimeUnit.MINUTES.toNanos(10));
        return agent;
    }

    private static byte[] error(int request, int status, String line) {
        byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
        return Frame.body(6 + bytes.length)
                .putShort((short) request)
                .putShort((short) status)
                .putShort((short) bytes.length)
                .put(bytes)
                .array();
    }

    private static byte[] u32(int... values) {
        byte[] bytes = new byte[Integer.BYTES * values.length];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().put(values);
        return bytes;
    }

    /** Work that waits for the agent, beside the test that plays it. */
    private interface Asking<T> {
        T now() throws InterruptedException;
    }

    private static <T> CompletableFuture<T> beside(Asking<T> asking) {
        CompletableFuture<T> future = new CompletableFuture<>();
        Thread.startVirtualThread(() -> {
            try {
                future.complete(asking.now());
            } catch (InterruptedException | RuntimeException e) {
                future.completeExceptionally(e);
            }
        });
        return future;
    }

    private static String refusal(CompletableFuture<?> future) {
        ExecutionException e =
                assertThrows(ExecutionException.class, () -> future.get(Await.TIMEOUT_SECONDS, TimeUnit.SECONDS));
        assertTrue(e.getCause() instanceof AgentException, () -> String.valueOf(e.getCause()));
        return String.valueOf(e.getCause().getMessage());
    }

    private static String refusal(Asking<?> asking) {
        return String.valueOf(assertThrows(AgentException.class, asking::now).getMessage());
    }

    /** The tokens of its three streams. */
    private static List<Long> tokens(Frame frame) {
        List<Long> tokens = new ArrayList<>();
        ByteBuffer body = frame.body();
        while (body.hasRemaining()) {
            int number = body.getShort();
            byte[] value = new byte[Short.toUnsignedInt(body.getShort())];
            body.get(value);
            if (number >= 8 && number <= 10) {
                tokens.add(ByteBuffer.wrap(value).order(body.order()).getLong());
            }
        }
        assertEquals(3, tokens.size());
        return tokens;
    }

    private void openStream(long token, List<SocketChannel> opened) throws IOException {
        SocketChannel stream = connect(1025);
        opened.add(stream);
        int _ = stream.write(
                new Frame(0, Frame.STREAM, Frame.body(8).putLong(token).flip()).bytes());
    }

    private static boolean isCut(SocketChannel channel) throws IOException {
        return channel.read(ByteBuffer.allocate(1)) < 0;
    }

    @Test
    void anAgentThatSaysNothingIsNotWaitedForWithoutEnd() {
        assertEquals("the agent has not come within 300 ms", refusal(() -> listener.accept(SHORT)));
    }

    @Test
    void whatIsNoHelloIsRefused() throws IOException {
        say(0, Frame.DOWN);
        assertEquals(
                "the agent does not say hello: the first frame has type 15", refusal(() -> listener.accept(LIMIT)));
        assertTrue(isCut(control));
    }

    @Test
    void aGenerationOfNoneIsRefused() throws IOException {
        say(0, Frame.HELLO, (byte) 0, (byte) 0);
        assertEquals("the agent does not say hello: no generation is 0", refusal(() -> listener.accept(LIMIT)));
    }

    @Test
    void aLengthThatNoFrameHasEndsIt() throws Exception {
        for (int length : new int[] {0, 5, 65533, Integer.MAX_VALUE, -1}) {
            close();
            open();
            Agent agent = hello();
            sayRaw(ByteBuffer.wrap(u32(length)));
            assertFalse(agent.awaitDown(LIMIT));
            assertTrue(isCut(control));
            assertEquals(
                    "the agent does not keep to its protocol: 0x%08x is no frame's length".formatted(length),
                    refusal(agent::statistics));
        }
    }

    @Test
    void whatNobodyAskedForIsDroppedUntilItIsTooMuch() throws Exception {
        Agent agent = hello();
        int frames = 0;
        try {
            for (; frames < 1_000_000; frames++) {
                say(frames, frames % 2 == 0 ? Frame.DONE : Frame.STARTED, u32(frames + 1));
            }
        } catch (IOException e) {
            assertTrue(frames > 900, () -> e.toString());
        }
        assertTrue(frames < 100_000, "it is heard for ever");
        assertFalse(agent.awaitDown(LIMIT));
    }

    @Test
    void numbersThatCannotBeEndIt() throws Exception {
        Agent agent = hello();
        CompletableFuture<AgentProcess> start = beside(() -> agent.start(COMMAND));
        say(hear(Frame.START).id(), Frame.STARTED, u32(0));
        assertEquals("the agent does not keep to its protocol: no process is 0", refusal(start));
    }

    @Test
    void aBodyThatIsTooShortEndsIt() throws Exception {
        Agent agent = hello();
        CompletableFuture<AgentProcess> start = beside(() -> agent.start(COMMAND));
        say(hear(Frame.START).id(), Frame.ERROR, (byte) 4, (byte) 0);
        assertEquals("the agent does not keep to its protocol: a frame of type 2 is too short", refusal(start));
    }

    @Test
    void itsTextIsPrintableAndShort() throws Exception {
        Agent agent = hello();
        CompletableFuture<AgentProcess> start = beside(() -> agent.start(COMMAND));
        say(hear(Frame.START).id(), Frame.ERROR, error(Frame.START, 127, "\u001b[2Ja\nb\u0000" + "x".repeat(60_000)));
        String line = refusal(start);
        assertTrue(line.startsWith("?[2Ja; b?xxx"), line);
        assertTrue(line.length() < 1010, line);
    }

    @Test
    void statisticsAreNamesAndNumbersAndNotManyOfThem() throws Exception {
        Agent agent = hello();
        CompletableFuture<Map<String, Long>> statistics = beside(agent::statistics);
        Frame request = hear(Frame.STATS);
        ByteBuffer body = Frame.body(60_000);
        for (String name : List.of("memory.current", "\u001b[2J", "")) {
            body.putShort((short) name.length())
                    .put(name.getBytes(StandardCharsets.US_ASCII))
                    .putLong(7);
        }
        for (int i = 0; i < 4000; i++) {
            body.putShort((short) 4)
                    .put("%04d".formatted(i).getBytes(StandardCharsets.US_ASCII))
                    .putLong(i);
        }
        sayRaw(new Frame(request.id(), Frame.STATS, body.flip()).bytes());
        Map<String, Long> values = statistics.get(Await.TIMEOUT_SECONDS, TimeUnit.SECONDS);
        assertEquals(7, values.get("memory.current"));
        assertEquals(Message.MAX_STATISTICS, values.size());
    }

    @Test
    void streamsThatNobodyAskedForAreClosed() throws Exception {
        Agent _ = hello();
        List<SocketChannel> opened = new ArrayList<>();
        openStream(4711, opened);
        assertTrue(isCut(opened.getFirst()));
        try (SocketChannel talker = connect(1025)) {
            int _ = talker.write(ByteBuffer.allocate(100_000)); // it begins with a length of 0
            assertThrows(IOException.class, () -> {
                while (!isCut(talker)) {
                    // closing with unread bytes resets it
                }
                throw new IOException("cut");
            });
        }
    }

    @Test
    void aFloodOfNamelessConnectionsPushesOutItsOwn() throws Exception {
        Agent _ = hello();
        List<SocketChannel> opened = new ArrayList<>();
        try {
            for (int i = 0; i < 300; i++) {
                opened.add(connect(1025));
            }
            for (SocketChannel each : opened.subList(0, 200)) {
                assertTrue(isCut(each));
            }
        } finally {
            for (SocketChannel each : opened) {
                each.close();
            }
        }
    }

    @Test
    void withoutAnAnswerAProcessIsGivenUpAndKilledWhenItComes() throws Exception {
        Agent agent = hello();
        CompletableFuture<AgentProcess> start = beside(() -> agent.exec(COMMAND));
        Frame request = hear(Frame.EXEC);
        assertEquals("the agent does not answer", refusal(start));
        say(request.id(), Frame.STARTED, u32(17));
        Frame kill = hear(Frame.SIGNAL);
        assertEquals(request.id(), kill.id());
        assertEquals(9, kill.body().getShort());
        say(request.id(), Frame.EXIT, ByteBuffer.allocate(9).put(u32(137, 9)).array());
        assertEquals(request.id(), hear(Frame.ACK).id());
    }

    @Test
    void withoutItsStreamsAProcessIsKilled() throws Exception {
        Agent agent = hello();
        CompletableFuture<AgentProcess> start = beside(() -> agent.exec(COMMAND));
        Frame request = hear(Frame.EXEC);
        List<SocketChannel> opened = new ArrayList<>();
        openStream(tokens(request).getFirst(), opened);
        say(request.id(), Frame.STARTED, u32(17));
        assertEquals("the agent does not open a process's streams", refusal(start));
        assertEquals(request.id(), hear(Frame.SIGNAL).id());
        assertTrue(isCut(opened.getFirst()));
    }

    @Test
    void aTokenIsGoodForOneConnection() throws Exception {
        Agent agent = hello();
        CompletableFuture<AgentProcess> start = beside(() -> agent.exec(COMMAND));
        Frame request = hear(Frame.EXEC);
        List<SocketChannel> opened = new ArrayList<>();
        for (long token : tokens(request)) {
            openStream(token, opened);
        }
        say(request.id(), Frame.STARTED, u32(17));
        AgentProcess process = start.get(Await.TIMEOUT_SECONDS, TimeUnit.SECONDS);
        openStream(tokens(new Frame(0, 0, request.body().rewind())).getFirst(), opened);
        assertTrue(isCut(opened.getLast()));

        say(request.id(), Frame.EXIT, ByteBuffer.allocate(9).put(u32(3, 0)).array());
        say(request.id(), Frame.EXIT, ByteBuffer.allocate(9).put(u32(4, 0)).array());
        assertEquals(
                3, process.exit().get(Await.TIMEOUT_SECONDS, TimeUnit.SECONDS).status());
        process.acknowledge();
        process.acknowledge();
        assertEquals(request.id(), hear(Frame.ACK).id());
        assertTrue(isCut(opened.getFirst()));
    }

    @Test
    void anExitBeforeTheStartIsNone() throws Exception {
        Agent agent = hello();
        CompletableFuture<AgentProcess> start = beside(() -> agent.start(COMMAND));
        say(
                hear(Frame.START).id(),
                Frame.EXIT,
                ByteBuffer.allocate(9).put(u32(0, 0)).array());
        assertEquals("the agent does not answer", refusal(start));
    }

    @Test
    void oneThatDoesNotListenIsNotWrittenToWithoutEnd() throws Exception {
        Agent agent = hello();
        ProcessFields.Builder large = ProcessFields.builder();
        for (int i = 0; i < 8; i++) {
            large.argument("x".repeat(60_000));
        }
        ProcessFields fields = large.build();
        for (int i = 0; i < 3; i++) {
            assertEquals("the agent does not answer", refusal(() -> agent.exec(fields)));
        }
        List<CompletableFuture<?>> asked = new ArrayList<>();
        for (int i = 0; i < 2000; i++) {
            asked.add(beside(agent::statistics));
        }
        for (CompletableFuture<?> each : asked) {
            assertTrue(refusal(each).startsWith("the agent does not "));
        }
        agent.close();
        assertEquals("the agent is gone", refusal(() -> agent.exec(fields)));
    }

    @Test
    void whatIsWaitedForFailsWhenItGoes() throws Exception {
        Agent agent = hello();
        CompletableFuture<AgentProcess> start = beside(() -> agent.exec(COMMAND));
        Frame _ = hear(Frame.EXEC);
        control.close();
        assertEquals("the agent is gone", refusal(start));
        assertFalse(agent.awaitDown(LIMIT));
    }
}
