package io.javisor.oci.registry;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.oci.Digest;
import io.javisor.oci.ImageSource;
import io.javisor.oci.registry.http.ScriptedServer;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Blobs that come in parts. */
class BlobPartsTest extends SourceFixture {
    /** RFC 9110 §15.3.7: a server may give less than was asked for. */
    @Test
    void aPartThatIsShorterThanAskedGoesOnWhereItEnds() throws Exception {
        byte[] blob = Setup.noise(300_000, 15);
        AtomicInteger count = new AtomicInteger();
        Setup.Sink sink = pull(blob, asked -> {
            int from = asked.header("Range")
                    .map(text -> Integer.parseInt(text.substring("bytes=".length(), text.length() - 1)))
                    .orElse(0);
            if (count.getAndIncrement() == 0) {
                ranged(asked, blob, 100_000);
            } else {
                int length = Math.min(10_000, blob.length - from);
                String last = Integer.toString(from + length - 1);
                asked.head(206, "Content-Range: bytes " + from + "-" + last + "/" + blob.length + "\r\n", length);
                asked.raw(blob, from, length);
            }
        });
        assertArrayEquals(blob, sink.bytes());
        assertEquals(0, sink.restarts());
        assertEquals(21, count.get());
    }

    @Test
    void aPartThatIsNotAsLongAsItSaysIsRefused() throws Exception {
        byte[] blob = Setup.noise(1000, 16);
        String message =
                "HOST/a:latest: " + Digest.sha256(blob) + ": the manifest has it as 1000 bytes, the registry as ";
        assertEquals(message + "510", pullFailure(blob, asked -> {
            if (asked.header("Range").isPresent()) {
                asked.answer(206, "Content-Range: bytes 500-599/1000\r\n", new byte[10]);
            } else {
                ranged(asked, blob, 500);
            }
        }));
        assertEquals(message + "more than 500", pullFailure(blob, asked -> {
            if (asked.header("Range").isPresent()) {
                asked.raw("HTTP/1.1 206 Partial Content\r\nTransfer-Encoding: chunked\r\n");
                asked.raw("Content-Range: bytes 500-503/1000\r\n\r\n");
                asked.raw("5\r\nxxxxx\r\n0\r\n\r\n");
            } else {
                ranged(asked, blob, 500);
            }
        }));
        assertEquals(message + "1001", pullFailure(blob, asked -> {
            if (asked.header("Range").isPresent()) {
                asked.answer(206, "Content-Range: bytes 500-1000/*\r\n", new byte[501]);
            } else {
                ranged(asked, blob, 500);
            }
        }));
    }

    @Test
    void aPartThatNobodyAskedForEndsIt() throws Exception {
        byte[] blob = Setup.noise(1000, 12);
        String message =
                pullFailure(blob, asked -> asked.answer(206, "Content-Range: bytes 1-999/1000\r\n", new byte[999]));
        assertTrue(message.startsWith("Get \"http://HOST/v2/a/blobs/" + Digest.sha256(blob) + "\": "), message);
    }

    @Test
    void whatAnEarlierRunGotStaysIfAMirrorGivesNothing() throws Exception {
        byte[] blob = Setup.noise(300_000, 14);
        try (ScriptedServer mirror = ScriptedServer.start(asked -> asked.answer(403, "", ""));
                ScriptedServer server = ScriptedServer.start(asked -> {
                    assertEquals("bytes=100000-", asked.header("Range").orElse(""));
                    ranged(asked, blob, blob.length);
                });
                Setup setup = Setup.of(home, "{'" + server.host() + "': {'mirrors': ['" + mirror.host() + "']}}");
                ImageSource source = source(setup, server, "a")) {
            Setup.Sink sink = new Setup.Sink(blob.length);
            sink.write(blob, 0, 100_000);
            source.blob(Setup.descriptor(blob), sink);
            assertArrayEquals(blob, sink.bytes());
            assertEquals(0, sink.restarts());
        }
    }
}
