package io.javisor.api.firecracker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.api.Fault;
import io.javisor.api.Request;
import io.javisor.api.Response;
import io.javisor.api.Schemas;
import io.javisor.api.control.Dots;
import io.javisor.core.engine.EngineProvider;
import io.javisor.machine.Accel;
import io.javisor.machine.ConfigException;
import io.javisor.machine.Machine;
import io.javisor.machine.MachineConfig;
import io.javisor.machine.Outcome;
import io.javisor.testkit.Await;
import io.javisor.testkit.guest.DotKernel;
import io.javisor.testkit.junit.MachineTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class FirecrackerRoutesTest {
    private static final String AFTER_START = "is not supported after the microVM has been started";

    @TempDir
    private Path directory = Path.of("");

    private final NullConsole devNull = new NullConsole();
    private Path kernel = Path.of("");
    private Path disk = Path.of("");
    private @Nullable MicroVm vm;
    private @Nullable FirecrackerRoutes routes;

    @BeforeEach
    void makeFiles() throws IOException {
        kernel = DotKernel.writeTo(directory);
        disk = Files.write(directory.resolve("disk.img"), new byte[1 << 20]);
        use(new MicroVm("fc_1", "1.2.3", devNull.console()));
    }

    private void use(MicroVm made) {
        vm = made;
        routes = new FirecrackerRoutes(made);
    }

    /** Before the first request: the microVM runs by {@code engine}. */
    private void useEngine(EngineProvider engine) {
        vm().close();
        use(new MicroVm("fc_1", "1.2.3", devNull.console(), Accel.parse(engine.name())));
    }

    @AfterEach
    void close() {
        vm().close();
        devNull.close();
    }

    private MicroVm vm() {
        return Objects.requireNonNull(vm);
    }

    private Response send(String method, String path, String body) throws InterruptedException {
        return Objects.requireNonNull(routes).handle(new Request(method, path, fill(body)));
    }

    /** With the files' names in the place of KERNEL, DISK and DIR. */
    private String fill(String body) {
        return body.replace("KERNEL", kernel.toString())
                .replace("DISK", disk.toString())
                .replace("DIR", directory.toString());
    }

    private void done(String method, String path, String body) throws InterruptedException {
        assertEquals(Response.noContent(), send(method, path, body));
    }

    private void refused(String method, String path, String body, String reason) {
        Fault fault = assertThrows(Fault.class, () -> send(method, path, body), () -> method + path + body);
        assertEquals(400, fault.status());
        assertTrue(fault.toString().contains(reason), fault::toString);
        assertEquals(1, fault.toString().lines().count());
    }

    private JsonNode get(String path) throws InterruptedException {
        return JsonMapper.shared().readTree(send("GET", path, "").body());
    }

    private MachineConfig config() {
        return vm().resources().toConfig("fc_1");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "GET /nothing                | ``   | invalid request method and/or path: GET /nothing",
                "GET /machine-config/1       | ``   | invalid request method and/or path",
                "GET /vm                     | ``   | invalid request method and/or path",
                "GET /actions                | ``   | invalid request method and/or path",
                "PUT /nothing                | {}   | invalid request method and/or path",
                "PUT /drives                 | {}   | invalid request method and/or path",
                "PUT /drives/a/b             | {}   | invalid request method and/or path",
                "PUT /version                | {}   | invalid request method and/or path",
                "PATCH /boot-source          | {}   | invalid request method and/or path",
                "DELETE /drives/a            | ``   | invalid request method and/or path",
                "POST /actions               | {}   | invalid request method and/or path",
                "GET /                       | {}   | a GET request has no body",
                "PUT /actions                | ``   | empty PUT request",
                "PATCH /vm                   | ``   | empty PATCH request",
                "PUT /actions                | [1]  | must be a JSON object, not a list",
                "PUT /actions                | {    | is not JSON",
                "PUT /actions                | {}   | lacks \"action_type\"",
                "PUT /actions                | {\"action_type\":\"Fly\"} | one of FlushMetrics, InstanceStart,"
                        + " SendCtrlAltDel, not \"Fly\"",
                "PUT /actions                | {\"action_type\":\"InstanceStart\"} | nothing to boot: PUT /boot-source"
                        + " first",
                "PUT /actions                | {\"action_type\":\"FlushMetrics\"} | PUT /metrics first",
                "PUT /actions                | {\"action_type\":\"SendCtrlAltDel\"} | is not supported before the"
                        + " microVM is started",
                "PATCH /vm                   | {\"state\":\"Resumed\"} | is not supported before the microVM is"
                        + " started",
                "PATCH /vm                   | {\"state\":\"Running\"} | one of Paused, Resumed",
                "PATCH /drives/a             | {\"drive_id\":\"a\"} | is not supported before the microVM is started",
                "PATCH /network-interfaces/a | {\"iface_id\":\"a\"} | no rate limits",
                "PUT /boot-source            | {}   | lacks \"kernel_image_path\"",
                "PUT /boot-source            | {\"kernel_image_path\":7} | must be a string, not the number 7",
                "PUT /boot-source            | {\"kernel_image_path\":\"\"} | is empty",
                "PUT /boot-source            | {\"kernel_image_path\":\"DIR/none\"} | does not exist",
                "PUT /boot-source            | {\"kernel_image_path\":\"DIR\"} | is a directory",
                "PUT /boot-source            | {\"kernel_image_path\":\"KERNEL\",\"initrd_path\":\"DIR/none\"} |"
                        + " \"initrd_path\"",
                "PUT /boot-source            | {\"kernel_image_path\":\"KERNEL\",\"bootargs\":\"\"} | unknown field"
                        + " \"bootargs\"; it may have",
                "PUT /boot-source            | {\"kernel_image_path\":\"a\\u0000b\"} | NUL character",
                "PUT /boot-source            | {\"kernel_image_path\":\"\\ud83d\"} | is no path",
                "PATCH /machine-config       | {}   | empty PATCH request",
                "PUT /machine-config         | {\"vcpu_count\":1} | lacks \"mem_size_mib\"",
                "PUT /machine-config         | {\"mem_size_mib\":128} | lacks \"vcpu_count\"",
                "PUT /machine-config         | {\"vcpu_count\":0,\"mem_size_mib\":128} | \"vcpu_count\" must be 1 to"
                        + " 32, not the number 0",
                "PUT /machine-config         | {\"vcpu_count\":33,\"mem_size_mib\":128} | must be 1 to 32",
                "PUT /machine-config         | {\"vcpu_count\":1.5,\"mem_size_mib\":128} | a whole number",
                "PUT /machine-config         | {\"vcpu_count\":\"2\",\"mem_size_mib\":128} | a whole number, not the"
                        + " string",
                "PUT /machine-config         | {\"vcpu_count\":1,\"mem_size_mib\":1} | at least 2M",
                "PUT /machine-config         | {\"vcpu_count\":1,\"mem_size_mib\":-5} | must be 1 to",
                "PUT /machine-config         | {\"vcpu_count\":1,\"mem_size_mib\":128,\"smt\":true} | one thread each",
                "PUT /machine-config         | {\"vcpu_count\":1,\"mem_size_mib\":128,\"smt\":\"no\"} | must be true"
                        + " or false",
                "PUT /machine-config         | {\"vcpu_count\":1,\"mem_size_mib\":128,\"track_dirty_pages\":true} | no"
                        + " snapshots",
                "PUT /machine-config         | {\"vcpu_count\":1,\"mem_size_mib\":128,\"cpu_template\":\"T2\"} | T2 is"
                        + " not supported",
                "PUT /machine-config         | {\"vcpu_count\":1,\"mem_size_mib\":128,\"huge_pages\":\"1G\"} | one of"
                        + " None, Transparent, 2M",
                "PUT /machine-config         | {\"vcpu_count\":1,\"mem_size_mib\":127,\"huge_pages\":\"2M\"} | must be"
                        + " even",
                "PATCH /machine-config       | {\"cpus\":1} | unknown field",
                "PUT /drives/a               | {\"is_root_device\":false,\"path_on_host\":\"DISK\"} | lacks"
                        + " \"drive_id\"",
                "PUT /drives/a               | {\"drive_id\":\"b\",\"is_root_device\":false,\"path_on_host\":\"DISK\"}"
                        + " | the path says otherwise",
                "PUT /drives/a-b             |"
                        + " {\"drive_id\":\"a-b\",\"is_root_device\":false,\"path_on_host\":\"DISK\"} | letters, digits"
                        + " and underscores",
                "PUT /drives/a               | {\"drive_id\":\"a\",\"path_on_host\":\"DISK\"} | lacks"
                        + " \"is_root_device\"",
                "PUT /drives/a               | {\"drive_id\":\"a\",\"is_root_device\":false} | lacks \"path_on_host\"",
                "PUT /drives/a               |"
                    + " {\"drive_id\":\"a\",\"is_root_device\":false,\"path_on_host\":\"DIR/none\"} | does not exist",
                "PUT /drives/a               | {\"drive_id\":\"a\",\"is_root_device\":false,\"socket\":\"s\"} |"
                        + " vhost-user-block",
                "PUT /drives/a               |"
                    + " {\"drive_id\":\"a\",\"is_root_device\":true,\"path_on_host\":\"DISK\",\"partuuid\":\"x y\"} |"
                    + " partuuid",
                "PUT /drives/a               |"
                    + " {\"drive_id\":\"a\",\"is_root_device\":true,\"path_on_host\":\"DISK\",\"cache_type\":\"None\"}"
                    + " | one of Unsafe, Writeback",
                "PUT /drives/a               |"
                    + " {\"drive_id\":\"a\",\"is_root_device\":true,\"path_on_host\":\"DISK\",\"rate_limiter\":{\"ops\":{\"size\":1}}}"
                    + " | \"ops\" lacks \"refill_time\"",
                "PUT /drives/a               |"
                    + " {\"drive_id\":\"a\",\"is_root_device\":true,\"path_on_host\":\"DISK\",\"rate_limiter\":{\"iops\":1}}"
                    + " | unknown field \"iops\"",
                "PUT /network-interfaces/n   | {\"iface_id\":\"n\"} | lacks \"host_dev_name\"",
                "PUT /network-interfaces/n   | {\"iface_id\":\"n\",\"host_dev_name\":\"a/b\"} | is no name of an"
                        + " interface",
                "PUT /network-interfaces/n   | {\"iface_id\":\"n\",\"host_dev_name\":\"t\",\"guest_mac\":\"x\"} |"
                        + " network interface n",
                "PUT /network-interfaces/n   |"
                    + " {\"iface_id\":\"n\",\"host_dev_name\":\"t\",\"guest_mac\":\"01:00:00:00:00:01\"} | a group's"
                    + " address",
                "PUT /network-interfaces/n   | {\"iface_id\":\"n\",\"host_dev_name\":\"t\",\"mtu\":67} | must be 68 to"
                        + " 65535",
                "PUT /network-interfaces/n   |"
                    + " {\"iface_id\":\"n\",\"host_dev_name\":\"t\",\"rx_rate_limiter\":{\"ops\":{\"size\":1,\"refill_time\":1}}}"
                    + " | no such limit",
                "PUT /entropy                | {\"rate_limiter\":{\"ops\":{\"size\":1,\"refill_time\":1}}} | a limit"
                        + " of bytes only",
                "PUT /entropy                | {\"rate\":1} | unknown field",
                "PUT /metrics                | {} | lacks \"metrics_path\"",
                "PUT /metrics                | {\"metrics_path\":\"DIR/none/m\"} | can't be written",
                "PUT /logger                 | {\"log_path\":\"DIR\"} | can't be written",
                "PUT /logger                 | {\"level\":\"Loud\"} | \"level\" must be one of",
            })
    void whatIsWrongIsNamed(String request, String body, String reason) {
        String[] words = request.split(" ", 2);
        refused(words[0], words[1], body, reason);
    }

    @ParameterizedTest
    @CsvSource({
        "GET,/balloon,balloon device",
        "PUT,/balloon,balloon device",
        "PATCH,/balloon,balloon device",
        "GET,/balloon/statistics,balloon",
        "PATCH,/balloon/statistics,balloon",
        "PATCH,/balloon/hinting/start,balloon",
        "PATCH,/balloon/hinting/stop,balloon",
        "GET,/balloon/hinting/status,balloon",
        "PUT,/cpu-config,CPU configuration",
        "PUT,/pmem/a,persistent-memory",
        "PATCH,/pmem/a,persistent-memory",
        "GET,/mmds,metadata",
        "PUT,/mmds,metadata",
        "PATCH,/mmds,metadata",
        "PUT,/mmds/config,metadata",
        "PUT,/serial,serial port",
        "PUT,/hotplug/memory,memory",
        "PATCH,/hotplug/memory,memory",
        "GET,/hotplug/memory,memory",
        "PUT,/snapshot/create,snapshots",
        "PUT,/snapshot/load,snapshots",
        "PUT,/vsock,vsock",
    })
    void operationsWithoutADeviceSaySo(String method, String path, String missing) {
        refused(method, path, method.equals("GET") ? "" : "{}", "is not supported: javisor has ");
        refused(method, path, method.equals("GET") ? "" : "{}", missing);
    }

    @Test
    void anInstanceThatIsNotStartedIsDescribed() throws Exception {
        JsonNode info = get("/");
        Schemas.check("firecracker-instance.schema.json", info);
        assertEquals("Not started", info.get("state").stringValue());
        assertEquals("fc_1", info.get("id").stringValue());
        assertEquals(
                "{\"firecracker_version\":\"1.2.3\"}",
                send("GET", "/version/", "").body());
        JsonNode size = get("/machine-config");
        assertEquals(1, size.get("vcpu_count").intValue());
        assertEquals(128, size.get("mem_size_mib").intValue());
        Schemas.check("firecracker-config.schema.json", get("/vm/config"));
    }

    @Test
    void theMachineIsWhatWasSaid() throws Exception {
        done("PUT", "/boot-source", "{\"kernel_image_path\":\"KERNEL\",\"boot_args\":\"console=ttyS0 acpi=off -- a\"}");
        done(
                "PUT",
                "/machine-config",
                "{\"vcpu_count\":3,\"mem_size_mib\":64,\"smt\":false,\"huge_pages\":\"Transparent\"}");
        done("PATCH", "/machine-config", "{\"mem_size_mib\":32,\"cpu_template\":\"None\"}");
        done(
                "PUT",
                "/drives/data",
                "{\"drive_id\":\"data\",\"is_root_device\":false,\"path_on_host\":\"KERNEL\","
                        + "\"is_read_only\":true,\"cache_type\":\"Writeback\",\"io_engine\":\"Async\"}");
        done(
                "PUT",
                "/drives/root",
                "{\"drive_id\":\"root\",\"is_root_device\":true,\"path_on_host\":\"DISK\","
                        + "\"rate_limiter\":{\"bandwidth\":{\"size\":1000,\"refill_time\":100,\"one_time_burst\":5},"
                        + "\"ops\":{\"size\":7,\"refill_time\":1000}}}");
        done(
                "PUT",
                "/network-interfaces/eth0",
                "{\"iface_id\":\"eth0\",\"host_dev_name\":\"tap7\","
                        + "\"guest_mac\":\"06:00:00:00:00:01\",\"mtu\":1400}");
        done("PUT", "/entropy", "{\"rate_limiter\":{\"bandwidth\":{\"size\":10,\"refill_time\":500}}}");
        MachineConfig config = config();
        assertEquals("console=ttyS0 acpi=off root=/dev/vda rw -- a", config.commandLine());
        assertFalse(config.acpi());
        assertFalse(config.restartOnReset());
        assertEquals(3, config.cpus());
        assertEquals(32 << 20, config.memoryBytes());
        assertEquals(
                List.of(
                        disk + ",cache=unsafe,iops=7,bandwidth=9.765625K",
                        kernel + ",readonly",
                        "tap,ifname=tap7,mtu=1400,mac=06:00:00:00:00:01",
                        "RngConfig[bytesPerSecond=20]"),
                config.virtio().stream().map(Object::toString).toList());
        JsonNode whole = get("/vm/config");
        Schemas.check("firecracker-config.schema.json", whole);
        assertEquals("root", whole.at("/drives/0/drive_id").stringValue());
    }

    @Test
    void aRootMayBeAPartitionAndReadOnly() throws Exception {
        done("PUT", "/boot-source", "{\"kernel_image_path\":\"KERNEL\"}");
        done(
                "PUT",
                "/drives/r",
                "{\"drive_id\":\"r\",\"is_root_device\":true,\"path_on_host\":\"DISK\","
                        + "\"is_read_only\":true,\"partuuid\":\"0eaa91a0-01\"}");
        assertEquals(MachineConfig.DEFAULT_COMMAND_LINE + " root=PARTUUID=0eaa91a0-01 ro", config().commandLine());
        assertTrue(config().acpi());
        refused(
                "PUT",
                "/drives/s",
                "{\"drive_id\":\"s\",\"is_root_device\":true,\"path_on_host\":\"DISK\"}",
                "drive r is the root device already");
        done("PUT", "/drives/r", "{\"drive_id\":\"r\",\"is_root_device\":true,\"path_on_host\":\"DISK\"}");
        assertEquals(MachineConfig.DEFAULT_COMMAND_LINE + " root=/dev/vda rw", config().commandLine());
    }

    @Test
    void cardsDoNotShareATapOrAnAddress() throws Exception {
        done(
                "PUT",
                "/network-interfaces/a",
                "{\"iface_id\":\"a\",\"host_dev_name\":\"t\",\"guest_mac\":\"06:00:00:00:00:01\"}");
        refused("PUT", "/network-interfaces/b", "{\"iface_id\":\"b\",\"host_dev_name\":\"t\"}", "is on t already");
        refused(
                "PUT", "/network-interfaces/b",
                "{\"iface_id\":\"b\",\"host_dev_name\":\"u\",\"guest_mac\":\"06:00:00:00:00:01\"}", "has the address");
    }

    @Test
    void requestsAreLoggedWhereTheLoggerSays() throws Exception {
        done(
                "PUT",
                "/logger",
                "{\"log_path\":\"DIR/log\",\"level\":\"info\",\"show_level\":true,\"show_log_origin\":true}");
        JsonNode _ = get("/version");
        refused("PUT", "/actions", "{\"action_type\":\"InstanceStart\"}", "nothing to boot");
        done("PUT", "/logger", "{\"level\":\"Error\",\"module\":\"any\"}");
        JsonNode _ = get("/version");
        List<String> lines = Files.readAllLines(directory.resolve("log"));
        assertEquals(3, lines.size(), lines::toString);
        assertTrue(lines.get(1).endsWith(" [fc_1:INFO:api] GET /version: done"), lines::toString);
        assertTrue(lines.get(2).contains(":ERROR:api] PUT /actions: there is nothing to boot"), lines::toString);
    }

    private void startTiny() throws InterruptedException {
        done("PUT", "/boot-source", "{\"kernel_image_path\":\"KERNEL\"}");
        done("PUT", "/machine-config", "{\"vcpu_count\":1,\"mem_size_mib\":" + DotKernel.MEMORY_MIB + "}");
        done("PUT", "/drives/d", "{\"drive_id\":\"d\",\"is_root_device\":false,\"path_on_host\":\"DISK\"}");
        done("PUT", "/actions", "{\"action_type\":\"InstanceStart\"}");
    }

    @MachineTest
    void aMachineLives(EngineProvider engine) throws Exception {
        useEngine(engine);
        startTiny();
        Machine machine = vm().machine();
        assertNotNull(machine);
        assertEquals(machine, vm().awaitStart());
        assertEquals("Running", get("/").get("state").stringValue());
        done("PATCH", "/vm", "{\"state\":\"Paused\"}");
        done("PATCH", "/vm", "{\"state\":\"Paused\"}");
        assertEquals("Paused", get("/").get("state").stringValue());
        assertEquals("paused", get("/javisor/v1/machine").get("state").stringValue());
        long dots = Dots.of(machine);
        done("PATCH", "/vm", "{\"state\":\"Resumed\"}");
        done("PATCH", "/vm", "{\"state\":\"Resumed\"}");
        Await.until("more dots", () -> Dots.of(machine) > dots);
        done("PUT", "/actions", "{\"action_type\":\"SendCtrlAltDel\"}");
        for (String path :
                List.of("/boot-source", "/machine-config", "/entropy", "/drives/d", "/network-interfaces/n")) {
            refused("PUT", path, "{}", AFTER_START);
        }
        refused("PATCH", "/machine-config", "{}", AFTER_START);
        refused("PUT", "/actions", "{\"action_type\":\"InstanceStart\"}", AFTER_START);
        machine.powerOff();
        Outcome _ = machine.await();
        assertEquals("Not started", get("/").get("state").stringValue());
        refused("PATCH", "/vm", "{\"state\":\"Paused\"}", "the microVM has ended");
    }

    @MachineTest
    void aDriveGrowsWithItsFile(EngineProvider engine) throws Exception {
        useEngine(engine);
        startTiny();
        Files.write(disk, new byte[2 << 20]);
        done("PATCH", "/drives/d", "{\"drive_id\":\"d\",\"path_on_host\":\"DISK\"}");
        refused("PATCH", "/drives/d", "{\"drive_id\":\"d\",\"path_on_host\":\"KERNEL\"}", "keeps its file");
        refused("PATCH", "/drives/d", "{\"drive_id\":\"d\",\"rate_limiter\":{}}", "keeps its limits");
        refused("PATCH", "/drives/e", "{\"drive_id\":\"e\"}", "there is no drive e");
        refused("PATCH", "/drives/e", "{\"drive_id\":\"d\"}", "the path says otherwise");
        Files.write(disk, new byte[1 << 20]);
        refused("PATCH", "/drives/d", "{\"drive_id\":\"d\"}", "can only grow");
    }

    @MachineTest
    void ctrlAltDelNeedsAcpiOrAGuestThatListens(EngineProvider engine) throws Exception {
        useEngine(engine);
        done("PUT", "/boot-source", "{\"kernel_image_path\":\"KERNEL\",\"boot_args\":\"acpi=off\"}");
        done("PUT", "/actions", "{\"action_type\":\"InstanceStart\"}");
        refused("PUT", "/actions", "{\"action_type\":\"SendCtrlAltDel\"}", "acpi=off");
    }

    @MachineTest
    void whatCannotBeStartedCanBeMended(EngineProvider engine) throws Exception {
        useEngine(engine);
        Path junk = Files.writeString(directory.resolve("junk"), "no kernel at all");
        done("PUT", "/boot-source", "{\"kernel_image_path\":\"" + junk + "\"}");
        refused("PUT", "/actions", "{\"action_type\":\"InstanceStart\"}", "the microVM can't be started: ");
        assertEquals("Not started", get("/").get("state").stringValue());
        startTiny();
        assertEquals("Running", get("/").get("state").stringValue());
    }

    @MachineTest
    void metricsAreWhatCameSinceTheLastTime(EngineProvider engine) throws Exception {
        useEngine(engine);
        done("PUT", "/metrics", "{\"metrics_path\":\"DIR/metrics\"}");
        refused("PUT", "/metrics", "{\"metrics_path\":\"DIR/other\"}", "is set already");
        startTiny();
        Machine machine = Objects.requireNonNull(vm().machine());
        Await.until("dots", () -> Dots.of(machine) > 10);
        done("PUT", "/actions", "{\"action_type\":\"FlushMetrics\"}");
        refused("PUT", "/entropy", "{}", AFTER_START);
        done("PUT", "/actions", "{\"action_type\":\"FlushMetrics\"}");
        List<String> lines = Files.readAllLines(directory.resolve("metrics"));
        assertEquals(2, lines.size());
        JsonNode first = JsonMapper.shared().readTree(lines.get(0));
        JsonNode second = JsonMapper.shared().readTree(lines.get(1));
        Schemas.check("firecracker-metrics.schema.json", first);
        Schemas.check("firecracker-metrics.schema.json", second);
        assertTrue(first.at("/uart/write_count").longValue()
                        + first.at("/uart/missed_write_count").longValue()
                > 10);
        assertEquals(0, first.at("/block_d/read_count").longValue());
        assertEquals(1, first.at("/put_api_requests/boot_source_count").longValue());
        assertEquals(1, first.at("/put_api_requests/metrics_fails").longValue());
        assertEquals(0, second.at("/put_api_requests/boot_source_count").longValue());
        assertEquals(1, second.at("/put_api_requests/actions_count").longValue());
        vm().close();
        assertEquals(3, Files.readAllLines(directory.resolve("metrics")).size());
        assertThrows(Fault.class, () -> send("PUT", "/actions", "{\"action_type\":\"FlushMetrics\"}"));
    }

    private Path write(String text) throws IOException {
        return Files.writeString(directory.resolve("vm.json"), fill(text));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{}                                    | the file lacks \"boot-source\"",
                "[]                                    | must be a JSON object",
                "``                                    | must be a JSON object, not nothing",
                "{\"boot-source\":{}}                  | \"boot-source\" lacks \"kernel_image_path\"",
                "{\"boot-source\":{\"kernel_image_path\":\"KERNEL\"},\"vsock\":{\"guest_cid\":3}} | \"vsock\" is not"
                        + " supported: javisor has no vsock",
                "{\"boot-source\":{\"kernel_image_path\":\"KERNEL\"},\"colour\":1} | unknown field \"colour\"",
                "{\"boot-source\":{\"kernel_image_path\":\"KERNEL\"},\"drives\":{}} | must be a list of objects",
                "{\"boot-source\":{\"kernel_image_path\":\"KERNEL\"},\"drives\":[1]} | must be a list of objects, not"
                        + " the number 1",
            })
    void aFileThatIsWrongIsNamed(String text, String reason) throws IOException {
        Path file = write(text);
        ConfigException refusal =
                assertThrows(ConfigException.class, () -> VmConfigFile.start(file, Objects.requireNonNull(routes)));
        assertTrue(refusal.toString().contains("config " + file + ": "), refusal::toString);
        assertTrue(refusal.toString().contains(reason), refusal::toString);
    }

    @MachineTest
    void aFileStartsAMachine(EngineProvider engine) throws Exception {
        useEngine(engine);
        Path file = write(
                "{\"boot-source\":{\"kernel_image_path\":\"KERNEL\",\"boot_args\":null,\"initrd_path\":null},"
                    + "\"machine-config\":{\"vcpu_count\":2,\"mem_size_mib\":4},\"drives\":[{\"drive_id\":\"d\","
                    + "\"is_root_device\":true,\"path_on_host\":\"DISK\"}],\"network-interfaces\":[],\"balloon\":null,"
                    + "\"vsock\":{},\"logger\":{\"log_path\":\"DIR/log\"},\"metrics\":{\"metrics_path\":\"DIR/m\"},\"entropy\":{}}");
        VmConfigFile.start(file, Objects.requireNonNull(routes));
        assertEquals("Running", get("/").get("state").stringValue());
        JsonNode whole = get("/vm/config");
        Schemas.check("firecracker-config.schema.json", whole);
        assertEquals(2, whole.at("/machine-config/vcpu_count").intValue());
        assertEquals(fill("DIR/m"), whole.at("/metrics/metrics_path").stringValue());
        refused("PATCH", "/vm", "{\"state\":\"\"}", "one of Paused, Resumed");
    }
}
