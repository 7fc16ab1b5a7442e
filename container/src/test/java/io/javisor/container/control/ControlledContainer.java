package io.javisor.container.control;

import io.javisor.agent.Agent;
import io.javisor.agent.AgentListener;
import io.javisor.agent.AgentProcess;
import io.javisor.agent.ProcessExit;
import io.javisor.agent.ProcessFields;
import io.javisor.api.Fault;
import io.javisor.api.control.RootRoutes;
import io.javisor.api.http.ControlServer;
import io.javisor.container.spec.ContainerSpec;
import io.javisor.container.spec.LimitsSpec;
import io.javisor.container.spec.MachineSpec;
import io.javisor.container.spec.NamesSpec;
import io.javisor.container.spec.NetworkSpec;
import io.javisor.container.spec.PrivilegesSpec;
import io.javisor.container.spec.ProcessSpec;
import io.javisor.container.spec.RootSpec;
import io.javisor.container.spec.StopSpec;
import io.javisor.oci.Digest;
import io.javisor.testkit.Await;
import io.javisor.testkit.junit.AgentFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A container whose machine is this host, by an agent in namespaces of its own; and its control socket. */
final class ControlledContainer implements ContainerControl, AutoCloseable {
    private static final long DOCKERS_CAPABILITIES = 0xa80425fbL;

    private final ContainerSpec spec;
    private final AgentListener listener;
    private final Process machine;
    private final Agent agent;
    private final AgentProcess first;
    private final OutputHub hub = new OutputHub();
    private final CompletableFuture<ProcessExit> end = new CompletableFuture<>();
    private final ContainerRoutes routes;
    private final ControlServer server;
    private final ContainerClient client;

    ControlledContainer(AgentFiles files, Path directory, OutputSink log, ProcessSpec process)
            throws IOException, InterruptedException {
        spec = new ContainerSpec(
                "busybox",
                Digest.parse("sha256:" + "0".repeat(64)),
                process,
                new RootSpec(false, List.of(), 0),
                new NamesSpec("", List.of(), List.of(), List.of(), List.of()),
                new LimitsSpec(0, 0, 0),
                new NetworkSpec(NetworkSpec.Kind.NONE, List.of(), List.of()),
                StopSpec.DEFAULT,
                Optional.empty(),
                Map.of(),
                new MachineSpec(0, 0, null, null));
        listener = AgentListener.open(directory.resolve("vsock"));
        machine = files.start(directory);
        agent = listener.accept(Duration.ofSeconds(Await.TIMEOUT_SECONDS));
        OutputHub.Attachment _ = hub.attach(log, log);
        first = agent.start(fields(process).root(files.root().toString()).build());
        if (!process.input()) {
            first.input().shutdownOutput();
        }
        hub.start(first);
        Thread.startVirtualThread(this::await);
        routes = ContainerRoutes.open(this, directory);
        Path socket = directory.resolve("control.sock");
        server = ControlServer.open(socket, "test", request -> {
            if (!request.path().startsWith(RootRoutes.CONTAINER_PREFIX)) {
                throw new AssertionError(request);
            }
            return routes.handle(request);
        });
        client = ContainerClient.of(socket, directory);
    }

    private void await() {
        try {
            ProcessExit exit = first.exit().get();
            boolean _ = hub.awaitDrained(Duration.ofSeconds(Await.TIMEOUT_SECONDS));
            first.acknowledge();
            end.complete(exit);
        } catch (Exception e) {
            end.completeExceptionally(e);
        }
    }

    static ProcessSpec process(boolean terminal, boolean input, String... arguments) {
        return new ProcessSpec(
                List.of(),
                List.of(arguments),
                List.of(),
                "",
                "",
                List.of(),
                terminal,
                input,
                new PrivilegesSpec(DOCKERS_CAPABILITIES, false, false, false, List.of()),
                false);
    }

    private static ProcessFields.Builder fields(ProcessSpec process) {
        ProcessFields.Builder fields = ProcessFields.builder();
        process.arguments().forEach(fields::argument);
        process.environment().forEach(fields::variable);
        if (process.terminal()) {
            fields.terminal(24, 80);
        }
        if (!process.user().isEmpty()) {
            fields.user(process.user());
        }
        return fields;
    }

    ContainerClient client() {
        return client;
    }

    ProcessExit end() throws Exception {
        return end.get(Await.TIMEOUT_SECONDS, TimeUnit.SECONDS);
    }

    /** The machine is gone from one moment to the next. */
    void pullPlug() {
        machine.destroyForcibly();
    }

    @Override
    public ContainerSpec spec() {
        return spec;
    }

    @Override
    public AgentProcess first() {
        if (first.exit().isDone()) {
            throw new Fault(409, "the container is not running");
        }
        return first;
    }

    @Override
    public OutputHub output() {
        return hub;
    }

    @Override
    public AgentProcess exec(ProcessSpec process, int rows, int columns) throws InterruptedException {
        ProcessFields.Builder fields = fields(process);
        if (process.terminal()) {
            fields.terminal(rows, columns);
        }
        return agent.exec(fields.build());
    }

    @Override
    public Map<String, Long> statistics() throws InterruptedException {
        return agent.statistics();
    }

    @Override
    public void close() {
        server.close();
        routes.close();
        listener.close();
        machine.destroyForcibly();
        Await.until("the agent's end", () -> !machine.isAlive());
    }
}
