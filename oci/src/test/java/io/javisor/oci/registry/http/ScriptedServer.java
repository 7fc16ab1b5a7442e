package io.javisor.oci.registry.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ServerSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * A server on loopback that answers, byte for byte, as its script says; and may stop in mid-answer. What goes wrong in
 * the script fails the test when it is closed.
 */
public final class ScriptedServer implements AutoCloseable {
    private final LoopbackListener listener;
    private final Script script;
    private final ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<String> requests = new ConcurrentLinkedQueue<>();
    private final AtomicInteger connections = new AtomicInteger();

    /** Answers a request. */
    @FunctionalInterface
    public interface Script {
        void answer(Asked asked) throws IOException;
    }

    private ScriptedServer(ServerSocketFactory factory, Script script) throws IOException {
        this.script = script;
        listener = new LoopbackListener("scripted-server", factory);
        listener.serve(this::serve);
    }

    public static ScriptedServer start(Script script) throws IOException {
        return start(ServerSocketFactory.getDefault(), script);
    }

    public static ScriptedServer start(ServerSocketFactory factory, Script script) throws IOException {
        return new ScriptedServer(factory, script);
    }

    public int port() {
        return listener.port();
    }

    /** {@code 127.0.0.1:PORT}. */
    public String host() {
        return listener.host();
    }

    public Url url(String target) {
        return new Url(new Origin(false, "127.0.0.1", port()), target);
    }

    /** All requests so far: {@code GET /path}. */
    public List<String> requests() {
        return List.copyOf(requests);
    }

    public int connections() {
        return connections.get();
    }

    private void serve(Socket client) {
        int _ = connections.incrementAndGet();
        try (client;
                InputStream in = new BufferedInputStream(client.getInputStream())) {
            while (true) {
                Asked asked = Asked.read(in, client);
                if (asked == null) {
                    return;
                }
                requests.add(asked.method() + " " + asked.target());
                script.answer(asked);
                if (asked.closes) {
                    return;
                }
            }
        } catch (IOException gone) {
            // So do clients.
        } catch (RuntimeException | Error e) {
            failures.add(e);
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        assertEquals(List.of(), List.copyOf(failures));
    }

    /** A request, and the way to its answer. */
    public static final class Asked {
        private final String method;
        private final String target;
        private final Map<String, String> headers;
        private final byte[] body;
        private final OutputStream out;
        private boolean closes;

        private Asked(String method, String target, Map<String, String> headers, byte[] body, OutputStream out) {
            this.method = method;
            this.target = target;
            this.headers = headers;
            this.body = body;
            this.out = out;
        }

        private static @Nullable Asked read(InputStream in, Socket client) throws IOException {
            String first = line(in);
            if (first == null) {
                return null;
            }
            String[] words = first.split(" ", -1);
            Map<String, String> headers = new TreeMap<>();
            for (String line = line(in); line != null && !line.isEmpty(); line = line(in)) {
                int colon = line.indexOf(':');
                headers.merge(
                        line.substring(0, colon).toLowerCase(Locale.ROOT),
                        line.substring(colon + 1).strip(),
                        (a, b) -> a + ", " + b);
            }
            int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
            return new Asked(words[0], words[1], headers, in.readNBytes(length), client.getOutputStream());
        }

        private static @Nullable String line(InputStream in) throws IOException {
            StringBuilder text = new StringBuilder();
            while (true) {
                int next = in.read();
                if (next < 0) {
                    return null;
                }
                if (next == '\n') {
                    return text.toString().strip();
                }
                text.append((char) next);
            }
        }

        public String method() {
            return method;
        }

        public String target() {
            return target;
        }

        public Optional<String> header(String name) {
            return Optional.ofNullable(headers.get(name.toLowerCase(Locale.ROOT)));
        }

        public byte[] body() {
            return body.clone();
        }

        public String text() {
            return new String(body, StandardCharsets.UTF_8);
        }

        /** Just these characters. */
        public void raw(String text) throws IOException {
            out.write(text.getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
        }

        public void raw(byte[] bytes, int from, int length) throws IOException {
            out.write(bytes, from, length);
            out.flush();
        }

        /** A whole answer. */
        public void answer(int status, String headerLines, String text) throws IOException {
            answer(status, headerLines, text.getBytes(StandardCharsets.UTF_8));
        }

        /**
         * A whole answer.
         *
         * @param headerLines each ends with CR LF
         */
        public void answer(int status, String headerLines, byte[] content) throws IOException {
            head(status, headerLines, content.length);
            if (!method.equals("HEAD")) {
                raw(content, 0, content.length);
            }
        }

        /** The first part of an answer. */
        public void head(int status, String headerLines, long length) throws IOException {
            raw("HTTP/1.1 " + status + " Some Words\r\nContent-Length: " + length + "\r\n" + headerLines + "\r\n");
        }

        /** Ends the connection after this. */
        public void hangUp() {
            closes = true;
        }
    }
}
