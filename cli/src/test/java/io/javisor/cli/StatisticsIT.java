package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.host.HostConstants;
import io.javisor.testkit.Await;
import io.javisor.testkit.guest.TinyKernel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code --stats}, with the launcher and a real guest that a user ends. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class StatisticsIT {
    @TempDir
    private Path directory = Path.of("");

    @Test
    void everyDeviceIsListedWhenTheUserEndsIt() throws Exception {
        Path com1 = directory.resolve("com1");
        List<String> command = new ArrayList<>(List.of(Checkout.LAUNCHER.toString(), "run", "--stats=json"));
        command.addAll(List.of("--memory", TinyKernel.MEMORY_MIB + "M", "--serial", "file:" + com1, "--rng", "on"));
        command.addAll(List.of("--kernel", TinyKernel.writeTo(directory).toString()));
        try (Program program = Program.start(command)) {
            Await.until(() -> "no output of the guest", () -> com1.toFile().length() == 6);
            program.process().destroy();
            Program.Result result = program.awaitEnd(Await.TIMEOUT_SECONDS);
            assertEquals(ExitStatus.SIGNAL + HostConstants.SIGTERM, result.status(), result::toString);
            assertTrue(result.err().startsWith(AutoEngine.SAID), result::toString);
            String statistics = result.err().substring(AutoEngine.SAID.length());
            JsonNode devices = JsonMapper.shared().readTree(statistics).path("devices");
            JsonNode port = device(devices, "com1");
            assertEquals(6, port.path("counters").path("written_bytes").asInt());
            assertEquals(6, port.path("counters").path("transmitted_bytes").asInt());
            JsonNode rng = device(devices, "rng0");
            assertEquals(0, rng.path("counters").path("requests").asInt(-1));
            assertEquals(0, rng.path("queues").path(0).path("chains").asInt(-1));
            for (String id : List.of("ports", "device-memory", "i8042", "port92", "pvpanic", "rtc", "acpi-pm")) {
                assertFalse(device(devices, id).isMissingNode(), id);
            }
        }
    }

    private static JsonNode device(JsonNode devices, String id) {
        for (JsonNode device : devices) {
            if (device.path("id").asString("").equals(id)) {
                return device;
            }
        }
        return devices.path(id);
    }
}
