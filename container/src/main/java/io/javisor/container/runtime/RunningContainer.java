package io.javisor.container.runtime;

import io.javisor.agent.Agent;
import io.javisor.agent.AgentException;
import io.javisor.agent.AgentProcess;
import io.javisor.agent.ProcessExit;
import io.javisor.api.Fault;
import io.javisor.api.Response;
import io.javisor.api.Routes;
import io.javisor.container.control.ContainerControl;
import io.javisor.container.control.ContainerRoutes;
import io.javisor.container.control.OutputHub;
import io.javisor.container.control.OutputSink;
import io.javisor.container.spec.ContainerSpec;
import io.javisor.container.spec.ProcessSpec;
import io.javisor.container.spec.StopSpec;
import io.javisor.container.store.OutputKind;
import io.javisor.container.store.OutputLog;
import io.javisor.core.host.Cleanup;
import io.javisor.core.host.HostConstants;
import io.javisor.machine.Lifecycle;
import io.javisor.machine.Machine;
import io.javisor.machine.config.ConfigException;
import io.javisor.manager.live.LiveContainer;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A container in this process: its machine, the agent in it, its first process and what that writes. {@link #start} once, {@link #await} once, then {@link #close}; all else from any
 * thread, at any time.
 */
public final class RunningContainer implements ContainerControl, LiveContainer, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RunningContainer.class);

    /** A kernel boots in seconds, on a host with much else to do in a minute. */
    private static final Duration BOOT = Duration.ofMinutes(3);

    /** What is written back at the end may be GBs. */
    private static final Duration DOWN = Duration.ofMinutes(5);

    /** How long clients may take for the rest of what was written. */
    private static final Duration LAST_OUTPUT = Duration.ofSeconds(5);

    private static final Duration POLL = Duration.ofMillis(200);

    /** For what was written to be on the disk when all processes have been killed. */
    private static final long WRITE_BACK_MILLIS = 15_000;

    private static final long POWER_OFF_MILLIS = 5_000;
    private static final long KILL_MILLIS = 3_000;
    private static final long SIGNAL_MILLIS = 5_000;

    private final ContainerSetup setup;
    private final GuestStart guest;
    private final OutputLog log;
    private final OutputHub output = new OutputHub();
    private final Cleanup cleanup = new Cleanup();
    private final CompletableFuture<AgentProcess> process = new CompletableFuture<>();
    private final ContainerRoutes routes;
    private volatile @Nullable Agent agent;
    private volatile long killedAt; // before killed
    private volatile boolean killed;

    private RunningContainer(ContainerSetup setup, Consumer<String> warnings) {
        this.setup = setup;
        try {
            log = cleanup.add(OutputLog.open(setup.entry().outputLog()));
            routes = cleanup.add(ContainerRoutes.open(this, setup.entry().runtimeDirectory()));
            guest = cleanup.add(GuestStart.of(setup, warnings));
        } catch (AgentException e) {
            ConfigException problem = new ConfigException(String.valueOf(e.getMessage()), e);
            cleanup.closeAfter(problem);
            throw problem;
        } catch (RuntimeException | Error e) {
            cleanup.closeAfter(e);
            throw e;
        }
        OutputHub.Attachment _ = output.attach(into(OutputKind.STDOUT), into(OutputKind.STDERR));
    }

    /**
     * Makes what it needs, its machine too; no guest instruction runs yet.
     *
     * @param warnings is told what its user should know, a line each
     * @throws ConfigException in one line, if it can't be had
     */
    public static RunningContainer create(ContainerSetup setup, Consumer<String> warnings) {
        return new RunningContainer(setup, warnings);
    }

    private OutputSink into(OutputKind kind) {
        return new OutputSink() {
            @Override
            public void write(byte[] bytes, int length) {
                log.add(kind, bytes, 0, length);
            }

            @Override
            public void end() {
                log.finish(kind);
            }
        };
    }

    /** The machine that it runs in. */
    public Machine machine() {
        return guest.machine();
    }

    @Override
    public ContainerSpec spec() {
        return setup.spec();
    }

    /** What it writes. Who is to get all of it is attached before {@link #start}. */
    @Override
    public OutputHub output() {
        return output;
    }

    /**
     * Boots its machine and starts its first process.
     *
     * @param rows of its terminal, if it has one; 0 for unknown, as {@code columns}
     * @throws AgentException in one line with docker's status, if it can't be started
     */
    public void start(int rows, int columns) throws InterruptedException {
        try {
            Agent connected = guest.boot(BOOT);
            agent = connected;
            AgentProcess first = connected.start(StartFields.container(setup, guest.isNetworked(), rows, columns));
            begin(first);
        } catch (AgentException e) {
            boolean _ = process.completeExceptionally(e);
            throw killed ? new AgentException(128 + HostConstants.SIGKILL, "it was killed before it ran") : e;
        }
    }

    private void begin(AgentProcess first) {
        ProcessSpec spec = setup.spec().process();
        if (!spec.input() && !spec.terminal()) {
            endInput(first.input());
        }
        output.start(first);
        boolean _ = process.complete(first);
        if (killed) {
            kill();
        }
    }

    private static void endInput(SocketChannel input) {
        try {
            SocketChannel _ = input.shutdownOutput();
        } catch (IOException e) {
            LOG.debug("input: {}", e.getMessage()); // the process has ended
        }
    }

    @Override
    public AgentProcess first() {
        if (!process.isDone() || process.isCompletedExceptionally()) {
            throw conflict(process.isDone() ? "has ended" : "does not run yet");
        }
        AgentProcess first = process.join();
        if (first.exit().isDone()) {
            throw conflict("has ended");
        }
        return first;
    }

    private Fault conflict(String state) {
        return new Fault(Response.CONFLICT, "container " + setup.entry().name() + " " + state);
    }

    private Agent requireGoing() {
        AgentProcess _ = first();
        if (machine().state() == Lifecycle.PAUSED) {
            throw conflict("is paused; to let it go on: javisor resume "
                    + setup.entry().name());
        }
        return Objects.requireNonNull(agent);
    }

    @Override
    public AgentProcess exec(ProcessSpec further, int rows, int columns) throws InterruptedException {
        return requireGoing()
                .exec(StartFields.process(
                                further,
                                NameFiles.hostname(
                                        setup.spec().names(), setup.entry().id()),
                                rows,
                                columns)
                        .build());
    }

    @Override
    public Map<String, Long> statistics() throws InterruptedException {
        return requireGoing().statistics();
    }

    /**
     * Waits for its end: all that it wrote has been handed on by then, what it has written to its disk is there, and its machine has ended. Only after {@link #start}.
     *
     * @throws InterruptedException if the calling thread is interrupted; it runs on
     */
    public ContainerEnd await() throws InterruptedException {
        AgentProcess first = process.join();
        @Nullable ProcessExit exit = awaitExit(first);
        if (exit != null) {
            awaitOutput();
            acknowledge(first);
        }
        Agent connected = Objects.requireNonNull(agent);
        if (exit != null && !connected.awaitDown(DOWN)) {
            LOG.warn(
                    "{}: the agent went without a word that all is written back",
                    setup.entry().name());
        }
        String lost = guest.end(POWER_OFF_MILLIS);
        awaitOutputsEnd();
        log.close();
        routes.awaitClients(LAST_OUTPUT);
        return exit == null ? lost(lost) : end(exit);
    }

    /** Who reads slowly loses nothing; but one that is killed does not wait for who does not read at all. */
    private void awaitOutput() throws InterruptedException {
        while (!output.awaitDrained(POLL) && !isOverdue()) {
            LOG.trace("{}: output is still on its way", setup.entry().name());
        }
    }

    private void awaitOutputsEnd() throws InterruptedException {
        boolean ended = false;
        while (!ended && !isOverdue()) {
            try {
                output.ended().get(POLL.toMillis(), TimeUnit.MILLISECONDS);
                ended = true;
            } catch (TimeoutException e) {
                LOG.trace("{}: output has not ended", setup.entry().name());
            } catch (ExecutionException e) {
                throw new IllegalStateException("an output's end never fails", e);
            }
        }
    }

    private boolean isOverdue() {
        return killed && System.nanoTime() - killedAt > LAST_OUTPUT.toNanos();
    }

    /** Null if the machine has ended before. */
    private static @Nullable ProcessExit awaitExit(AgentProcess first) throws InterruptedException {
        try {
            return first.exit().get();
        } catch (ExecutionException e) {
            LOG.debug("no end of the process came: {}", e.getMessage());
            return null;
        }
    }

    private static void acknowledge(AgentProcess first) {
        try {
            first.acknowledge();
        } catch (AgentException e) {
            LOG.debug("the end is not acknowledged: {}", e.getMessage()); // the machine has ended at this moment
        }
    }

    private static ContainerEnd end(ProcessExit exit) {
        String reason = exit.outOfMemory()
                ? "out of memory"
                : exit.signal() > 0 ? "ended by signal " + exit.signal() : "exited";
        return new ContainerEnd(exit.status(), exit.outOfMemory(), reason, "", true);
    }

    /** @param why the machine ended before its process */
    private ContainerEnd lost(String why) {
        return killed
                ? new ContainerEnd(128 + HostConstants.SIGKILL, false, "killed", "", true)
                : new ContainerEnd(ContainerEnd.FAILED, false, why, why, true);
    }

    @Override
    public void signal(int number) throws InterruptedException {
        Agent _ = requireGoing();
        AgentProcess first = first();
        CompletableFuture<Void> sent = new CompletableFuture<>();
        Thread _ = Thread.ofVirtual().name(setup.entry().name() + "/signal").start(() -> {
            try {
                first.signal(number, false);
                sent.complete(null);
            } catch (AgentException | InterruptedException e) {
                sent.completeExceptionally(e);
            }
        });
        try {
            sent.get(SIGNAL_MILLIS, TimeUnit.MILLISECONDS); // nobody else is answered meanwhile
        } catch (ExecutionException e) {
            Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
            throw new Fault(Response.CONFLICT, String.valueOf(cause.getMessage()), e);
        } catch (TimeoutException e) {
            throw new Fault(
                    Response.INTERNAL_ERROR, "container " + setup.entry().name() + " does not answer", e);
        }
    }

    @Override
    public boolean hasExited() {
        return process.isDone()
                && !process.isCompletedExceptionally()
                && process.join().exit().isDone();
    }

    @Override
    public int stopSignal() {
        return stop().signal();
    }

    @Override
    public int stopTimeoutSeconds() {
        return stop().timeoutSeconds();
    }

    private StopSpec stop() {
        return setup.spec().stop();
    }

    /**
     * By a signal that no process withstands, so that what was written stays; by the plug where that does not help soon, whatever the agent says or
     * does not say.
     */
    @Override
    public void kill() {
        if (!killed) {
            killedAt = System.nanoTime();
        }
        killed = true;
        boolean runs = process.isDone()
                && !process.isCompletedExceptionally()
                && machine().state() == Lifecycle.RUNNING;
        if (!runs) {
            machine().powerOff();
            return;
        }
        Thread _ = Thread.ofVirtual().name(setup.entry().name() + "/kill").start(() -> {
            AgentProcess first = process.join();
            Thread _ = Thread.ofVirtual().name(setup.entry().name() + "/signal").start(() -> sendKill(first));
            try {
                boolean ends = awaitExit(first, KILL_MILLIS) && machine().await(WRITE_BACK_MILLIS) != null;
                if (!ends) {
                    machine().powerOff();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private void sendKill(AgentProcess first) {
        try {
            first.signal(HostConstants.SIGKILL, false);
        } catch (AgentException e) {
            LOG.debug("{} ends already: {}", setup.entry().name(), e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean awaitExit(AgentProcess first, long millis) throws InterruptedException {
        try {
            ProcessExit _ = first.exit().get(millis, TimeUnit.MILLISECONDS);
            return true;
        } catch (ExecutionException e) {
            return true; // the agent has gone, and its machine goes
        } catch (TimeoutException e) {
            return false;
        }
    }

    /** After a pause the guest's clock is behind. */
    @Override
    public void resumed() {
        Agent connected = agent;
        if (connected != null) {
            Thread _ = Thread.ofVirtual().name(setup.entry().name() + "/clock").start(() -> {
                try {
                    connected.setTime(Instant.now());
                } catch (AgentException e) {
                    LOG.debug("the guest's clock stays behind: {}", e.getMessage());
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
        }
    }

    @Override
    public Routes routes() {
        return routes;
    }

    /** Ends it if it runs, and gives back all that it holds. Idempotent. */
    @Override
    public void close() {
        boolean _ = process.completeExceptionally(new AgentException(ContainerEnd.FAILED, "it was closed"));
        cleanup.close();
    }
}
