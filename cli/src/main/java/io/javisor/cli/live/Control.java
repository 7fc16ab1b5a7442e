package io.javisor.cli.live;

import io.javisor.api.Response;
import io.javisor.api.http.ControlClient;
import io.javisor.api.http.ControlException;
import io.javisor.cli.registry.MachineEntry;
import io.javisor.cli.registry.MachineStatus;
import io.javisor.machine.ConfigException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Asks the process of a machine that runs. */
public final class Control {
    private static final String PREFIX = "/javisor/v1/";
    private static final Duration TIMEOUT = Duration.ofSeconds(30); // a stop waits for the console's last output
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
        requireLive(machine);
        Response response;
        try {
            response = ControlClient.send(
                    machine.controlSocket(),
                    method,
                    PREFIX + verb,
                    body == null ? null : MAPPER.writeValueAsString(body),
                    timeout);
        } catch (ControlException e) {
            requireLive(machine);
            throw new ConfigException(
                    "machine '" + machine.name() + "' does not answer: " + e.getMessage() + "; javisor kill "
                            + machine.name() + " ends it",
                    e);
        }
        JsonNode answer = MAPPER.readTree(response.body().isEmpty() ? "{}" : response.body());
        if (!response.isSuccess()) {
            throw new ConfigException(answer.path("fault_message").asString("status " + response.status()));
        }
        return answer;
    }

    /**
     * Refuses a machine that no process runs.
     *
     * @throws ConfigException with the command that starts it
     */
    public static MachineStatus requireLive(MachineEntry machine) {
        MachineStatus status = machine.status();
        if (!status.phase().isLive()) {
            throw new ConfigException("machine '" + machine.name() + "' is " + status.phase()
                    + "; to start it: javisor start " + machine.name());
        }
        return status;
    }
}
