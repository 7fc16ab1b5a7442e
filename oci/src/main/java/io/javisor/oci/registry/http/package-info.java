/**
 * HTTP/1.1 for callers that wait: one thread an exchange, which reads and writes the socket itself, so that a peer is
 * never read faster than its bytes are taken and no thread is made. Netty encodes and decodes (HTTP and, over the JDK's
 * engine, TLS) on embedded channels.
 */
@NullMarked
package io.javisor.oci.registry.http;

import org.jspecify.annotations.NullMarked;
