package io.javisor.api.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.api.Fault;
import io.javisor.api.Request;
import io.javisor.api.Response;
import io.javisor.api.Schemas;
import io.javisor.core.engine.EngineProvider;
import io.javisor.machine.Machine;
import io.javisor.machine.Outcome;
import io.javisor.machine.config.Accel;
import io.javisor.machine.config.BalloonConfig;
import io.javisor.machine.config.DiskConfig;
import io.javisor.machine.config.MachineConfig;
import io.javisor.machine.config.RngConfig;
import io.javisor.machine.config.SerialSink;
import io.javisor.machine.host.Console;
import io.javisor.testkit.Await;
import io.javisor.testkit.guest.DotKernel;
import io.javisor.testkit.junit.MachineTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class MachineRoutesTest {
    private static final JsonMapper JSON = JsonMapper.shared();

    @TempDir
    private Path directory = Path.of("");

    private @Nullable Machine machine;
    private @Nullable Instant startedAt;
    private final MachineRoutes routes = new MachineRoutes(new MachineControl() {
        @Override
        public String name() {
            return "web";
        }

        @Override
        public @Nullable Machine machine() {
            return machine;
        }

        @Override
        public @Nullable Instant startedAt() {
            return startedAt;
        }
    });

    @AfterEach
    void endMachine() {
        if (machine != null) {
            machine.close();
        }
    }

    private Machine create(EngineProvider engine) throws IOException {
        Path disk = Files.write(directory.resolve("disk.img"), new byte[1 << 20]);
        MachineConfig config = MachineConfig.builder(DotKernel.writeTo(directory))
                .name("web")
                .accel(Accel.parse(engine.name()))
                .memoryBytes((long) DotKernel.MEMORY_MIB << 20)
                .serial(List.of(new SerialSink.Null(), new SerialSink.Pty()))
                .virtio(List.of(DiskConfig.of(disk), RngConfig.UNLIMITED, BalloonConfig.DEFAULT))
                .build();
        Machine created = Machine.create(config, Console.standard());
        machine = created;
        return created;
    }

    private Machine start(EngineProvider engine) throws IOException {
        Machine created = create(engine);
        created.start();
        startedAt = Instant.now();
        return created;
    }

    private Response send(String method, String verb, String body) throws InterruptedException {
        return routes.handle(new Request(method, MachineRoutes.PREFIX + verb, body));
    }

    private JsonNode get(String verb) throws InterruptedException {
        Response response = send("GET", verb, "");
        assertEquals(200, response.status());
        return JSON.readTree(response.body());
    }

    private void refused(int status, String method, String verb, String body, String reason) {
        Fault fault = assertThrows(Fault.class, () -> send(method, verb, body));
        assertEquals(status, fault.status(), fault::toString);
        assertTrue(fault.toString().contains(reason), fault::toString);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "404 | GET   | machines        | ``                       | there is no /javisor/v1/machines",
                "404 | PATCH | disks/          | {}                       | there is no",
                "405 | PUT   | machine         | {}                       | takes GET only",
                "405 | POST  | state           | {}                       | takes PUT only",
                "405 | GET   | power-button    | ``                       | takes POST only",
                "405 | PUT   | balloon         | {}                       | takes PATCH only",
                "400 | PATCH | balloon         | {}                       | lacks \"sizeBytes\"",
                "400 | PATCH | balloon         | {\"sizeBytes\":-1}       | must be 0 to",
                "409 | PATCH | balloon         | {\"sizeBytes\":4096}     | machine web is not started yet",
                "405 | PUT   | disks/disk0     | {}                       | takes PATCH only",
                "400 | GET   | machine         | {}                       | has no body",
                "400 | PUT   | state           | ``                       | lacks a body",
                "400 | PUT   | state           | running                  | is not JSON",
                "400 | PUT   | state           | []                       | must be a JSON object, not a list",
                "400 | PUT   | state           | {} {}                    | is not JSON",
                "400 | PUT   | state           | {}                       | lacks \"state\"",
                "400 | PUT   | state           | {\"state\":null}         | lacks \"state\"",
                "400 | PUT   | state           | {\"state\":1}            | must be a string, not the number 1",
                "400 | PUT   | state           | {\"state\":\"off\"}      | one of running, paused, stopped, not"
                        + " \"off\"",
                "400 | PUT   | state           | {\"state\":\"paused\",\"now\":true} | unknown field \"now\"; it may"
                        + " have state",
                "400 | PUT   | state           | {\"state\":\"paused\",\"state\":\"paused\"} | is not JSON: duplicate",
                "400 | POST  | power-button    | {\"hard\":1}             | unknown field \"hard\"",
                "400 | PATCH | disks/disk0     | {}                       | lacks \"sizeBytes\"",
                "400 | PATCH | disks/disk0     | {\"sizeBytes\":\"1G\"}   | must be a whole number, not the string"
                        + " \"1G\"",
                "400 | PATCH | disks/disk0     | {\"sizeBytes\":0}        | must be 1 to 9223372036854775807, not the"
                        + " number 0",
                "400 | PATCH | disks/disk0     | {\"sizeBytes\":1e3}      | must be a whole number",
                "400 | PATCH | disks/disk0     | {\"sizeBytes\":99999999999999999999} | must be 1 to",
                "409 | PUT   | state           | {\"state\":\"paused\"}   | machine web is not started yet",
                "409 | POST  | power-button    | ``                       | machine web is not started yet",
                "409 | PATCH | disks/disk0     | {\"sizeBytes\":4096}     | machine web is not started yet",
                "409 | GET   | statistics      | ``                       | machine web is not started yet",
            })
    void whatIsWrongIsNamed(int status, String method, String verb, @Nullable String body, String reason) {
        refused(status, method, verb, body == null ? "" : body, reason);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/javisor/v1", "/javisor/v2/machine", "/", "/javisor/v1//machine"})
    void otherPathsAreNotFound(String path) {
        Fault fault = assertThrows(Fault.class, () -> routes.handle(new Request("GET", path, "")));
        assertEquals(404, fault.status());
    }

    @Test
    void beforeThereIsAMachineItsProcessIsSeen() throws Exception {
        JsonNode view = get("machine");
        Schemas.check("machine.schema.json", view);
        assertEquals("created", view.get("state").stringValue());
        assertEquals(ProcessHandle.current().pid(), view.get("pid").longValue());
        String metrics = send("GET", "metrics", "").body();
        assertTrue(metrics.contains("javisor_process_cpu_seconds_total{machine=\"web\"} "), metrics);
        assertFalse(metrics.contains("javisor_vcpus"), metrics);
    }

    @MachineTest
    void aMachineIsSeen(EngineProvider engine) throws Exception {
        Machine running = start(engine);
        JsonNode view = get("machine");
        Schemas.check("machine.schema.json", view);
        assertEquals("running", view.get("state").stringValue());
        assertEquals("web", view.get("name").stringValue());
        assertEquals(1, view.get("cpus").intValue());
        assertEquals((long) DotKernel.MEMORY_MIB << 20, view.get("memoryBytes").longValue());
        assertEquals("disk0", view.at("/disks/0/id").stringValue());
        assertEquals(
                directory.resolve("disk.img").toString(),
                view.at("/disks/0/path").stringValue());
        assertEquals("null", view.at("/serialPorts/0/sink").stringValue());
        assertTrue(view.at("/serialPorts/1/terminal").stringValue().startsWith("/dev/pts/"));
        Await.until("dots", () -> Dots.of(running) > 0);
        JsonNode statistics = get("statistics");
        Schemas.check("statistics.schema.json", statistics);
        List<String> devices = statistics
                .get("devices")
                .valueStream()
                .map(device -> device.get("id").stringValue() + " "
                        + device.get("kind").stringValue())
                .toList();
        assertEquals(
                List.of("com1 serial", "com2 serial", "disk0 disk", "rng0 rng", "balloon0 balloon"),
                devices.subList(devices.size() - 5, devices.size()));
        assertTrue(
                devices.containsAll(List.of("ports bus", "i8042 i8042", "rtc rtc", "acpi-pm acpi-pm")),
                devices::toString);
        assertEquals(engine.name(), statistics.get("engine").stringValue());
        assertEquals(1, statistics.get("vcpus").size());
        running.powerOff();
        Outcome _ = running.await();
        assertTrue(get("statistics").at("/vcpus/0/port_writes").longValue()
                >= statistics.at("/vcpus/0/port_writes").longValue());
    }

    @MachineTest
    void metricsAreWhatPrometheusReads(EngineProvider engine) throws Exception {
        Machine _ = start(engine);
        Response response = send("GET", "metrics", "");
        assertEquals("text/plain; version=0.0.4; charset=utf-8", response.contentType());
        PrometheusReader metrics = PrometheusReader.read(response.body());
        assertEquals(1, metrics.value("javisor_vcpus", "machine=\"web\""));
        assertEquals((long) DotKernel.MEMORY_MIB << 20, metrics.value("javisor_guest_memory_bytes", "machine=\"web\""));
        assertEquals(1, metrics.value("javisor_state", "machine=\"web\",state=\"running\""));
        assertEquals(0, metrics.value("javisor_state", "machine=\"web\",state=\"paused\""));
        assertEquals(0, metrics.value("javisor_device_reads_total", "machine=\"web\",device=\"disk0\""));
        assertEquals(0, metrics.value("javisor_queue_chains_total", "machine=\"web\",device=\"disk0\",queue=\"0\""));
        assertTrue(metrics.value("javisor_process_resident_memory_bytes", "machine=\"web\"") > 1 << 20);
        assertTrue(metrics.value("javisor_process_cpu_seconds_total", "machine=\"web\"") > 0);
        assertEquals(1, metrics.value("javisor_engine_info", "machine=\"web\",engine=\"" + engine.name() + "\""));
        assertTrue(metrics.value("javisor_vcpu_port_writes_total", "machine=\"web\",vcpu=\"0\"") >= 0);
    }

    @MachineTest
    void itIsPausedResumedAndStopped(EngineProvider engine) throws Exception {
        Machine running = start(engine);
        Await.until("dots", () -> Dots.of(running) > 0);
        refused(409, "PUT", "state", "{\"state\":\"running\"}", "machine web is running");
        assertEquals(
                "{\"state\":\"paused\"}",
                send("PUT", "state", "{\"state\":\"paused\"}").body());
        long dots = Dots.of(running);
        refused(409, "PUT", "state", "{\"state\":\"paused\"}", "machine web is paused");
        assertEquals("paused", get("machine").get("state").stringValue());
        Thread.sleep(50);
        assertEquals(dots, Dots.of(running));
        assertEquals(
                "{\"state\":\"running\"}",
                send("PUT", "state", "{\"state\":\"running\"}").body());
        Await.until("more dots", () -> Dots.of(running) > dots);
        assertEquals(
                "{\"state\":\"stopped\"}",
                send("PUT", "state", "{\"state\":\"stopped\"}").body());
        for (String state : List.of("running", "paused", "stopped")) {
            refused(409, "PUT", "state", "{\"state\":\"" + state + "\"}", "machine web is stopped");
        }
        refused(409, "POST", "power-button", "", "machine web is stopped");
        refused(409, "PATCH", "disks/disk0", "{\"sizeBytes\":4194304}", "machine web is stopped");
        refused(409, "PATCH", "balloon", "{\"sizeBytes\":4096}", "machine web is stopped");
        assertNotNull(running.await(0));
        assertEquals("stopped", get("machine").get("state").stringValue());
        Schemas.check("statistics.schema.json", get("statistics"));
    }

    @MachineTest
    void nobodyListensToTheButtonOfATinyGuest(EngineProvider engine) throws Exception {
        Machine _ = start(engine);
        assertEquals("{\"listening\":false}", send("POST", "power-button", "").body());
    }

    @MachineTest
    void aDiskGrows(EngineProvider engine) throws Exception {
        Machine _ = start(engine);
        assertEquals(
                "{\"id\":\"disk0\",\"sizeBytes\":2097152}",
                send("PATCH", "disks/disk0", "{\"sizeBytes\":2097152}").body());
        assertEquals(2 << 20, Files.size(directory.resolve("disk.img")));
        refused(400, "PATCH", "disks/disk0", "{\"sizeBytes\":1048576}", "can only grow");
        refused(400, "PATCH", "disks/disk0", "{\"sizeBytes\":2097153}", "in units of 512");
        refused(404, "PATCH", "disks/disk7", "{\"sizeBytes\":2097152}", "no disk 'disk7'; this machine has disk0");
    }

    @MachineTest
    void theBalloonGetsAnotherSize(EngineProvider engine) throws Exception {
        Machine _ = start(engine);
        for (long sizeBytes : new long[] {1 << 20, 0}) {
            String body = "{\"sizeBytes\":" + sizeBytes + "}";
            assertEquals(body, send("PATCH", "balloon", body).body());
            assertEquals(sizeBytes, get("machine").at("/balloon/targetBytes").longValue());
        }
        refused(400, "PATCH", "balloon", "{\"sizeBytes\":4097}", "a multiple of 4K, and no more than there is");
        refused(400, "PATCH", "balloon", "{\"sizeBytes\":1099511627776}", "no more than there is");
    }

    @MachineTest
    void aMachineWithoutABalloonSaysSo(EngineProvider engine) throws Exception {
        MachineConfig config = MachineConfig.builder(DotKernel.writeTo(directory))
                .name("web")
                .accel(Accel.parse(engine.name()))
                .memoryBytes((long) DotKernel.MEMORY_MIB << 20)
                .serial(List.of(new SerialSink.Null()))
                .build();
        machine = Machine.create(config, Console.standard());
        machine.start();
        refused(404, "PATCH", "balloon", "{\"sizeBytes\":4096}", "this machine has no balloon");
    }
}
