package io.javisor.agent;

import java.nio.channels.SocketChannel;
import java.util.concurrent.CompletableFuture;

/** Bytes from or to a container's files that are on their way. Any thread. Closing it ends it. */
public interface Transfer extends AutoCloseable {
    /**
     * What is read comes from the container, which may bring it without end; what is written goes to it until the channel is shut down for output. In
     * blocking mode. That it has ended does not say that all went well: {@link #done} does.
     */
    SocketChannel channel();

    /** Completed when all is done; exceptionally, by an {@link AgentException}, when the agent says why not, or has gone. */
    CompletableFuture<Void> done();

    @Override
    void close();
}
