package io.javisor.oci.registry.http;

import io.javisor.core.text.Printable;
import io.javisor.oci.registry.http.TransportException.Kind;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;

/** A connection to a server that serves one exchange after the other. For one thread at a time. */
final class Connection implements AutoCloseable {
    private static final int BUFFER_SIZE = 64 << 10;
    private static final int LINE_BYTES_MAX = 16 << 10;
    private static final int HEADER_BYTES_MAX = 64 << 10;
    private static final int SWITCHING_PROTOCOLS = 101;
    private static final int FIRST_FINAL_STATUS = 200;
    private static final int INTERIM_MAX = 16;

    /** The first part of an answer. */
    record Head(int status, String reason, HttpHeaders headers) {}

    private final Route route;
    private final Wire wire;
    private final EmbeddedChannel codec = new EmbeddedChannel();
    private byte[] received = new byte[BUFFER_SIZE];
    private @Nullable ByteBuf content;
    private boolean ended;
    private boolean finished = true;
    private boolean reusable;
    private boolean answered;
    private boolean reused;
    private long idleSinceNanos;

    private Connection(Route route, Wire wire) {
        this.route = route;
        this.wire = wire;
        codec.config().setAllocator(UnpooledByteBufAllocator.DEFAULT);
    }

    /**
     * Connects.
     *
     * @param wire to the server, or through a proxy's tunnel
     * @param engine for TLS, or null
     */
    static Connection open(Route route, Wire wire, @Nullable SSLEngine engine) throws TransportException {
        Connection connection = new Connection(route, wire);
        try {
            if (engine != null) {
                connection.handshake(engine);
            }
            connection
                    .codec
                    .pipeline()
                    .addLast(new HttpClientCodec(
                            new HttpDecoderConfig()
                                    .setMaxInitialLineLength(LINE_BYTES_MAX)
                                    .setMaxHeaderSize(HEADER_BYTES_MAX)
                                    .setMaxChunkSize(BUFFER_SIZE),
                            HttpClientCodec.DEFAULT_PARSE_HTTP_AFTER_CONNECT_REQUEST,
                            HttpClientCodec.DEFAULT_FAIL_ON_MISSING_RESPONSE));
            return connection;
        } catch (TransportException e) {
            connection.close();
            throw e;
        }
    }

    Route route() {
        return route;
    }

    private void handshake(SSLEngine engine) throws TransportException {
        SslHandler tls = new SslHandler(engine);
        tls.setHandshakeTimeoutMillis(0); // The wire's waits end.
        try {
            codec.pipeline().addLast(tls);
            flush();
            while (!tls.handshakeFuture().isDone()) {
                if (ended) {
                    throw new TransportException(Kind.BROKEN, "tls: the server closed the connection: EOF");
                }
                receive();
            }
        } catch (TransportException e) {
            Throwable why = tls.handshakeFuture().cause();
            throw why == null || e.kind() == Kind.INTERRUPTED ? e : tlsFailure(why);
        }
        Throwable why = tls.handshakeFuture().cause();
        if (why != null) {
            throw tlsFailure(why);
        }
    }

    private TransportException tlsFailure(Throwable why) {
        return why instanceof NotSslRecordException
                ? new TransportException(Kind.NOT_TLS, "http: server gave HTTP response to HTTPS client", why)
                : CertificateWords.failure(route.server(), why);
    }

    /** Whether it served before: if it then gives no answer at all, the server had closed it, and another will do. */
    boolean wasClosedMeanwhile() {
        return reused && !answered;
    }

    /** Makes it wait for its next exchange; false if it can't have one. */
    boolean park(long nowNanos) {
        idleSinceNanos = nowNanos;
        // What came after the answer is none to the next request.
        return finished && reusable && !ended && codec.inboundMessages().isEmpty();
    }

    /** Whether it still serves, as far as can be told. */
    boolean unpark(long nowNanos, Duration longest) {
        reused = true;
        try {
            return nowNanos - idleSinceNanos < longest.toNanos() && wire.readNow(ByteBuffer.allocate(1)) == 0;
        } catch (TransportException e) {
            return false;
        }
    }

