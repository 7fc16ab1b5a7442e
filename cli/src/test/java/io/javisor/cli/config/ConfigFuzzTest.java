package io.javisor.cli.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.javisor.machine.config.ConfigException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Any text as a configuration: settings, or one {@link ConfigException} of one line. */
class ConfigFuzzTest {
    private static final Path DIRECTORY = Path.of("vms");

    static Stream<byte[]> seeds() {
        return Stream.of(
                        "{}",
                        """
                        {"$schema": "s", "name": "web-1", "kernel": "vmlinuz", "initrd": "/boot/initrd.img",
                         "commandLine": "console=ttyS0", "memory": "1.5G", "memoryBacking": "memfd,prefault=on",
                         "cpus": 2, "cpu": "host,-avx2", "bootProtocol": "linux64", "kaslr": true, "acpi": true,
                         "reboot": false}
                        """,
                        "{\"cpus\": 1e3}",
                        "{\"memory\": null, \"memory\": []}",
                        "{\"kernl\": \"\\u0000\\ud800\"} x",
                        "{\"bootProtocol\": \"pvh\", \"kaslr\": true}")
                .map(text -> text.getBytes(StandardCharsets.UTF_8));
    }

    @MethodSource("seeds")
    @FuzzTest
    void readsOrRefuses(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        try {
            MachineSettings _ = ConfigReader.read("vm.json", text, DIRECTORY);
        } catch (ConfigException e) {
            String message = String.valueOf(e.getMessage());
            assertEquals(1, message.lines().count(), message);
        }
    }
}
