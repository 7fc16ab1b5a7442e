package io.javisor.container.control;

import io.javisor.agent.AgentException;
import io.javisor.agent.AgentProcess;
import io.javisor.api.Fault;
import io.javisor.api.Request;
import io.javisor.api.Response;
import io.javisor.api.Routes;
import io.javisor.api.control.RootRoutes;
import io.javisor.api.json.Json;
import io.javisor.api.json.JsonFields;
import io.javisor.container.spec.ProcessSpec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A container's verbs, under {@link RootRoutes#CONTAINER_PREFIX}, as {@code docs/api.md} describes them. None waits for the agent for long: what
 * comes of a process is told by a connection of its own. Any thread. Closing it closes all connections.
 */
public final class ContainerRoutes implements Routes, AutoCloseable {
    /** The socket for bytes, in the entry's runtime directory. */
    public static final String STREAM_SOCKET = "streams.sock";

    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(10);
    private static final int GATEWAY_TIMEOUT = 504;
    private static final int MAX_U16 = 0xffff;
    private static final int MAX_SIGNAL = 64;

    private final ContainerControl container;
    private final StreamServer streams;
    private final Map<String, ExecSession> execs = new LinkedHashMap<>(); // under this

    private ContainerRoutes(ContainerControl container, StreamServer streams) {
        this.container = container;
        this.streams = streams;
    }

    /**
     * Makes the socket for bytes.
     *
     * @param runtimeDirectory nobody but the user may write to it
     * @throws AgentException in one line, if it can't be made
     */
    public static ContainerRoutes open(ContainerControl container, Path runtimeDirectory) {
        return new ContainerRoutes(container, StreamServer.open(runtimeDirectory.resolve(STREAM_SOCKET)));
    }

    @Override
    public Response handle(Request request) throws InterruptedException {
        if (!request.path().startsWith(RootRoutes.CONTAINER_PREFIX)) {
            throw unknown(request);
        }
        return switch (request.path().substring(RootRoutes.CONTAINER_PREFIX.length())) {
            case "exec" -> exec(body(request));
            case "attach" -> attach(body(request));
            case "signal" -> signal(body(request));
            case "resize" -> resize(body(request));
            case "statistics" -> {
                if (!request.method().equals("GET")) {
                    throw new Fault(Response.METHOD_NOT_ALLOWED, request.path() + " takes GET only");
                }
                yield Json.response(within(container::statistics));
            }
            default -> throw unknown(request);
        };
    }

    private static Fault unknown(Request request) {
        return new Fault(Response.NOT_FOUND, "there is no " + request.path() + "; docs/api.md lists what there is");
    }

    private static JsonFields body(Request request) {
        if (!request.method().equals("POST")) {
            throw new Fault(Response.METHOD_NOT_ALLOWED, request.path() + " takes POST only");
        }
        if (!request.hasBody()) {
            throw Fault.badRequest("the request lacks a body");
        }
        return Json.object("the request's body", request.body());
    }

    private Response exec(JsonFields body) {
        AgentProcess _ = container.first(); // it runs
        ProcessSpec process = ProcessText.read(body, container.spec().process().privileges());
        int rows = size(body, "rows");
        int columns = size(body, "columns");
        Set<StreamKind> wanted = wanted(body, process.terminal());
        body.end();
        if (process.arguments().isEmpty()) {
            throw Fault.badRequest("no command specified");
        }
        ExecSession session = new ExecSession(container, process, rows, columns, wanted);
        String token = streams.add(session);
        synchronized (this) {
            execs.values().removeIf(Session::isClosed);
            execs.put(token, session);
        }
        return Json.response(Map.of("token", token));
    }

    private Response attach(JsonFields body) {
        AgentProcess _ = container.first();
        boolean endsInput = ProcessText.is(body, "endInput");
        Set<StreamKind> wanted = wanted(body, container.spec().process().terminal());
        body.end();
        return Json.response(Map.of("token", streams.add(new AttachSession(container, endsInput, wanted))));
    }

    /** A terminal has one connection, for both ways. */
    private static Set<StreamKind> wanted(JsonFields body, boolean terminal) {
        Set<StreamKind> wanted = EnumSet.of(StreamKind.EVENTS);
        for (StreamKind kind : EnumSet.of(StreamKind.STDIN, StreamKind.STDOUT, StreamKind.STDERR)) {
            if (Boolean.TRUE.equals(body.bool(kind.toString()))) {
                wanted.add(terminal ? StreamKind.STDIN : kind);
            }
        }
        return wanted;
    }

    private static int size(JsonFields body, String name) {
        Long value = body.number(name, 0, MAX_U16);
        return value == null ? 0 : value.intValue();
    }

    private Response signal(JsonFields body) throws InterruptedException {
        int number = (int) body.requireNumber("signal", 1, MAX_SIGNAL);
        boolean group = ProcessText.is(body, "group");
        AgentProcess process = process(body.string("token"));
        body.end();
        within(() -> {
            process.signal(number, group);
            return true;
        });
        return Response.noContent();
    }

    private Response resize(JsonFields body) throws InterruptedException {
        int rows = size(body, "rows");
        int columns = size(body, "columns");
        AgentProcess process = process(body.string("token"));
        body.end();
        within(() -> {
            process.resize(rows, columns);
            return true;
        });
        return Response.noContent();
    }

    /** @param token null for the first process, else that of an exec */
    private AgentProcess process(@Nullable String token) {
        if (token == null) {
            return container.first();
        }
        ExecSession session;
        synchronized (this) {
            session = execs.get(token);
        }
        if (session == null || session.isClosed()) {
            throw new Fault(Response.NOT_FOUND, "there is no such process");
        }
        AgentProcess process = session.process();
        if (process == null) {
            throw new Fault(Response.CONFLICT, "the process does not run yet");
        }
        return process;
    }

    /** So that an agent that does not answer does not keep the control socket from others for long. */
    private static <T> T within(Callable<T> request) throws InterruptedException {
        FutureTask<T> task = new FutureTask<>(request);
        Thread thread = Thread.ofVirtual().name("container-request").start(task);
        try {
            return task.get(ANSWER_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            thread.interrupt();
            throw new Fault(GATEWAY_TIMEOUT, "the container's machine does not answer", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Fault fault) {
                throw fault;
            }
            if (e.getCause() instanceof AgentException refusal) {
                throw new Fault(Response.CONFLICT, String.valueOf(refusal.getMessage()), refusal);
            }
            throw new IllegalStateException(e);
        }
    }

    /** For when the container has ended: waits until its clients have taken the rest of what its processes wrote, and know the end; or for so long. */
    public void awaitClients(Duration limit) throws InterruptedException {
        streams.awaitSessions(limit);
    }

    @Override
    public void close() {
        streams.close();
    }
}