    /** Has all that follows of this exchange end sooner. */
    void hasten(Duration longest) {
        wire.hasten(longest);
    }

    /** Whether all of the answer was taken, as far as it is known without waiting. */
    boolean isFinished() {
        if (!finished
                && codec.inboundMessages().peek() instanceof LastHttpContent last
                && !last.content().isReadable()
                && last.decoderResult().isSuccess()) {
            ReferenceCountUtil.release(codec.inboundMessages().poll());
            finished = true;
        }
        return finished;
    }

    /**
     * Sends a request and waits for the first part of its answer, which may come, and be a refusal, before all was sent.
     *
     * @param timeout for all of the exchange, or null
     * @param answer for the first part of the answer to come
     */
    Head exchange(Request request, @Nullable Duration timeout, Duration answer) throws IOException {
        wire.setTimeout(timeout);
        answered = false;
        finished = false;
        reusable = false;
        Request.Body body = request.body();
        write(head(request, body));
        boolean complete = false;
        try {
            complete = body == null || send(body);
            if (complete) {
                write(LastHttpContent.EMPTY_LAST_CONTENT);
            }
        } catch (TransportException e) {
            if (e.kind() != Kind.BROKEN || body == null) {
                throw e;
            }
            // It takes no more, and may have said why.
        }
        Duration idle = wire.setIdle(answer); // What was sent may have to be hashed and moved first.
        wire.hasten(answer); // However slowly it comes.
        Head head = awaitHead();
        if (timeout == null) {
            wire.setTimeout(null);
        }
        Duration _ = wire.setIdle(idle);
        reusable &= complete;
        return head;
    }

