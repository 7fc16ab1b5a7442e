package io.javisor.api.http;

import io.javisor.api.Response;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpVersion;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One request and its answer, between text and bytes. */
final class ResponseReader implements AutoCloseable {
    private static final int MAX_BODY_BYTES = 16 << 20;

    private final EmbeddedChannel codec =
            new EmbeddedChannel(new HttpClientCodec(), new HttpObjectAggregator(MAX_BODY_BYTES));

    List<ByteBuffer> encode(String method, String target, @Nullable String body) {
        ByteBuf content = body == null ? Unpooled.EMPTY_BUFFER : Unpooled.copiedBuffer(body, StandardCharsets.UTF_8);
        FullHttpRequest request =
                new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.valueOf(method), target, content);
        request.headers().set(HttpHeaderNames.HOST, "localhost");
        request.headers().set(HttpHeaderNames.ACCEPT, Response.JSON);
        request.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        if (body != null) {
            request.headers().set(HttpHeaderNames.CONTENT_TYPE, Response.JSON);
            request.headers().set(HttpHeaderNames.CONTENT_LENGTH, content.readableBytes());
        }
        boolean _ = codec.writeOutbound(request);
        List<ByteBuffer> parts = new ArrayList<>();
        for (ByteBuf part = codec.readOutbound(); part != null; part = codec.readOutbound()) {
            byte[] bytes = new byte[part.readableBytes()];
            part.readBytes(bytes).release();
            parts.add(ByteBuffer.wrap(bytes));
        }
        return parts;
    }

    /** The answer, if these bytes complete it. */
    @Nullable
    Response take(ByteBuffer bytes) throws IOException {
        boolean _ = codec.writeInbound(Unpooled.copiedBuffer(bytes));
        return answer();
    }

    /** The answer, if the connection's end completes it. */
    @Nullable
    Response end() throws IOException {
        boolean _ = codec.finish();
        return answer();
    }

    private @Nullable Response answer() throws IOException {
        FullHttpResponse response = codec.readInbound();
        if (response == null) {
            return null;
        }
        try {
            if (response.decoderResult().isFailure()) {
                throw new IOException(
                        "what came is not HTTP", response.decoderResult().cause());
            }
            String type = response.headers().get(HttpHeaderNames.CONTENT_TYPE, Response.JSON);
            return new Response(
                    response.status().code(), type, response.content().toString(StandardCharsets.UTF_8));
        } finally {
            response.release();
        }
    }

    @Override
    public void close() {
        boolean _ = codec.finishAndReleaseAll();
    }
}
