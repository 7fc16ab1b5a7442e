package io.javisor.api.http;

import java.time.Duration;

/**
 * What clients may take of a server.
 *
 * @param connections at once; further ones are closed
 * @param bodyBytes of a request
 * @param idle how long a connection may take from one complete request to the next, and to take an answer
 */
record Limits(int connections, int bodyBytes, Duration idle) {
    static final Limits DEFAULT = new Limits(64, 1 << 20, Duration.ofSeconds(60));

    /** Of a request's first line, in bytes. */
    static final int LINE_BYTES = 4096;

    /** Of all headers of a request, in bytes. */
    static final int HEADER_BYTES = 16 << 10;
}
