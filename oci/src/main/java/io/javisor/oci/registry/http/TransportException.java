package io.javisor.oci.registry.http;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * There is no answer, or not all of it. The message is one printable line, without the URL, in the words of docker's
 * (Go's) client where that has some.
 */
public final class TransportException extends IOException {
    private static final long serialVersionUID = 1L;

    /** Why. */
    public enum Kind {
        /** The server, or its name, is not there. */
        CONNECT,
        /** The connection ended, or nothing came for too long: another try may succeed. */
        BROKEN,
        /** Its certificate is not trusted. */
        CERTIFICATE,
        /** It does not speak TLS. */
        NOT_TLS,
        /** It leads from https to http. */
        DOWNGRADE,
        /** What it says is no HTTP, or more than is taken. */
        PROTOCOL,
        /** The calling thread was interrupted, which it still is. */
        INTERRUPTED
    }

    private final Kind kind;

    public TransportException(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public TransportException(Kind kind, String message) {
        this(kind, message, null);
    }

    public Kind kind() {
        return kind;
    }
}
