package io.javisor.agent;

import io.javisor.core.log.LogLimit;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The host's end of an agent's connection. One thread reads frames and never waits for anything else; another writes them. Nothing that the agent says
 * is kept that was not asked for, and what was is bounded.
 */
final class ConnectedAgent implements Agent {
    static final String NO_ANSWER = "the agent does not answer";

    private static final Logger LOG = LoggerFactory.getLogger(ConnectedAgent.class);

    /** The longest that an agent is waited for: a loaded host that emulates its machine has to do. */
    static final Duration ANSWER_LIMIT = Duration.ofMinutes(2);

    private static final int MAX_PROCESSES = 256; // an agent has 128
    private static final int MAX_UNSENT = 1024; // frames, of which those of MAX_PROCESSES may be long
    private static final int MAX_UNASKED = 1000; // frames, in the connection's life
    private static final int SIGKILL = 9;
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private final SocketChannel control;
    private final Duration limit;
    private final Streams streams;
    private final AtomicInteger ids = new AtomicInteger();
    private final Map<Integer, ConnectedProcess> processes = new ConcurrentHashMap<>();
    private final Requests requests = new Requests();
    private final FileRequests files;
    private final BlockingQueue<ByteBuffer> unsent = new ArrayBlockingQueue<>(MAX_UNSENT);
    private final CompletableFuture<Boolean> down = new CompletableFuture<>();
    private final AtomicBoolean lost = new AtomicBoolean();
    private final LogLimit lines = new LogLimit();
    private final Thread speaker;
    private int unasked; // the reader's

    /** Hello has been said over {@code control}; an answer may take so long. */
    ConnectedAgent(SocketChannel control, Streams streams, Duration limit) {
        this.control = control;
        this.limit = limit;
        this.streams = streams;
        files = new FileRequests(this, streams);
        speaker = Thread.ofVirtual().name("agent-speaker").start(this::speak);
        Thread _ = Thread.ofVirtual().name("agent-listener").start(this::listen);
    }

    static long nanos(Instant time) {
        return time.getEpochSecond() * NANOS_PER_SECOND + time.getNano();
    }

    private void speak() {
        try {
            while (true) {
                ByteBuffer next = unsent.take();
                while (next.hasRemaining()) {
                    int _ = control.write(next);
                }
            }
        } catch (IOException e) {
            LOG.debug("the agent's connection", e);
        } catch (InterruptedException _) {
            // It is lost.
        }
        Door.close(control);
    }

    private void listen() {
        try {
            while (true) {
                Message message = Message.of(Frame.read(control, Frame.MAX_BODY_SIZE));
                if (!take(message)) {
                    unasked++;
                    lines.warn(
                            LOG,
                            "the agent says what nobody asked for: {}",
                            message.getClass().getSimpleName());
                }
                if (unasked > MAX_UNASKED) {
                    throw new ProtocolException("it says too much that nobody asked for");
                }
            }
        } catch (EOFException | ClosedChannelException _) {
            lose(Waits.GONE);
        } catch (ProtocolException e) {
            lines.warn(LOG, "the agent is cut off: {}", e.getMessage());
            lose("the agent does not keep to its protocol: " + e.getMessage());
        } catch (IOException e) {
            lose(Waits.GONE + ": " + e.getMessage());
        }
    }

    /** False if nobody asked for it. */
    private boolean take(Message message) {
        return switch (message) {
            case Message.Started(int id, int pid) ->
                process(id).filter(it -> it.startedAs(pid)).isPresent();
            case Message.Ended(int id, ProcessExit exit) ->
                process(id).filter(it -> it.endedBy(exit)).isPresent();
            case Message.Refused refused -> refuse(refused);
            case Message.Done(int id, int request) -> answer(id, request, message);
            case Message.Statistics it -> answer(it.id(), Frame.STATS, message);
            case Message.Found it -> answer(it.id(), Frame.STAT, message);
            case Message.Down _ -> down.complete(true);
            case Message.Hello _, Message.Stream _, Message.Unknown _ -> false;
        };
    }

    private Optional<ConnectedProcess> process(int id) {
        return Optional.ofNullable(processes.get(id));
    }

    private boolean answer(int id, int request, Message message) {
        CompletableFuture<Message> waiting = requests.next(id, request);
        if (waiting != null) {
            waiting.complete(message);
        }
        return waiting != null;
    }

    private boolean refuse(Message.Refused refused) {
        AgentException refusal = new AgentException(refused.status(), refused.line());
        if (refused.request() == Frame.START || refused.request() == Frame.EXEC || refused.request() == Frame.FIELDS) {
            ConnectedProcess process = processes.get(refused.id());
            if (process == null || !process.refused(refusal)) {
                return false;
            }
            processes.remove(refused.id());
            return true;
        }
        CompletableFuture<Message> waiting = requests.next(refused.id(), refused.request());
        if (waiting != null) {
            waiting.completeExceptionally(refusal);
        }
        return waiting != null;
    }

