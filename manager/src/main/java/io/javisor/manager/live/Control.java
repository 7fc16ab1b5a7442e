package io.javisor.manager.live;

import io.javisor.api.Response;
import io.javisor.api.http.ControlClient;
import io.javisor.api.http.ControlException;
import io.javisor.machine.config.ConfigException;
import io.javisor.manager.registry.MachineEntry;
import io.javisor.manager.registry.MachineStatus;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Asks the process of a machine that runs. */
public final class Control {
    private static final String PREFIX = "/javisor/v1/";
    private static final Duration TIMEOUT = Duration.ofSeconds(30); // a stop waits for the console's last output
    /** A machine's socket comes after its guest: a process that began so short ago may have none yet, and is waited for so long. */
    private static final long SOCKET_MILLIS = 3_000;

    private static final long POLL_MILLIS = 20;
    private static final JsonMapper MAPPER = JsonMapper.shared();

    private Control() {}

    /**
     * Sends a request and waits for the answer.
     *
     * @param verb the path without its common beginning, such as {@code state}
     * @param body null for none
     * @throws ConfigException in the machine's own words if it refuses, or because it does not run or does not answer
     */
    public static JsonNode ask(MachineEntry machine, String method, String verb, @Nullable Object body)
            throws InterruptedException {
        return ask(machine, method, verb, body, TIMEOUT);
    }

    /** As {@link #ask(MachineEntry, String, String, Object)}, with another time for the answer. */
    static JsonNode ask(MachineEntry machine, String method, String verb, @Nullable Object body, Duration timeout)
            throws InterruptedException {
        Response response = send(machine, method, verb, body == null ? null : MAPPER.writeValueAsString(body), timeout);
        JsonNode answer = MAPPER.readTree(response.body().isEmpty() ? "{}" : response.body());
        if (!response.isSuccess()) {
            throw new ConfigException(answer.path("fault_message").asString("status " + response.status()));
        }
        return answer;
    }

    private static Response send(
            MachineEntry machine, String method, String verb, @Nullable String body, Duration timeout)
            throws InterruptedException {
        long deadline = System.currentTimeMillis() + SOCKET_MILLIS;
        while (true) {
            MachineStatus status = requireLive(machine);
            try {
                return ControlClient.send(machine.controlSocket(), method, PREFIX + verb, body, timeout);
            } catch (ControlException e) {
                long now = System.currentTimeMillis();
                boolean isEarly = !status.phase().hasGuest() || now - status.startedMillis() < SOCKET_MILLIS;
                if (e.reason() != ControlException.Reason.NOBODY_LISTENS || !isEarly || now > deadline) {
                    MachineStatus _ = requireLive(machine);
                    throw new ConfigException(
                            machine.kind() + " '" + machine.name() + "' does not answer: " + e.getMessage()
                                    + "; javisor kill " + machine.name() + " ends it",
                            e);
                }
            }
            Thread.sleep(POLL_MILLIS);
        }
    }

    /**
     * Refuses a machine that no process runs.
     *
     * @throws ConfigException with the command that starts it
     */
    public static MachineStatus requireLive(MachineEntry machine) {
        MachineStatus status = machine.status();
        if (!status.phase().isLive()) {
            throw new ConfigException(machine.kind() + " '" + machine.name() + "' is " + status.phase()
                    + "; to start it: javisor start " + machine.name());
        }
        return status;
    }
}
