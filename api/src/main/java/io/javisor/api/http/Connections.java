package io.javisor.api.http;

import io.javisor.api.Routes;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpServerCodec;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/** The clients of a server: netty's event loop, and the thread that carries requests out. */
final class Connections implements AutoCloseable {
    /** For a request that is carried out when the server ends; half of it before the thread is interrupted. */
    private static final long HANDLER_TIMEOUT_SECONDS = 10;

    /** For a client to take the last answer. */
    private static final long ANSWER_TIMEOUT_MILLIS = 1000;

    private final Limits limits;
    private final Answers answers;
    private final List<Thread> threads = new ArrayList<>();
    private final SingleThreadIoEventLoop loop;
    private final ExecutorService worker;
    private final Set<Exchange> exchanges = ConcurrentHashMap.newKeySet();

    Connections(String name, Routes routes, Limits limits) {
        this.limits = limits;
        answers = new Answers(routes);
        // Without a group: the end of one is told by a thread of netty's, which would outlive this.
        loop = new SingleThreadIoEventLoop(null, threads(name + "/control-io"), NioIoHandler.newFactory());
        worker = Executors.newSingleThreadExecutor(threads(name + "/control-worker"));
    }

    private ThreadFactory threads(String name) {
        return task -> {
            Thread thread = Thread.ofPlatform().daemon().name(name).unstarted(task);
            synchronized (threads) {
                threads.add(thread);
            }
            return thread;
        };
    }

    /** Takes a client over; one too many is closed. Called by one thread. */
    void add(SocketChannel client) throws IOException {
        if (exchanges.size() >= limits.connections()) {
            client.close();
            return;
        }
        NioDomainSocketChannel channel = new NioDomainSocketChannel(null, client);
        Exchange exchange = new Exchange(channel, answers, worker, limits);
        exchanges.add(exchange);
        channel.closeFuture().addListener(_ -> exchanges.remove(exchange));
        channel.config().setAutoRead(false).setAllocator(UnpooledByteBufAllocator.DEFAULT);
        channel.pipeline()
                .addLast(new HttpServerCodec(new HttpDecoderConfig()
                        .setMaxInitialLineLength(Limits.LINE_BYTES)
                        .setMaxHeaderSize(Limits.HEADER_BYTES)))
                .addLast(exchange);
        loop.register(channel).addListener(registered -> {
            if (!registered.isSuccess()) {
                channel.unsafe().closeForcibly();
            }
        });
    }

    @Override
    public void close() {
        boolean interrupted = Thread.interrupted();
        try {
            worker.shutdown();
            if (!worker.awaitTermination(HANDLER_TIMEOUT_SECONDS / 2, TimeUnit.SECONDS)) {
                worker.shutdownNow();
                boolean _ = worker.awaitTermination(HANDLER_TIMEOUT_SECONDS / 2, TimeUnit.SECONDS);
            }
            // After the answers that the worker has handed to the loop.
            loop.execute(() -> exchanges.forEach(Exchange::end));
            long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(ANSWER_TIMEOUT_MILLIS);
            for (Channel channel : exchanges.stream().map(Exchange::channel).toList()) {
                boolean _ = channel.closeFuture().await(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
            }
            var _ = loop.shutdownGracefully(0, ANSWER_TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
            for (Thread thread : threads) {
                thread.join(TimeUnit.SECONDS.toMillis(HANDLER_TIMEOUT_SECONDS));
            }
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
