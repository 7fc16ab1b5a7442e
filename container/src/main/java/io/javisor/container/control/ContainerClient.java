package io.javisor.container.control;

import io.javisor.api.Response;
import io.javisor.api.control.RootRoutes;
import io.javisor.api.http.ControlClient;
import io.javisor.api.http.ControlException;
import io.javisor.container.spec.ProcessSpec;
import io.javisor.machine.config.ConfigException;
import io.javisor.manager.live.Control;
import io.javisor.manager.registry.MachineEntry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Asks a container that runs in another process, by its control socket. Whatever is refused is a {@link ConfigException} in the container's own words, in
 * one line. Any thread.
 */
public final class ContainerClient {
    private static final String VERB = "container/";
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final JsonMapper MAPPER = JsonMapper.shared();

    /** Sends a request. */
    private interface Asking {
        JsonNode ask(String method, String verb, @Nullable Object body) throws InterruptedException;
    }

    private final Asking asking;
    private final Path runtimeDirectory;

    private ContainerClient(Asking asking, Path runtimeDirectory) {
        this.asking = asking;
        this.runtimeDirectory = runtimeDirectory;
    }

    /** A client of that container, be it running or not. */
    public static ContainerClient of(MachineEntry container) {
        return new ContainerClient(
                (method, verb, body) -> Control.ask(container, method, VERB + verb, body),
                container.runtimeDirectory());
    }

    static ContainerClient of(Path controlSocket, Path runtimeDirectory) {
        return new ContainerClient(
                (method, verb, body) -> {
                    Response response;
                    try {
                        response = ControlClient.send(
                                controlSocket,
                                method,
                                RootRoutes.CONTAINER_PREFIX + verb,
                                body == null ? null : MAPPER.writeValueAsString(body),
                                TIMEOUT);
                    } catch (ControlException e) {
                        throw new ConfigException(String.valueOf(e.getMessage()), e);
                    }
                    JsonNode answer = MAPPER.readTree(response.body().isEmpty() ? "{}" : response.body());
                    if (!response.isSuccess()) {
                        throw new ConfigException(answer.path("fault_message").asString("status " + response.status()));
                    }
                    return answer;
                },
                runtimeDirectory);
    }

    /**
     * Which of a process's streams a client takes. With a terminal any of them is all.
     *
     * @param input to write to
     * @param output to read from
     * @param errors to read from
     */
    public record Wanted(boolean input, boolean output, boolean errors) {
        /** The process is left alone. */
        public static final Wanted NOTHING = new Wanted(false, false, false);

        Set<StreamKind> kinds(boolean terminal) {
            Set<StreamKind> kinds = EnumSet.of(StreamKind.EVENTS);
            if (input || (terminal && (output || errors))) {
                kinds.add(StreamKind.STDIN);
            }
            if (output && !terminal) {
                kinds.add(StreamKind.STDOUT);
            }
            if (errors && !terminal) {
                kinds.add(StreamKind.STDERR);
            }
            return kinds;
        }

        private void addTo(Map<String, Object> fields) {
            fields.put("stdin", input);
            fields.put("stdout", output);
            fields.put("stderr", errors);
        }
    }

    /**
     * Starts a further process. It is the caller's to wait until it runs: {@link RemoteProcess#awaitStart}.
     *
     * @param rows of its terminal, as {@code columns}; 0 for unknown
     */
    public RemoteProcess exec(ProcessSpec process, int rows, int columns, Wanted wanted) throws InterruptedException {
        Map<String, Object> fields = new LinkedHashMap<>(ProcessText.of(process));
        fields.put("rows", rows);
        fields.put("columns", columns);
        wanted.addTo(fields);
        return connect("exec", fields, process.terminal(), true, wanted);
    }

    /**
     * Joins the container's first process.
     *
     * @param terminal whether it has one
     * @param endsInput whether the end of what is sent to it is that of its standard input
     */
    public RemoteProcess attach(boolean terminal, boolean endsInput, Wanted wanted) throws InterruptedException {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("endInput", endsInput);
        wanted.addTo(fields);
        return connect("attach", fields, terminal, false, wanted);
    }

    private RemoteProcess connect(
            String verb, Map<String, Object> fields, boolean terminal, boolean further, Wanted wanted)
            throws InterruptedException {
        String token = asking.ask("POST", verb, fields).path("token").asString();
        return RemoteProcess.connect(
                this,
                runtimeDirectory.resolve(ContainerRoutes.STREAM_SOCKET),
                token,
                further,
                terminal,
                wanted.kinds(terminal));
    }

    /**
     * Sends the first process a signal.
     *
     * @param number Linux's
     * @param wholeGroup to its process group too
     */
    public void signal(int number, boolean wholeGroup) throws InterruptedException {
        signal(null, number, wholeGroup);
    }

    void signal(@Nullable String token, int number, boolean wholeGroup) throws InterruptedException {
        Map<String, Object> fields = of(token);
        fields.put("signal", number);
        fields.put("group", wholeGroup);
        JsonNode _ = asking.ask("POST", "signal", fields);
    }

    void resize(@Nullable String token, int rows, int columns) throws InterruptedException {
        Map<String, Object> fields = of(token);
        fields.put("rows", rows);
        fields.put("columns", columns);
        JsonNode _ = asking.ask("POST", "resize", fields);
    }

    private static Map<String, Object> of(@Nullable String token) {
        Map<String, Object> fields = new LinkedHashMap<>();
        if (token != null) {
            fields.put("token", token);
        }
        return fields;
    }

    /** What the container's control group counts, by the names of its files: {@code memory.current}, {@code cpu.stat.usage_usec}. */
    public Map<String, Long> statistics() throws InterruptedException {
        Map<String, Long> values = new LinkedHashMap<>();
        asking.ask("GET", "statistics", null)
                .properties()
                .forEach(each -> values.put(each.getKey(), each.getValue().asLong()));
        return values;
    }
}
