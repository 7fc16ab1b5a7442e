package io.javisor.cli.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.cpu.CpuConfig;
import io.javisor.core.cpu.CpuTemplate;
import io.javisor.core.memory.MemoryBackingConfig;
import io.javisor.firmware.BootProtocol;
import io.javisor.machine.config.ConfigException;
import io.javisor.machine.config.DiskConfig;
import io.javisor.machine.config.ModuleConfig;
import io.javisor.machine.config.NetConfig;
import io.javisor.machine.config.SerialSink;
import io.javisor.machine.config.TraceConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigFileTest {
    @TempDir
    private Path directory = Path.of("");

    private Path file = Path.of("");

    @BeforeEach
    void name() {
        file = directory.resolve("vm.json");
    }

    @Test
    void everyKey() throws IOException {
        Files.writeString(file, """
            {
              "$schema": "anything",
              "name": "web-1",
              "kernel": "images/vmlinuz",
              "initrd": "/boot/initrd.img",
              "modules": ["a.img", "/b,args=x y"],
              "commandLine": "console=ttyS0 \\u00e9",
              "memory": "1.5G",
              "memoryBacking": "memfd,prefault=on",
              "cpus": 2,
              "cpu": "host,-avx2",
              "bootProtocol": "linux64",
              "kaslr": true,
              "acpi": true,
              "serial": ["stdio", "file:log/com2", "socket:/run/com3", "pty"],
              "disks": ["root.ext4,cache=none", "/srv/data.img,readonly"],
              "cloudInit": "user-data",
              "net": ["tap,bridge=br0", "user,publish=8080:80"],
              "rng": "rate=64K",
              "trace": "t.txt,range=0x1000..0x1fff",
              "reboot": false
            }
            """);
        assertEquals(
                MachineSettings.SILENT
                        .with(Settings.NAME, "web-1")
                        .with(Settings.KERNEL, directory.resolve("images/vmlinuz"))
                        .with(Settings.INITRD, Path.of("/boot/initrd.img"))
                        .with(
                                Settings.MODULES,
                                List.of(
                                        new ModuleConfig(directory.resolve("a.img"), ""),
                                        new ModuleConfig(Path.of("/b"), "x y")))
                        .with(Settings.COMMAND_LINE, "console=ttyS0 é")
                        .with(Settings.MEMORY, 3L << 29)
                        .with(Settings.MEMORY_BACKING, MemoryBackingConfig.parse("memfd,prefault=on"))
                        .with(Settings.CPUS, 2)
                        .with(Settings.CPU, new CpuConfig(CpuTemplate.HOST, Set.of(), Set.of("avx2")))
                        .with(Settings.BOOT_PROTOCOL, new BootProtocolChoice(BootProtocol.LINUX64))
                        .with(Settings.KASLR, true)
                        .with(Settings.ACPI, true)
                        .with(
                                Settings.SERIAL,
                                List.of(
                                        new SerialSink.Stdio(),
                                        new SerialSink.ToFile(directory.resolve("log/com2")),
                                        new SerialSink.Socket(Path.of("/run/com3")),
                                        new SerialSink.Pty()))
                        .with(
                                Settings.DISKS,
                                List.of(
                                        DiskConfig.parse(directory.resolve("root.ext4") + ",cache=none"),
                                        DiskConfig.parse("/srv/data.img,readonly")))
                        .with(Settings.CLOUD_INIT, directory.resolve("user-data"))
                        .with(
                                Settings.NET,
                                List.of(NetConfig.parse("tap,bridge=br0"), NetConfig.parse("user,publish=8080:80")))
                        .with(Settings.RNG, new RngChoice(true, 64 << 10))
                        .with(Settings.TRACE, new TraceConfig(directory.resolve("t.txt"), 0x1000, 0x1FFF))
                        .with(Settings.REBOOT, false),
                ConfigFile.read(file));
    }

    @Test
    void anEmptyObjectSaysNothing() throws IOException {
        Files.writeString(file, "{}");
        assertEquals(MachineSettings.SILENT, ConfigFile.read(file));
    }

    @Test
    void aByteOrderMarkIsNoContent() throws IOException {
        Files.writeString(file, "\uFEFF{\"cpus\": 3}");
        assertEquals(3, ConfigFile.read(file).get(Settings.CPUS));
    }

    /** {@code ~} stands for a new line; the place is where the mistake begins. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{~  \"memroy\": \"1G\"~}       | 2:3  | unknown key \"memroy\"; did you mean \"memory\"?",
                "{\"Memory\": \"1G\"}           | 1:2  | did you mean \"memory\"?",
                "{\"cmdline\": \"\"}            | 1:2  | unknown key \"cmdline\"; did you mean \"commandLine\"?",
                "{\"boot-protocol\": \"pvh\"}   | 1:2  | did you mean \"bootProtocol\"?",
                "{\"no-reboot\": true}          | 1:2  | did you mean \"reboot\"?",
                "{\"nothingLikeIt\": 1}         | 1:2  | known are $schema, name, kernel,",
                "{\"\": 1}                      | 1:2  | unknown key \"\"",
                "{\"a\\u001b[2Jb\": 1}          | 1:2  | unknown key \"a?[2Jb\"",
                "{~\"cpus\": 1,~\"cpus\": 1~}   | 3:1  | duplicate key \"cpus\"; it is on line 2 too",
                "{\"cpus\": \"2\"}              | 1:10 | \"cpus\" must be a whole number, not the string \"2\"",
                "{\"cpus\": 2.0}                | 1:10 | \"cpus\" must be a whole number, not the number 2.0",
                "{\"cpus\": 1e0}                | 1:10 | must be a whole number",
                "{\"cpus\": 99999999999}        | 1:10 | must be a whole number, not the number 99999999999",
                "{\"cpus\": null}               | 1:10 | must be a whole number, not null",
                "{\"cpus\": 0}                  | 1:10 | \"cpus\": cpus must be 1 to 254, not 0",
                "{\"cpus\": -1}                 | 1:10 | must be 1 to 254, not -1",
                "{\"cpus\": 255}                | 1:10 | must be 1 to 254, not 255",
                "{\"memory\": 512}              | 1:12 | \"memory\" must be a string, not the number 512",
                "{\"memory\": {}}               | 1:12 | must be a string, not an object",
                "{\"memory\": [\"1G\"]}         | 1:12 | must be a string, not a list",
                "{\"memory\": true}             | 1:12 | must be a string, not true",
                "{\"memory\": \"\"}             | 1:12 | not a memory size",
                "{\"memory\": \"512\"}          | 1:12 | has no unit",
                "{\"memory\": \"1K\"}           | 1:12 | \"memory\": memory of 1K is too little",
                "{\"memory\": \"4.001M\"}       | 1:12 | not a multiple of 4K",
                "{\"memory\": \"9999999T\"}     | 1:12 | more than a PC can address",
                "{\"name\": \"a/b\"}            | 1:10 | \"name\": 'a/b' is not a machine name",
                "{\"name\": \"\"}               | 1:10 | not a machine name",
                "{\"kernel\": \"\"}             | 1:12 | \"kernel\": a file's path is missing",
                "{\"initrd\": \"a\\u0000b\"}    | 1:12 | \"initrd\": ",
                "{\"accel\": \"tcg\"}           | 1:11 | \"accel\": 'tcg' is none of auto, kvm, software",
                "{\"accel\": \"auto,translate=off\"} | 1:11 | \"accel\": 'auto,translate=off' has an option",
                "{\"cpu\": \"i486\"}            | 1:9  | \"cpu\": unknown CPU template 'i486'",
                "{\"cpu\": \"host,+avx,-avx\"}  | 1:9  | both shows and hides 'avx'",
                "{\"memoryBacking\": \"tape\"}  | 1:19 | \"tape\" is not a kind",
                "{\"memoryBacking\": \"memfd,ksm=on\"} | 1:19 | ksm",
                "{\"bootProtocol\": \"PVH\"}    | 1:18 | 'PVH' is none of auto, linux64, pvh",
                "{\"kaslr\": \"yes\"}           | 1:11 | \"kaslr\" must be true or false, not the string \"yes\"",
                "{\"acpi\": 1}                  | 1:10 | \"acpi\" must be true or false, not the number 1",
                "{\"serial\": \"stdio\"}        | 1:12 | \"serial\" must be a list of strings, not the string"
                        + " \"stdio\"",
                "{\"serial\": [\"pty\", 1]}      | 1:20 | \"serial\" must be a list of strings, not of the number 1",
                "{\"serial\": [[\"pty\"]]}      | 1:13 | must be a list of strings, not of a list",
                "{\"serial\": [\"tape\"]}        | 1:13 | \"serial\": 'tape' is none of stdio, file:PATH",
                "{\"net\": [\"wire\"]}          | 1:10 | \"net\": 'wire' is neither tap nor user",
                "{\"net\": [\"tap,ifname=a/b\"]} | 1:10 | ifname='a/b' is no name of an interface",
                "{\"serial\": [\"file:\"]}       | 1:13 | lacks a path",
                "{\"serial\": [\"stdio\",\"stdio\"]} | 1:21 | \"serial\": two serial ports can't both be on stdio",
                "{\"serial\": [\"pty\",\"pty\",\"pty\",\"pty\",\"pty\"]} | 1:37 | 5 serial ports are too many",
                "{\"serial\": [\"pty\"          | 1:   | not JSON: ",
                "{\"reboot\": null}             | 1:12 | \"reboot\" must be true or false, not null",
                "{\"bootProtocol\": \"pvh\",~\"kaslr\": true} | 2:1 | \"kaslr\": true contradicts \"bootProtocol\":"
                        + " \"pvh\" on line 1",
                "{\"kaslr\": true,~\"bootProtocol\": \"bzimage\"} | 1:2 | contradicts \"bootProtocol\": \"bzimage\" on"
                        + " line 2",
                "[]                            | 1:1  | a configuration is a JSON object, not a list",
                "\"vm\"                        | 1:1  | a configuration is a JSON object, not the string \"vm\"",
                "{} {}                         | 1:4  | more text after the end",
                "{}~~]                         | 3:   | ",
                "{\"cpus\": 1                  | 1:   | not JSON: ",
                "{\"cpus\": 1,}                | 1:12 | not JSON: ",
                "{\"cpus\" 1}                  | 1:9  | not JSON: ",
                "{'cpus': 1}                   | 1:2  | not JSON: ",
                "{cpus: 1}                     | 1:2  | not JSON: ",
                "{\"cpus\": 01}                | 1:   | not JSON: ",
                "{\"cpus\": NaN}               | 1:   | not JSON: ",
                "{// comment~}                 | 1:2  | not JSON: ",
                "{\"name\": \"a~b\"}           | 1:   | not JSON: ",
                "hello                         | 1:   | not JSON: ",
                "<vm/>                         | 1:1  | not JSON: ",
            })
    void mistakesAreOneLineWithTheirPlace(String text, String place, String part) throws IOException {
        Files.writeString(file, text.strip().replace('~', '\n'));
        String message = refused();
        assertTrue(message.startsWith(file + ":" + place.strip()), message);
        assertTrue(part == null || message.contains(part.strip()), message);
        assertEquals(1, message.lines().count(), message);
        assertTrue(message.chars().noneMatch(Character::isISOControl), message);
        assertTrue(message.length() < file.toString().length() + 400, message);
        assertFalse(message.contains("Source"), message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " \n\t\n", "\uFEFF"})
    void anEmptyFile(String text) throws IOException {
        Files.writeString(file, text);
        assertTrue(refused().endsWith("vm.json is empty; write at least {}, which is the default guest's machine"));
    }

    @Test
    void aLongKeyIsCutShort() throws IOException {
        Files.writeString(file, "{\"" + "k".repeat(5000) + "\": 1}");
        assertTrue(refused().length() < file.toString().length() + 300, refused());
    }

    @Test
    void deepNestingEndsAtOnce() throws IOException {
        Files.writeString(file, "{\"name\": " + "[".repeat(60_000));
        assertTrue(refused().contains("1:10: \"name\" must be a string, not a list"), refused());
    }

    @Test
    void aNumberOfManyDigits() throws IOException {
        Files.writeString(file, "{\"cpus\": " + "9".repeat(60_000) + "}");
        String message = refused();
        assertTrue(message.startsWith(file + ": not JSON: "), message);
        assertTrue(message.length() < file.toString().length() + 400, message);
    }

    @Test
    void whatIsNotText() throws IOException {
        Files.write(file, "{\"name\": \"\u00e9\"}".getBytes(StandardCharsets.ISO_8859_1));
        assertEquals("config " + file + " is not UTF-8 text", refused());
    }

    @Test
    void theSizeHasALimit() throws IOException {
        String padding = " ".repeat(ConfigFile.MAX_BYTES - 2);
        Files.writeString(file, "{}" + padding);
        assertEquals(null, ConfigFile.read(file).get(Settings.CPUS));
        Files.writeString(file, "{}" + padding + " ");
        assertEquals("config " + file + " is too large: more than 64 KiB", refused());
        file = Path.of("/dev/zero");
        assertEquals("config /dev/zero is too large: more than 64 KiB", refused());
    }

    @Test
    void whatCannotBeRead() {
        assertEquals("config " + file + " does not exist", refused());
        file = directory;
        assertEquals("config " + directory + " is a directory; give the file in it", refused());
        file = Path.of("/proc/self/mem"); // has nothing at 0, for root too
        assertTrue(refused().startsWith("config /proc/self/mem can't be read: "), refused());
    }

    @Test
    void relativePathsStartAtTheFile() throws IOException {
        Path here = Path.of("vm.json");
        assertFalse(Files.exists(here));
        assertEquals(
                Path.of("k"),
                ConfigReader.read("vm.json", "{\"kernel\": \"k\"}", Path.of("")).get(Settings.KERNEL));
        Path below = Files.createDirectory(directory.resolve("a"));
        Files.writeString(below.resolve("vm.json"), "{\"kernel\": \"../k\", \"initrd\": \"i\"}");
        MachineSettings settings = ConfigFile.read(below.resolve("vm.json"));
        assertEquals(below.resolve("../k"), settings.get(Settings.KERNEL));
        assertEquals(below.resolve("i"), settings.get(Settings.INITRD));
    }

    private String refused() {
        return String.valueOf(
                assertThrows(ConfigException.class, () -> ConfigFile.read(file)).getMessage());
    }
}
