/** Waiting for host events: eventfds, the epoll loop and the pool for work that may block. */
@NullMarked
package io.javisor.core.event;

import org.jspecify.annotations.NullMarked;