    private HttpRequest head(Request request, Request.@Nullable Body body) {
        String target = route.isPlainProxy()
                ? request.url().origin() + request.url().target()
                : request.url().target();
        HttpRequest head = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.valueOf(request.method()), target);
        HttpHeaders headers = head.headers();
        headers.set(HttpHeaderNames.HOST, request.url().origin().authority());
        headers.set(HttpHeaderNames.USER_AGENT, "javisor");
        headers.set(HttpHeaderNames.ACCEPT_ENCODING, "identity");
        for (Map.Entry<String, String> each : request.headers()) {
            headers.add(each.getKey(), each.getValue());
        }
        if (route.isPlainProxy()) {
            route.proxyAuthorization().ifPresent(value -> headers.set(HttpHeaderNames.PROXY_AUTHORIZATION, value));
        }
        if (body != null) {
            headers.set(HttpHeaderNames.CONTENT_LENGTH, body.sizeBytes());
        } else if (!request.method().equals("GET") && !request.method().equals("HEAD")) {
            headers.set(HttpHeaderNames.CONTENT_LENGTH, 0);
        }
        return head;
    }

    /** False if an answer came before all of it was sent. */
    private boolean send(Request.Body body) throws IOException {
        byte[] buffer = new byte[BUFFER_SIZE];
        long sent = 0;
        try (InputStream bytes = body.open()) {
            while (sent < body.sizeBytes()) {
                int count = bytes.read(buffer, 0, (int) Math.min(buffer.length, body.sizeBytes() - sent));
                if (count <= 0) {
                    throw new TransportException(
                            Kind.PROTOCOL,
                            "what is to be sent ends after " + sent + " of " + body.sizeBytes() + " bytes");
                }
                write(new DefaultHttpContent(Unpooled.wrappedBuffer(buffer, 0, count)));
                sent += count;
                body.sent(sent);
                if (receiveNow()) {
                    return false;
                }
            }
        }
        return true;
    }

    private Head awaitHead() throws TransportException {
        for (int i = 0; i < INTERIM_MAX; i++) {
            HttpObject next = next();
            if (next == null) {
                throw new TransportException(Kind.BROKEN, "EOF");
            }
            requireHttp(next);
            if (!(next instanceof HttpResponse response)) {
                ReferenceCountUtil.release(next); // the end of an interim answer
                continue;
            }
            answered = true;
            int status = response.status().code();
            if (status == SWITCHING_PROTOCOLS) {
                throw new TransportException(Kind.PROTOCOL, "the server switches to another protocol");
            }
            if (status >= FIRST_FINAL_STATUS) {
                reusable = HttpUtil.isKeepAlive(response);
                return new Head(status, response.status().reasonPhrase(), response.headers());
            }
        }
        throw new TransportException(Kind.PROTOCOL, "the server gives interim answers only");
    }

    private void requireHttp(HttpObject object) throws TransportException {
        if (object.decoderResult().isFailure()) {
            Throwable cause = object.decoderResult().cause();
            ReferenceCountUtil.release(object);
            if (ended) {
                throw new TransportException(Kind.BROKEN, "unexpected EOF", cause);
            }
            String why =
                    cause == null || cause.getMessage() == null ? "" : ": " + Printable.asciiLine(cause.getMessage());
            throw new TransportException(Kind.PROTOCOL, "malformed HTTP response" + why, cause);
        }
    }

    /** The next bytes of the body; -1 at its end. */
    int read(byte[] bytes, int from, int length) throws TransportException {
        while (content == null || !content.isReadable()) {
            dropContent();
            if (finished) {
                return -1;
            }
            HttpObject next = next();
            if (next == null) {
                throw new TransportException(Kind.BROKEN, "unexpected EOF");
            }
            requireHttp(next);
            if (next instanceof HttpContent part) {
                content = part.content();
                finished = part instanceof LastHttpContent;
            }
        }
        int count = Math.min(length, content.readableBytes());
        content.readBytes(bytes, from, count);
        return count;
    }

    private void dropContent() {
        if (content != null) {
            content.release();
            content = null;
        }
    }

    private @Nullable HttpObject next() throws TransportException {
        while (true) {
            HttpObject next = codec.readInbound();
            if (next != null) {
                return next;
            }
            if (ended) {
                return null;
            }
            receive();
        }
    }

    private void write(HttpObject object) throws TransportException {
        guarded(() -> codec.writeOutbound(object));
        flush();
    }

    private void flush() throws TransportException {
        for (ByteBuf part = codec.readOutbound(); part != null; part = codec.readOutbound()) {
            try {
                for (ByteBuffer bytes : part.nioBuffers()) {
                    wire.write(bytes);
                }
            } finally {
                part.release();
            }
        }
    }

    private void receive() throws TransportException {
        take(wire.read(ByteBuffer.wrap(received)));
    }

    /** Takes what is there, if anything is; whether something of an answer came. */
    private boolean receiveNow() throws TransportException {
        int count = wire.readNow(ByteBuffer.wrap(received));
        if (count != 0) {
            take(count);
        }
        dropInterim();
        return ended || !codec.inboundMessages().isEmpty();
    }

    /** An interim answer, which may come unasked, says nothing of what is being sent. */
    private void dropInterim() {
        while (codec.inboundMessages().peek() instanceof HttpResponse response
                && response.decoderResult().isSuccess()
                && response.status().code() < FIRST_FINAL_STATUS
                && response.status().code() != SWITCHING_PROTOCOLS) {
            answered = true;
            ReferenceCountUtil.release(codec.inboundMessages().poll());
            if (codec.inboundMessages().peek() instanceof LastHttpContent) {
                ReferenceCountUtil.release(codec.inboundMessages().poll());
            }
        }
    }

    private void take(int count) throws TransportException {
        if (count < 0) {
            ended = true;
            guarded(codec::finish);
            return;
        }
        ByteBuf bytes = Unpooled.wrappedBuffer(received, 0, count);
        guarded(() -> codec.writeInbound(bytes));
        if (bytes.refCnt() > 0) {
            received = new byte[BUFFER_SIZE]; // The decoder keeps the end of it.
        }
        flush();
    }

    /** Netty throws whatever a handler did, checked or not. */
    private void guarded(Runnable step) throws TransportException {
        try {
            step.run();
        } catch (Exception e) {
            throw broken(e);
        }
    }

    private static TransportException broken(Exception e) {
        String why = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        return new TransportException(Kind.BROKEN, Printable.asciiLine(why), e);
    }

    @Override
    public void close() {
        dropContent();
        try {
            boolean _ = codec.finishAndReleaseAll();
        } catch (RuntimeException e) {
            // What it complains of was told, or nobody waits for it.
        }
        wire.close();
    }
}
