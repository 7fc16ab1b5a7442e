package io.javisor.core.event;

/** What runs on an event loop when a descriptor is ready. */
@FunctionalInterface
public interface EventHandler {
    /**
     * Does what can be done without blocking. As long as the descriptor stays ready this is called again, unless it was registered
     * with {@code EPOLLET}. What it throws is logged, and the loop goes on.
     *
     * @param events the {@code EPOLL…} bits that hold; {@code EPOLLERR} and {@code EPOLLHUP} come unasked
     */
    void ready(int events);
}
