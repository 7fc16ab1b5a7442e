/** Requests and answers on a Unix socket: server and client. */
@NullMarked
package io.javisor.api.http;

import org.jspecify.annotations.NullMarked;
