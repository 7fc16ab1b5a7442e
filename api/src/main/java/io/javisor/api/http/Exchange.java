package io.javisor.api.http;

import io.javisor.api.Fault;
import io.javisor.api.Request;
import io.javisor.api.Response;
import io.javisor.api.json.Json;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection. A request is read, carried out by the worker and answered before the next is looked at. What is no HTTP, or too much, is answered
 * and ends the connection, for nobody knows where the next request would start.
 */
final class Exchange extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);

    private final Answers answers;
    private final Executor worker;
    private final Limits limits;
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private final Channel channel;

    // All below are the loop's.
    private @Nullable HttpRequest head; // of the request that is being read
    private @Nullable ScheduledFuture<?> deadline;
    private final Queue<HttpObject> parts = new ArrayDeque<>(); // that came while busy
    private boolean busy; // a request is carried out or its answer written
    private boolean ending;

    Exchange(Channel channel, Answers answers, Executor worker, Limits limits) {
        this.channel = channel;
        this.answers = answers;
        this.worker = worker;
        this.limits = limits;
    }

    Channel channel() {
        return channel;
    }

    /** Ends the connection, after the answer that is being written. On the loop. */
    void end() {
        ending = true;
        if (!busy) {
            var _ = channel.close();
        }
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        arm(ctx);
        ctx.read();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        disarm();
        parts.forEach(ReferenceCountUtil::release);
        parts.clear();
    }

    private void arm(ChannelHandlerContext ctx) {
        disarm();
        Runnable close = () -> {
            var _ = ctx.close();
        };
        deadline = ctx.executor().schedule(close, limits.idle().toMillis(), TimeUnit.MILLISECONDS);
    }

    private void disarm() {
        ScheduledFuture<?> armed = deadline;
        deadline = null;
        if (armed != null) {
            boolean _ = armed.cancel(false);
        }
    }

    /** One read may bring several requests: no more is read while one is carried out. */
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        parts.add((HttpObject) message);
        takeParts(ctx);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (!busy) {
            ctx.read();
        }
    }

    private void takeParts(ChannelHandlerContext ctx) {
        while (!busy && !parts.isEmpty()) {
            HttpObject part = parts.remove();
            try {
                take(ctx, part);
            } finally {
                ReferenceCountUtil.release(part);
            }
        }
    }

    private void take(ChannelHandlerContext ctx, HttpObject part) {
        if (part.decoderResult().isFailure()) {
            refuse(ctx, part.decoderResult().cause());
            return;
        }
        if (part instanceof HttpRequest request) {
            arm(ctx);
            head = request;
            body.reset();
            if (!begins(ctx, request)) {
                return;
            }
        }
        if (part instanceof HttpContent content) {
            ByteBuf bytes = content.content();
            if (body.size() + bytes.readableBytes() > limits.bodyBytes()) {
                refuseLength(ctx);
                return;
            }
            try {
                bytes.readBytes(body, bytes.readableBytes());
            } catch (IOException e) {
                throw new IllegalStateException(e); // memory
            }
        }
        if (part instanceof LastHttpContent) {
            carryOut(ctx, Objects.requireNonNull(head));
        }
    }

    /** Whether the rest of the request is wanted. */
    private boolean begins(ChannelHandlerContext ctx, HttpRequest request) {
        if (HttpUtil.getContentLength(request, 0L) > limits.bodyBytes()) {
            refuseLength(ctx);
            return false;
        }
        String expected = request.headers().get(HttpHeaderNames.EXPECT);
        // RFC 9110, section 10.1.1: of a client that speaks HTTP/1.0 it is ignored.
        if (expected != null && request.protocolVersion().compareTo(HttpVersion.HTTP_1_1) >= 0) {
            if (!HttpUtil.is100ContinueExpected(request)) {
                answer(ctx, Json.fault(417, "\"Expect: " + expected + "\" is not known"), false);
                return false;
            }
            var _ = ctx.writeAndFlush(new DefaultFullHttpResponse(
                    HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE, Unpooled.EMPTY_BUFFER));
        }
        return true;
    }

    private void refuseLength(ChannelHandlerContext ctx) {
        answer(
                ctx,
                Json.fault(Response.TOO_LARGE, "a request's body may have at most " + limits.bodyBytes() + " bytes"),
                false);
    }

    private void refuse(ChannelHandlerContext ctx, Throwable cause) {
        Response response =
                switch (cause) {
                    case TooLongHttpLineException _ ->
                        Json.fault(414, "a request's first line may have at most " + Limits.LINE_BYTES + " bytes");
                    case TooLongHttpHeaderException _ ->
                        Json.fault(431, "a request's headers may have at most " + Limits.HEADER_BYTES + " bytes");
                    default -> Json.fault(Response.BAD_REQUEST, "the request is not HTTP/1.1");
                };
        answer(ctx, response, false);
    }

    private void carryOut(ChannelHandlerContext ctx, HttpRequest request) {
        boolean keepAlive = HttpUtil.isKeepAlive(request);
        Request read;
        try {
            read = RequestText.of(request.method().name(), request.uri(), body.toByteArray());
        } catch (Fault fault) {
            answer(ctx, Json.fault(fault.status(), String.valueOf(fault.getMessage())), keepAlive);
            return;
        }
        busy = true;
        disarm();
        try {
            worker.execute(() -> {
                Response response = answers.to(read);
                ctx.executor().execute(() -> answer(ctx, response, keepAlive));
            });
        } catch (RejectedExecutionException e) {
            var _ = ctx.close(); // the server ends
        }
    }

    private void answer(ChannelHandlerContext ctx, Response response, boolean keepAlive) {
        busy = true;
        arm(ctx); // for a client that does not take it
        HttpRequest asked = head;
        HttpVersion version = asked == null ? HttpVersion.HTTP_1_1 : asked.protocolVersion();
        ByteBuf text = Unpooled.copiedBuffer(response.body(), StandardCharsets.UTF_8);
        FullHttpResponse message =
                new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(response.status()), text);
        if (response.status() != Response.NO_CONTENT) {
            message.headers().set(HttpHeaderNames.CONTENT_LENGTH, text.readableBytes());
            message.headers().set(HttpHeaderNames.CONTENT_TYPE, response.contentType());
        }
        HttpUtil.setKeepAlive(message.headers(), version, keepAlive);
        ctx.writeAndFlush(message).addListener((ChannelFutureListener) written -> {
            if (!written.isSuccess() || !keepAlive || ending) {
                var _ = ctx.close();
            } else {
                busy = false;
                head = null;
                arm(ctx);
                takeParts(ctx);
                channelReadComplete(ctx);
            }
        });
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        LOG.debug("a connection of the control socket failed", cause);
        var _ = ctx.close();
    }
}