    private void lose(String reason) {
        if (!lost.compareAndSet(false, true)) {
            return;
        }
        Door.close(control);
        speaker.interrupt();
        requests.close(reason);
        AgentException exception = new AgentException(AgentException.FAILED, reason);
        processes.values().forEach(each -> each.lost(exception));
        down.complete(false);
    }

    /** Sends them in one piece, after those before. */
    private void send(ByteBuffer frames) {
        if (lost.get()) {
            throw new AgentException(AgentException.FAILED, Waits.GONE);
        }
        if (!unsent.offer(frames)) {
            throw new AgentException(AgentException.FAILED, "the agent does not listen");
        }
    }

    /** Waits for the answer. */
    Message ask(int id, int type, ByteBuffer body) throws InterruptedException {
        return Waits.await(request(id, type, body), limit, NO_ANSWER);
    }

    /** The answer is on its way. */
    CompletableFuture<Message> request(int id, int type, ByteBuffer body) {
        ByteBuffer frame = new Frame(id, type, body).bytes();
        synchronized (requests) { // answers come in the order of what was sent
            CompletableFuture<Message> answer = requests.expect(id, type);
            try {
                send(frame);
            } catch (AgentException e) {
                requests.forgetLast(id, type);
                throw e;
            }
            return answer;
        }
    }

    int nextId() {
        return ids.incrementAndGet();
    }

    @Override
    public AgentProcess start(ProcessFields fields) throws InterruptedException {
        return begin(fields, Frame.START);
    }

    @Override
    public AgentProcess exec(ProcessFields fields) throws InterruptedException {
        return begin(fields, Frame.EXEC);
    }

    private AgentProcess begin(ProcessFields fields, int type) throws InterruptedException {
        if (processes.size() >= MAX_PROCESSES) {
            throw new AgentException(AgentException.FAILED, "there are " + MAX_PROCESSES + " processes already");
        }
        ConnectedProcess process = new ConnectedProcess(this, streams, ids.incrementAndGet(), fields.hasTerminal());
        processes.put(process.id(), process);
        boolean runs = false;
        try {
            send(fields.frames(process.id(), type, process.tokens()));
            process.awaitStart(limit);
            runs = true;
            return process;
        } finally {
            if (!runs) {
                process.abandon();
                if (lost.get() || process.isRefused()) {
                    processes.remove(process.id());
                }
            }
        }
    }

    /** Nobody waits for what comes of it. */
    void kill(ConnectedProcess process) {
        try {
            CompletableFuture<Message> _ = request(
                    process.id(),
                    Frame.SIGNAL,
                    Frame.body(Short.BYTES).putShort((short) SIGKILL).flip());
        } catch (AgentException e) {
            LOG.debug("process {} is not killed", process.id(), e);
        }
    }

    /** Once; nothing where the agent has gone. */
    void acknowledge(ConnectedProcess process) {
        if (!processes.remove(process.id(), process) || lost.get()) {
            return;
        }
        try {
            send(new Frame(process.id(), Frame.ACK, Frame.body(0)).bytes());
        } catch (AgentException e) {
            LOG.debug("the end of process {} is not acknowledged", process.id(), e);
        }
    }

    @Override
    public Map<String, Long> statistics() throws InterruptedException {
        Message answer = ask(ids.incrementAndGet(), Frame.STATS, Frame.body(0));
        return answer instanceof Message.Statistics it ? it.values() : Map.of();
    }

    @Override
    public void setTime(Instant time) throws InterruptedException {
        Message _ = ask(
                ids.incrementAndGet(),
                Frame.SET_TIME,
                Frame.body(Long.BYTES).putLong(nanos(time)).flip());
    }

    @Override
    public void mount(ProcessFields fields) throws InterruptedException {
        Message _ = ask(nextId(), Frame.MOUNT, fields.body());
    }

    @Override
    public void freeze(boolean frozen) throws InterruptedException {
        Message _ = ask(
                nextId(),
                Frame.FREEZE,
                Frame.body(1).put((byte) (frozen ? 1 : 0)).flip());
    }

    @Override
    public ContainerFile find(String path, TransferOption... options) throws InterruptedException {
        return files.find(path, options);
    }

    @Override
    public Transfer archive(String path, String name, TransferOption... options) throws InterruptedException {
        return files.archive(path, name, options);
    }

    @Override
    public Transfer extract(String path, TransferOption... options) throws InterruptedException {
        return files.extract(path, options);
    }

    @Override
    public Transfer changes() throws InterruptedException {
        return files.changes(false);
    }

    @Override
    public Transfer layer() throws InterruptedException {
        return files.changes(true);
    }

    @Override
    public boolean awaitDown(Duration limit) throws InterruptedException {
        try {
            return down.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException _) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        lose(Waits.GONE);
        processes.values().forEach(ConnectedProcess::closeStreams);
        processes.clear();
    }
}
