package io.javisor.api.firecracker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.api.Fault;
import io.javisor.api.Schemas;
import io.javisor.api.control.Dots;
import io.javisor.core.engine.EngineProvider;
import io.javisor.machine.Machine;
import io.javisor.machine.Outcome;
import io.javisor.testkit.Await;
import io.javisor.testkit.junit.MachineTest;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What is said once a machine is to run. */
class FirecrackerMachineTest extends FirecrackerFixture {
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

        // Another file in the place of its name is none of its business, but it is not what a client takes it for.
        Files.write(disk, new byte[2 << 20]);
        Path own = Files.move(disk, directory.resolve("own"));
        Files.write(disk, new byte[4 << 20]);
        done("PATCH", "/drives/d", "{\"drive_id\":\"d\"}");
        assertEquals(2 << 20, Files.size(own));
        String byPath = "{\"drive_id\":\"d\",\"path_on_host\":\"DISK\"}";
        refused("PATCH", "/drives/d", byPath, "is another file by now; a disk keeps the one that it has open");
        Files.delete(disk);
        refused("PATCH", "/drives/d", byPath, "can't be found any more");
        Files.createSymbolicLink(disk, own);
        done("PATCH", "/drives/d", byPath);
    }

    @MachineTest
    void aBalloonIsAskedForMemory(EngineProvider engine) throws Exception {
        useEngine(engine);
        done("PUT", "/balloon", "{\"amount_mib\":1,\"deflate_on_oom\":true,\"stats_polling_interval_s\":1}");
        startTiny();
        refused("PUT", "/balloon", "{}", AFTER_START);
        done("PATCH", "/balloon", "{\"amount_mib\":0}");
        done("PATCH", "/balloon", "{\"amount_mib\":2}");
        assertEquals(2, get("/balloon").get("amount_mib").intValue());
        refused("PATCH", "/balloon", "{\"amount_mib\":1048576}", "no more than there is");
        done("PATCH", "/balloon/statistics", "{\"stats_polling_interval_s\":7}");
        assertEquals(7, get("/balloon").get("stats_polling_interval_s").intValue());
        refused("PATCH", "/balloon/statistics", "{\"stats_polling_interval_s\":0}", "switched on or off");
        // Its guest has no driver.
        assertEquals(
                "{\"target_pages\":512,\"actual_pages\":0,\"target_mib\":2,\"actual_mib\":0}",
                get("/balloon/statistics").toString());
        assertEquals(
                2 << 20, get("/javisor/v1/machine").at("/balloon/targetBytes").intValue());
    }

    @MachineTest
    void socketsAreThereWhileItRuns(EngineProvider engine) throws Exception {
        useEngine(engine);
        Path socket = directory.resolve("v.sock");
        done("PUT", "/metrics", "{\"metrics_path\":\"DIR/metrics\"}");
        done("PUT", "/vsock", "{\"guest_cid\":9,\"uds_path\":\"DIR/v.sock\"}");
        assertFalse(Files.exists(socket));
        startTiny();
        refused("PUT", "/vsock", "{}", AFTER_START);
        assertEquals(9, get("/javisor/v1/machine").at("/vsock/guestCid").intValue());
        assertEquals(
                socket.toString(), get("/javisor/v1/machine").at("/vsock/path").stringValue());
        try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            int _ = client.write(ByteBuffer.wrap("CONNECT 52\n".getBytes(StandardCharsets.US_ASCII)));
            assertEquals(-1, client.read(ByteBuffer.allocate(1)), "its guest has no driver");
        }
        vm().close();
        assertFalse(Files.exists(socket));
        JsonNode line = JsonMapper.shared()
                .readTree(Files.readAllLines(directory.resolve("metrics")).getLast());
        Schemas.check("firecracker-metrics.schema.json", line);
        assertEquals(0, line.at("/vsock/conns_added").longValue());
        assertEquals(0, line.at("/vsock/muxer_event_fails").longValue());
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
        assertTrue(first.at("/vcpu/exit_io_out").longValue() > 10);
        assertEquals(0, first.at("/block_d/read_count").longValue());
        assertEquals(1, first.at("/put_api_requests/boot_source_count").longValue());
        assertEquals(1, first.at("/put_api_requests/metrics_fails").longValue());
        assertEquals(0, second.at("/put_api_requests/boot_source_count").longValue());
        assertEquals(1, second.at("/put_api_requests/actions_count").longValue());
        vm().close();
        assertEquals(3, Files.readAllLines(directory.resolve("metrics")).size());
        assertThrows(Fault.class, () -> send("PUT", "/actions", "{\"action_type\":\"FlushMetrics\"}"));
    }
}
