package io.javisor.api.http;

import io.javisor.api.Fault;
import io.javisor.api.Request;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Makes text of what came. */
final class RequestText {
    private static final String SCHEME = "http://";

    private RequestText() {}

    /**
     * A request.
     *
     * @param uri in origin or absolute form (RFC 9112 §3.2)
     * @throws Fault with status 400 if the path is none or the body no text
     */
    static Request of(String method, String uri, byte[] body) {
        return new Request(method, path(uri), text(body));
    }

    private static String path(String uri) {
        String target = uri;
        if (target.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            int slash = target.indexOf('/', SCHEME.length());
            target = slash < 0 ? "/" : target.substring(slash);
        }
        if (!target.startsWith("/")) {
            throw Fault.badRequest("a request's path begins with '/'");
        }
        try {
            return new QueryStringDecoder(target).path();
        } catch (IllegalArgumentException e) {
            throw Fault.badRequest("the request's path has a '%' without two hexadecimal digits");
        }
    }

    private static String text(byte[] bytes) {
        try {
            // The decoder of a new String would replace what is wrong instead.
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw Fault.badRequest("the request's body is not UTF-8 text");
        }
    }
}
