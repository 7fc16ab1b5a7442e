package io.javisor.api.firecracker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.api.Schemas;
import io.javisor.machine.config.BalloonConfig;
import io.javisor.machine.config.KernelOptions;
import io.javisor.machine.config.MachineConfig;
import io.javisor.machine.config.MachineTables;
import io.javisor.machine.config.NamedDevice;
import io.javisor.machine.config.VsockConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** What is said before the start. */
class FirecrackerRoutesTest extends FirecrackerFixture {
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
                "PUT /metrics                | {\"metrics_path\":\"a\\u0000\"} | \"metrics_path\" has a NUL",
                "PUT /metrics                | {\"metrics_path\":\"DIR/\\ud800\"} | is no path",
                "PUT /logger                 | {\"log_path\":\"DIR\"} | can't be written",
                "PUT /logger                 | {\"log_path\":\"a\\u0000\"} | \"log_path\" has a NUL",
                "PUT /logger                 | {\"log_path\":\"DIR/\\ud800\"} | is no path",
                "PUT /logger                 | {\"level\":\"Loud\"} | \"level\" must be one of",
            })
    void whatIsWrongIsNamed(String request, String body, String reason) {
        String[] words = request.split(" ", 2);
        refused(words[0], words[1], body, reason);
    }

    @ParameterizedTest
    @CsvSource({
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
        assertEquals(
                "console=ttyS0 acpi=off root=/dev/vda rw -- a",
                config.boot().options().commandLine());
        assertEquals(MachineTables.MP, config.tables());
        assertFalse(config.restartOnReset());
        assertEquals(3, config.cpus().count());
        assertEquals(32 << 20, config.memory().sizeBytes());
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
    void aBalloonIsDescribed() throws Exception {
        refused("GET", "/balloon", "", "there is no balloon");
        refused("PUT", "/balloon", "{\"amount_mib\":4}", "deflate_on_oom");
        refused("PUT", "/balloon", "{\"amount_mib\":-1,\"deflate_on_oom\":true}", "amount_mib");
        refused(
                "PUT",
                "/balloon",
                "{\"amount_mib\":4,\"deflate_on_oom\":true,\"free_page_hinting\":true}",
                "free_page_hinting");
        done("PUT", "/balloon", "{\"amount_mib\":4,\"deflate_on_oom\":false}");
        assertEquals(
                "{\"amount_mib\":4,\"deflate_on_oom\":false,\"stats_polling_interval_s\":0,"
                        + "\"free_page_hinting\":false,\"free_page_reporting\":false}",
                get("/balloon").toString());
        done(
                "PUT",
                "/balloon",
                "{\"amount_mib\":8,\"deflate_on_oom\":true,\"stats_polling_interval_s\":3,"
                        + "\"free_page_reporting\":true}");
        done("PUT", "/boot-source", "{\"kernel_image_path\":\"KERNEL\"}");
        assertEquals(
                List.of(new NamedDevice("balloon0", new BalloonConfig(8 << 20, true, true, 3))), config().devices());
        Schemas.check("firecracker-config.schema.json", get("/vm/config"));
        refused("PATCH", "/balloon", "{\"amount_mib\":4}", "before the microVM is started");
        refused("PATCH", "/balloon/statistics", "{\"stats_polling_interval_s\":1}", "before the microVM is started");
        refused("GET", "/balloon/statistics", "", "before the microVM is started");
    }

    @Test
    void socketsAreDescribed() throws Exception {
        refused("PUT", "/vsock", "{\"guest_cid\":3}", "lacks \"uds_path\"");
        refused("PUT", "/vsock", "{\"uds_path\":\"v\"}", "lacks \"guest_cid\"");
        refused("PUT", "/vsock", "{\"guest_cid\":2,\"uds_path\":\"v\"}", "must be 3 to 4294967294, not the number 2");
        refused("PUT", "/vsock", "{\"guest_cid\":4294967295,\"uds_path\":\"v\"}", "must be 3 to 4294967294");
        refused("PUT", "/vsock", "{\"guest_cid\":3,\"uds_path\":\"\"}", "\"uds_path\" is empty");
        refused("PUT", "/vsock", "{\"guest_cid\":3,\"uds_path\":\"" + "v".repeat(97) + "\"}", "at most 96");
        refused("PUT", "/vsock", "{\"guest_cid\":3,\"uds_path\":\"v\",\"port\":1}", "unknown field \"port\"");
        refused("GET", "/vsock", "", "invalid request method and/or path: GET /vsock");
        refused("PUT", "/vsock/1", "{\"guest_cid\":3,\"uds_path\":\"v\"}", "invalid request method and/or path");
        done("PUT", "/vsock", "{\"vsock_id\":\"old one\",\"guest_cid\":7,\"uds_path\":\"DIR/w\"}");
        done("PUT", "/vsock", "{\"guest_cid\":3,\"uds_path\":\"./v.sock\"}");
        done("PUT", "/boot-source", "{\"kernel_image_path\":\"KERNEL\"}");
        assertEquals(List.of(new NamedDevice("vsock0", new VsockConfig(3, Path.of("./v.sock")))), config().devices());
        JsonNode whole = get("/vm/config");
        Schemas.check("firecracker-config.schema.json", whole);
        assertEquals(
                "{\"guest_cid\":3,\"uds_path\":\"./v.sock\"}",
                whole.get("vsock").toString());
    }

    @Test
    void devicesHaveTheIdsOfTheirClient() throws Exception {
        done("PUT", "/boot-source", "{\"kernel_image_path\":\"KERNEL\"}");
        for (String id : List.of("a", "com1")) {
            done(
                    "PUT",
                    "/drives/" + id,
                    "{\"drive_id\":\"" + id + "\",\"is_root_device\":false,\"path_on_host\":\"DISK\"}");
        }
        done("PUT", "/network-interfaces/a", "{\"iface_id\":\"a\",\"host_dev_name\":\"tap7\"}");
        done("PUT", "/entropy", "{}");
        // A drive and a card may have one id there, but not here.
        assertEquals(
                List.of("a", "disk-com1", "net-a", "rng0"),
                config().devices().stream().map(NamedDevice::id).toList());
    }

    @Test
    void aRootMayBeAPartitionAndReadOnly() throws Exception {
        done("PUT", "/boot-source", "{\"kernel_image_path\":\"KERNEL\"}");
        done(
                "PUT",
                "/drives/r",
                "{\"drive_id\":\"r\",\"is_root_device\":true,\"path_on_host\":\"DISK\","
                        + "\"is_read_only\":true,\"partuuid\":\"0eaa91a0-01\"}");
        assertEquals(
                KernelOptions.DEFAULT_COMMAND_LINE + " root=PARTUUID=0eaa91a0-01 ro",
                config().boot().options().commandLine());
        assertEquals(MachineTables.ACPI_AND_MP, config().tables());
        refused(
                "PUT",
                "/drives/s",
                "{\"drive_id\":\"s\",\"is_root_device\":true,\"path_on_host\":\"DISK\"}",
                "drive r is the root device already");
        done("PUT", "/drives/r", "{\"drive_id\":\"r\",\"is_root_device\":true,\"path_on_host\":\"DISK\"}");
        assertEquals(
                KernelOptions.DEFAULT_COMMAND_LINE + " root=/dev/vda rw",
                config().boot().options().commandLine());
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
}
