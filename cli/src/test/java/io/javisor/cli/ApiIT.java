package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.javisor.core.host.HostConstants;
import io.javisor.testkit.Await;
import io.javisor.testkit.guest.TinyKernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code javisor api}, by the launcher, spoken to by curl as a user does. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class ApiIT {
    /** Prints the body and then, on a line of its own, the status. */
    private static final String SCRIPT = """
        set -eu
        socket=$1 kernel=$2 metrics=$3
        ask() {
            curl --silent --show-error --unix-socket "$socket" --write-out '\\n%{http_code}\\n' -X "$1" "http://localhost$2" ${3+-d "$3"}
        }
        ask GET /
        ask PUT /machine-config '{"vcpu_count": 1, "mem_size_mib": 4}'
        ask PUT /boot-source "{\\"kernel_image_path\\": \\"$kernel\\"}"
        ask PUT /metrics "{\\"metrics_path\\": \\"$metrics\\"}"
        ask PUT /actions '{"action_type": "InstanceStart"}'
        ask GET /
        ask PATCH /vm '{"state": "Paused"}'
        ask GET /
        ask PATCH /vm '{"state": "Resumed"}'
        ask PUT /actions '{"action_type": "FlushMetrics"}'
        ask PUT /boot-source "{\\"kernel_image_path\\": \\"$kernel\\"}"
        ask GET /vm/config
        ask GET /javisor/v1/machine
        ask GET /javisor/v1/statistics
        """;

    @TempDir
    private Path directory = Path.of("");

    private record Answer(String body, int status) {
        JsonNode json(String schema) throws IOException {
            JsonNode value = JsonMapper.shared().readTree(body);
            JsonNode rules = JsonMapper.shared()
                    .readTree(Files.readString(
                            Checkout.DIRECTORY.resolve("docs/schema").resolve(schema)));
            assertEquals(
                    List.of(),
                    SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                            .getSchema(rules)
                            .validate(value));
            return value;
        }
    }

    private static List<String> api(Object... arguments) {
        List<String> command = new ArrayList<>(List.of(Checkout.LAUNCHER.toString(), "api"));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        return command;
    }

    private static List<Answer> answers(String printed) {
        List<Answer> answers = new ArrayList<>();
        List<String> lines = printed.lines().toList();
        for (int i = 0; i + 1 < lines.size(); i += 2) {
            answers.add(new Answer(lines.get(i), Integer.parseInt(lines.get(i + 1))));
        }
        return answers;
    }

    @Test
    void curlDescribesAndRunsAMachine() throws Exception {
        Path socket = directory.resolve("api.sock");
        Path metrics = directory.resolve("metrics");
        Path kernel = TinyKernel.writeTo(directory);
        try (Program program = Program.start(api("--api-sock", socket, "--id", "vm1"))) {
            Await.until(() -> "no socket", () -> Files.exists(socket));
            Program.Result curl =
                    Program.run("bash", "-c", SCRIPT, "curl", socket.toString(), kernel.toString(), metrics.toString());
            assertEquals(0, curl.status(), curl::toString);
            List<Answer> answers = answers(curl.out());
            assertEquals(
                    List.of(200, 204, 204, 204, 204, 200, 204, 200, 204, 204, 400, 200, 200, 200),
                    answers.stream().map(Answer::status).toList(),
                    curl::toString);
            String instance = "firecracker-instance.schema.json";
            assertEquals(
                    "Not started", answers.get(0).json(instance).get("state").stringValue());
            assertEquals("Running", answers.get(5).json(instance).get("state").stringValue());
            assertEquals("Paused", answers.get(7).json(instance).get("state").stringValue());
            assertTrue(
                    answers.get(10).body().startsWith("{\"fault_message\":\"PUT /boot-source is not supported after"));
            JsonNode config = answers.get(11).json("firecracker-config.schema.json");
            assertEquals(
                    kernel.toString(),
                    config.at("/boot-source/kernel_image_path").stringValue());
            JsonNode machine = answers.get(12).json("machine.schema.json");
            assertEquals("vm1", machine.get("name").stringValue());
            JsonNode _ = answers.get(13).json("statistics.schema.json");
            String line = Files.readAllLines(metrics).getFirst();
            JsonNode _ = new Answer(line, 0).json("firecracker-metrics.schema.json");
            Program.Result stop = Program.run(
                    "curl",
                    "--silent",
                    "--unix-socket",
                    socket.toString(),
                    "-X",
                    "PUT",
                    "http://localhost/javisor/v1/state",
                    "-d",
                    "{\"state\": \"stopped\"}");
            assertEquals("{\"state\":\"stopped\"}", stop.out());
            Program.Result end = program.awaitEnd(Await.TIMEOUT_SECONDS);
            assertEquals(new Program.Result(0, "ready\n", ""), end);
            assertFalse(Files.exists(socket, LinkOption.NOFOLLOW_LINKS));
            assertEquals(2, Files.readAllLines(metrics).size());
        }
    }

    @Test
    void aSignalEndsWhatNobodyHasStarted() throws Exception {
        Path socket = directory.resolve("api.sock");
        try (Program program = Program.start(api("--api-sock", socket))) {
            Await.until(() -> "no socket", () -> Files.exists(socket));
            program.process().destroy();
            Program.Result result = program.awaitEnd(Await.TIMEOUT_SECONDS);
            assertEquals(new Program.Result(ExitStatus.SIGNAL + HostConstants.SIGTERM, "", ""), result);
            assertFalse(Files.exists(socket, LinkOption.NOFOLLOW_LINKS));
        }
    }

    @Test
    void aFileStartsAMachineThatASignalEnds() throws Exception {
        Path socket = directory.resolve("api.sock");
        Path out = directory.resolve("metrics");
        Path file = Files.writeString(
                directory.resolve("vm.json"),
                "{\"boot-source\":{\"kernel_image_path\":\"" + TinyKernel.writeTo(directory)
                        + "\"},\"machine-config\":{\"vcpu_count\":1,\"mem_size_mib\":4},\"metrics\":{\"metrics_path\":\""
                        + out + "\"}}");
        try (Program program = Program.start(api("--api-sock", socket, "--config-file", file))) {
            Await.until(() -> "not started", () -> {
                try {
                    // A machine may run for a while before its guest says anything.
                    return program.printed().equals("ready\n")
                            && Files.exists(socket)
                            && Program.run("curl", "--silent", "--unix-socket", socket.toString(), "http://localhost/")
                                    .out()
                                    .contains("Running");
                } catch (IOException | InterruptedException e) {
                    throw new AssertionError(e);
                }
            });
            program.process().destroy();
            Program.Result result = program.awaitEnd(Await.TIMEOUT_SECONDS);
            assertEquals(new Program.Result(ExitStatus.SIGNAL + HostConstants.SIGTERM, "ready\n", ""), result);
            assertFalse(Files.exists(socket, LinkOption.NOFOLLOW_LINKS));
            assertEquals(1, Files.readAllLines(out).size());
        }
        Program.run(api("--no-api", "--config-file", directory.resolve("none.json")))
                .assertFailed(ExitStatus.OWN_ERROR, "config " + directory.resolve("none.json") + " does not exist");
    }

    @Test
    void badArgumentsGetOneLine() throws Exception {
        Path text = Files.writeString(directory.resolve("text"), "precious");
        Program.run(api()).assertFailed(ExitStatus.OWN_ERROR, "give the socket's path: --api-sock PATH");
        Program.run(api("--no-api")).assertFailed(ExitStatus.OWN_ERROR, "--no-api goes with --config-file");
        Program.run(api("--no-api", "--api-sock", "s", "--config-file", "f"))
                .assertFailed(ExitStatus.OWN_ERROR, "contradict each other");
        Program.run(api("--api-sock", text))
                .assertFailed(ExitStatus.OWN_ERROR, "control socket " + text, "not a socket");
        Program.run(api("--api-sock", directory.resolve("x".repeat(108))))
                .assertFailed(ExitStatus.OWN_ERROR, "a socket's may have 107");
        Program.run(api("--api-sock", directory.resolve("s"), "--id", "a/b"))
                .assertFailed(ExitStatus.OWN_ERROR, "'a/b' is not a machine name");
        assertEquals("precious", Files.readString(text));
    }
}
