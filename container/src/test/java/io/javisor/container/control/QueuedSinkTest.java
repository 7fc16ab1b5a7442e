package io.javisor.container.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

class QueuedSinkTest {
    private static final int PIECE = 64 << 10;

    /** Takes nothing before it is let. */
    private static final class Client implements OutputSink {
        private final CountDownLatch let = new CountDownLatch(1);
        private final ByteArrayOutputStream taken = new ByteArrayOutputStream();
        private boolean ended;
        private boolean gone;

        @Override
        public void write(byte[] bytes, int length) throws IOException {
            try {
                let.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            synchronized (this) {
                if (gone) {
                    throw new IOException("gone");
                }
                taken.write(bytes, 0, length);
            }
        }

        @Override
        public synchronized void end() {
            ended = true;
        }
    }

    private static void await(QueuedSink sink) throws InterruptedException, ExecutionException, TimeoutException {
        Void _ = sink.taken().get(20, TimeUnit.SECONDS);
    }

    @Test
    void whatComesIsTakenInItsOrderAndThenTheEnd() throws Exception {
        Client client = new Client();
        client.let.countDown();
        QueuedSink sink = QueuedSink.start("test", client);
        byte[] reused = new byte[4];
        StringBuilder wanted = new StringBuilder();
        for (int i = 0; i < 1000; i++) {
            byte[] text = "%04d".formatted(i).getBytes(StandardCharsets.UTF_8);
            System.arraycopy(text, 0, reused, 0, text.length);
            sink.write(reused, text.length);
            wanted.append("%04d".formatted(i));
        }
        sink.end();
        await(sink);
        assertEquals(wanted.toString(), client.taken.toString(StandardCharsets.UTF_8));
        assertTrue(client.ended);
    }

    @Test
    void nobodyWaitsForAClientThatTakesNothingAndItIsCutOff() throws Exception {
        Client client = new Client();
        QueuedSink sink = QueuedSink.start("test", client);
        long begin = System.nanoTime();
        IOException refused = assertThrows(IOException.class, () -> {
            for (int i = 0; i < 1000; i++) {
                sink.write(new byte[PIECE], PIECE);
            }
        });
        assertTrue(System.nanoTime() - begin < TimeUnit.SECONDS.toNanos(10));
        assertEquals("it has left 4 MiB waiting", refused.getMessage());
        assertFalse(sink.taken().isDone());
        client.let.countDown();
        await(sink);
        assertTrue(client.ended, "it knows that it has not got all");
        assertTrue(client.taken.size() >= QueuedSink.MAX_BYTES, "it gets what waited");
        assertThrows(IOException.class, () -> sink.write(new byte[1], 1));
    }

    @Test
    void aClientThatHasGoneIsGivenNothingMore() throws Exception {
        Client client = new Client();
        client.gone = true;
        client.let.countDown();
        QueuedSink sink = QueuedSink.start("test", client);
        sink.write(new byte[1], 1);
        await(sink);
        assertThrows(IOException.class, () -> sink.write(new byte[1], 1));
        assertEquals(0, client.taken.size());
    }

    @Test
    void nothingIsLostBetweenTheLastByteAndTheEnd() throws Exception {
        for (int i = 0; i < 200; i++) {
            Client client = new Client();
            client.let.countDown();
            QueuedSink sink = QueuedSink.start("test", client);
            sink.write(new byte[PIECE], PIECE);
            sink.end();
            await(sink);
            assertEquals(PIECE, client.taken.size());
        }
    }
}
