package io.javisor.api.firecracker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.api.Schemas;
import io.javisor.core.engine.EngineProvider;
import io.javisor.machine.config.ConfigException;
import io.javisor.testkit.junit.MachineTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class VmConfigFileTest extends FirecrackerFixture {
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
                "{\"boot-source\":{\"kernel_image_path\":\"KERNEL\"},\"vsock\":{\"guest_cid\":3}} | \"vsock\" lacks"
                        + " \"uds_path\"",
                "{\"boot-source\":{\"kernel_image_path\":\"KERNEL\"},\"colour\":1} | unknown field \"colour\"",
                "{\"boot-source\":{\"kernel_image_path\":\"KERNEL\"},\"drives\":{}} | must be a list of objects",
                "{\"boot-source\":{\"kernel_image_path\":\"KERNEL\"},\"drives\":[1]} | must be a list of objects, not"
                        + " the number 1",
            })
    void aFileThatIsWrongIsNamed(String text, String reason) throws IOException {
        Path file = write(text);
        ConfigException refusal = assertThrows(ConfigException.class, () -> VmConfigFile.start(file, routes()));
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
                    + "\"vsock\":{\"guest_cid\":5,\"uds_path\":\"DIR/v.sock\"},\"pmem\":[],\"logger\":{\"log_path\":\"DIR/log\"},\"metrics\":{\"metrics_path\":\"DIR/m\"},\"entropy\":{}}");
        VmConfigFile.start(file, routes());
        assertEquals("Running", get("/").get("state").stringValue());
        JsonNode whole = get("/vm/config");
        Schemas.check("firecracker-config.schema.json", whole);
        assertEquals(2, whole.at("/machine-config/vcpu_count").intValue());
        assertEquals(fill("DIR/m"), whole.at("/metrics/metrics_path").stringValue());
        assertEquals(5, whole.at("/vsock/guest_cid").intValue());
        refused("PATCH", "/vm", "{\"state\":\"\"}", "one of Paused, Resumed");
    }
}
