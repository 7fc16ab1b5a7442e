package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import com.networknt.schema.dialect.Dialects;
import io.javisor.cli.config.BootProtocolChoice;
import io.javisor.cli.config.ConfigFile;
import io.javisor.cli.config.ConfigSchema;
import io.javisor.cli.config.ConfigWriter;
import io.javisor.cli.config.MachineSettings;
import io.javisor.cli.config.Setting;
import io.javisor.cli.config.Settings;
import io.javisor.core.cpu.CpuTemplate;
import io.javisor.machine.config.Accel;
import io.javisor.machine.config.ConfigException;
import io.javisor.machine.config.CpusConfig;
import io.javisor.machine.config.KernelOptions;
import io.javisor.machine.config.MachineConfig;
import io.javisor.machine.config.MemorySize;
import io.javisor.machine.config.SerialSink;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The published schema says what the parser takes, and the documents show what both take. */
class ConfigSchemaTest {
    private static final Path PAGE = Checkout.DIRECTORY.resolve("docs/config.md");
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final JsonNode SOURCE = JSON.readTree(ConfigSchema.text());
    private static final JsonNode PROPERTIES = SOURCE.path("properties");
    private static final SchemaRegistry REGISTRY =
            SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
    private static final Schema SCHEMA = REGISTRY.getSchema(SOURCE.toString(), InputFormat.JSON);

    @TempDir
    private Path directory = Path.of("");

    @Test
    void itIsASchema() {
        Schema draft = REGISTRY.getSchema(
                com.networknt.schema.SchemaLocation.of(Dialects.getDraft202012().getId()));
        assertEquals(List.of(), draft.validate(SOURCE.toString(), InputFormat.JSON));
        assertEquals(Dialects.getDraft202012().getId(), SOURCE.path("$schema").asString());
        assertEquals(false, SOURCE.path("additionalProperties").asBoolean(true));
    }

    @Test
    void itHasTheParsersKeysAndTypes() {
        Set<String> keys = new TreeSet<>(Set.of("$schema"));
        Settings.all().forEach(setting -> keys.add(setting.key()));
        assertEquals(keys, new TreeSet<>(PROPERTIES.propertyNames()));
        for (Setting<?> setting : Settings.all()) {
            assertEquals(
                    setting.form().schemaType(), property(setting).path("type").asString(), setting::key);
            assertTrue(property(setting).path("description").asString().contains(setting.option()), setting::key);
        }
    }

    @Test
    void everySettingHasAKeyAndAnOptionOfItsOwn() {
        assertEquals(
                Settings.all().size(),
                Settings.all().stream().map(Setting::key).distinct().count());
        MachineOptions options = new MachineOptions();
        picocli.CommandLine.Model.CommandSpec command = picocli.CommandLine.Model.CommandSpec.create();
        OptionTable.addTo(command, options); // refuses a name that is taken
        Set<String> expected = new TreeSet<>(Set.of(MachineOptions.CONFIG_OPTION));
        Settings.all().forEach(setting -> expected.add(setting.option()));
        Set<String> present = command.options().stream()
                .map(picocli.CommandLine.Model.OptionSpec::longestName)
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(expected, present);
    }

    @Test
    void itHasTheMachinesNamesLimitsAndDefaults() {
        MachineConfig defaults = MachineConfig.builder(Path.of("k")).build();
        assertEquals(
                BootProtocolChoice.names(),
                property(Settings.BOOT_PROTOCOL)
                        .path("enum")
                        .valueStream()
                        .map(JsonNode::asString)
                        .toList());
        Set<String> engines = new TreeSet<>(Set.of("software,translate=on", "software,perf-map=off"));
        for (Accel accel : Accel.values()) {
            engines.add(accel.toString());
        }
        assertEquals(
                engines,
                property(Settings.ACCEL)
                        .path("enum")
                        .valueStream()
                        .map(JsonNode::asString)
                        .collect(Collectors.toCollection(TreeSet::new)));
        assertEquals(defaults.accel().toString(), defaultText(Settings.ACCEL));
        for (CpuTemplate template : CpuTemplate.values()) {
            assertValid("{\"cpu\": \"" + template.templateName() + "\"}", true);
        }
        assertEquals(1, property(Settings.CPUS).path("minimum").asInt());
        assertEquals(
                MachineConfig.MAX_SERIAL_PORTS,
                property(Settings.SERIAL).path("maxItems").asInt());
        assertEquals(
                defaults.serial().stream().map(SerialSink::toString).toList(),
                property(Settings.SERIAL)
                        .path("default")
                        .valueStream()
                        .map(JsonNode::asString)
                        .toList());
        assertEquals(
                CpusConfig.MAX_COUNT, property(Settings.CPUS).path("maximum").asInt());
        assertEquals(
                defaults.cpus().count(), property(Settings.CPUS).path("default").asInt());
        assertEquals(defaults.name(), defaultText(Settings.NAME));
        assertEquals(KernelOptions.DEFAULT_COMMAND_LINE, defaultText(Settings.COMMAND_LINE));
        assertEquals(MemorySize.format(defaults.memory().sizeBytes()), defaultText(Settings.MEMORY));
        assertEquals(defaults.memory().backing().toString(), defaultText(Settings.MEMORY_BACKING));
        assertEquals("auto", defaultText(Settings.BOOT_PROTOCOL));
        assertEquals(null, KernelOptions.DEFAULT.protocol());
        assertEquals(
                KernelOptions.DEFAULT.kaslr(),
                property(Settings.KASLR).path("default").asBoolean());
        assertEquals(
                defaults.restartOnReset(),
                property(Settings.REBOOT).path("default").asBoolean());
        for (Setting<?> key : Settings.all()) {
            JsonNode value = property(key).path("default");
            if (!value.isMissingNode()) {
                assertValid("{\"" + key.key() + "\": " + value + "}", true);
            }
            property(key)
                    .path("examples")
                    .forEach(example -> assertValid("{\"" + key.key() + "\": " + example + "}", true));
        }
    }

    /** So that a new setting is tested by what is declared of it. */
    @Test
    void whatIsReadIsWrittenAndReadAgain() {
        for (Setting<?> setting : Settings.all()) {
            JsonNode byDefault = property(setting).path("default");
            List<JsonNode> values = new ArrayList<>(byDefault.isMissingNode() ? List.of() : List.of(byDefault));
            property(setting).path("examples").forEach(values::add);
            property(setting).path("enum").forEach(values::add);
            for (JsonNode value : values) {
                MachineSettings once = read("{\"" + setting.key() + "\": " + value + "}");
                assertEquals(MachineSettings.SILENT.with(setting, null), once.with(setting, null));
                String written = ConfigWriter.text(once);
                if (setting != Settings.NAME) { // which is the machine's place's
                    assertEquals(once, read(written), written);
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{}                                       | true",
                "{\"$schema\": \"x\"}                     | true",
                "{\"$schema\": 1}                         | false",
                "{\"memroy\": \"1G\"}                     | false",
                "{\"name\": \"a.b-c_1\"}                  | true",
                "{\"name\": \"-a\"}                       | false",
                "{\"name\": null}                         | false",
                "{\"kernel\": \"\"}                       | false",
                "{\"initrd\": \"\"}                       | false",
                "{\"accel\": \"kvm\"}                    | true",
                "{\"accel\": \"tcg\"}                    | false",
                "{\"accel\": \"software,translate=off\"} | true",
                "{\"accel\": \"kvm,translate=off\"}      | false",
                "{\"accel\": true}                       | false",
                "{\"commandLine\": \"\"}                  | true",
                "{\"commandLine\": [\"quiet\"]}           | false",
                "{\"memory\": \"2g\"}                     | true",
                "{\"memory\": \"1.25GiB\"}                | true",
                "{\"memory\": \"512\"}                    | false",
                "{\"memory\": \"M\"}                      | false",
                "{\"memory\": \"-5M\"}                    | false",
                "{\"memory\": 512}                        | false",
                "{\"memoryBacking\": \"anon,thp,ksm=off\"} | true",
                "{\"memoryBacking\": \"hugetlb,thp=maybe\"} | false",
                "{\"memoryBacking\": \"prefault\"}        | false",
                "{\"cpus\": 254}                          | true",
                "{\"cpus\": 255}                          | false",
                "{\"cpus\": 0}                            | false",
                "{\"cpus\": \"1\"}                        | false",
                "{\"cpus\": 1.5}                          | false",
                "{\"cpu\": \"-avx\"}                      | true",
                "{\"cpu\": \"x86-64-v2,+avx,-kvm-pv-ipi\"} | true",
                "{\"cpu\": \"\"}                          | false",
                "{\"cpu\": \"i486\"}                      | false",
                "{\"cpu\": \"host,\"}                     | false",
                "{\"cpu\": \"host,avx\"}                  | false",
                "{\"bootProtocol\": \"bzimage16\"}        | true",
                "{\"bootProtocol\": \"PVH\"}              | false",
                "{\"bootProtocol\": \"bios\"}             | false",
                "{\"kaslr\": 0}                           | false",
                "{\"kaslr\": true}                        | true",
                "{\"kaslr\": true, \"bootProtocol\": \"linux64\"} | true",
                "{\"kaslr\": true, \"bootProtocol\": \"pvh\"} | false",
                "{\"kaslr\": true, \"bootProtocol\": \"bzimage\"} | false",
                "{\"kaslr\": false, \"bootProtocol\": \"pvh\"} | true",
                "{\"acpi\": \"on\"}                       | false",
                "{\"serial\": []}                         | true",
                "{\"serial\": [\"stdio\", \"pty\", \"pty\", \"null\"]} | true",
                "{\"serial\": [\"file:a\", \"socket:b c\"]} | true",
                "{\"serial\": [\"pty\", \"pty\", \"pty\", \"pty\", \"pty\"]} | false",
                "{\"serial\": [\"stdio\", \"stdio\"]}      | false",
                "{\"serial\": [\"file:\"]}                | false",
                "{\"serial\": [\"pty:1\"]}                | false",
                "{\"serial\": \"stdio\"}                  | false",
                "{\"serial\": [1]}                        | false",
                "{\"disks\": [\"a.ext4\", \"b,readonly\"]} | true",
                "{\"disks\": []}                          | true",
                "{\"disks\": [\"\"]}                      | false",
                "{\"disks\": \"a.ext4\"}                  | false",
                "{\"net\": [\"tap\", \"user,publish=8080:80\"]} | true",
                "{\"net\": []}                            | true",
                "{\"net\": [\"wire\"]}                    | false",
                "{\"net\": [\"tap,\"]}                    | false",
                "{\"net\": \"tap\"}                       | false",
                "{\"balloon\": \"on,size=64M\"}           | true",
                "{\"balloon\": \"maybe\"}                 | false",
                "{\"vsock\": \"cid=3,path=v.sock\"}     | true",
                "{\"vsock\": \"path=v.sock,cid=3\"}     | true",
                "{\"vsock\": \"off\"}                     | true",
                "{\"vsock\": \"cid=3\"}                   | false",
                "{\"vsock\": \"on\"}                      | false",
                "{\"rng\": \"on\"}                        | true",
                "{\"rng\": \"rate=1.5k\"}                 | true",
                "{\"rng\": \"rate=1\"}                    | false",
                "{\"rng\": \"\"}                          | false",
                "{\"rng\": true}                          | false",
                "{\"reboot\": true}                       | true",
                "[]                                       | false",
            })
    void schemaAndParserAgree(String text, boolean valid) {
        assertValid(text, valid);
    }

    /** What a schema has no words for: the parser is the stricter one. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"memory\": \"1K\"}",
                "{\"memoryBacking\": \"memfd,ksm\"}",
                "{\"memoryBacking\": \"anon,ksm,ksm\"}",
                "{\"cpu\": \"host,+avxx\"}",
                "{\"serial\": [\"file:a\", \"file:./a\"]}",
                "{\"disks\": [\"a.ext4,cache=lots\"]}",
                "{\"net\": [\"tap,bridges=b\"]}",
                "{\"net\": [\"user,publish=80\"]}",
                "{\"rng\": \"rate=0K\"}",
                "{\"cpus\": 1, \"cpus\": 1}"
            })
    void theParserKnowsMore(String text) {
        assertEquals(List.of(), SCHEMA.validate(text, InputFormat.JSON));
        assertThrows(ConfigException.class, () -> read(text));
    }

    @Test
    void theExamplesInTheDocumentAreRight() throws IOException {
        List<String> examples = Pattern.compile("(?ms)^```json\\n(.*?)^```$")
                .matcher(Files.readString(PAGE))
                .results()
                .map(match -> match.group(1))
                .toList();
        assertTrue(examples.size() >= 2, "the examples are found");
        examples.forEach(example -> assertValid(example, true));
        assertEquals(2, read(examples.getFirst()).get(Settings.CPUS));
    }

    @Test
    void theDocumentHasEveryKeyAndItsDefault() throws IOException {
        String page = Files.readString(PAGE);
        for (Setting<?> key : Settings.all()) {
            assertTrue(page.contains("`" + key.key() + "`"), key::key);
            JsonNode value = property(key).path("default");
            assertTrue(value.isMissingNode() || page.contains("| `" + value + "` |"), key::key);
        }
    }

    private static JsonNode property(Setting<?> key) {
        return PROPERTIES.path(key.key());
    }

    private static String defaultText(Setting<?> key) {
        return property(key).path("default").asString();
    }

    private void assertValid(String text, boolean valid) {
        assertEquals(valid, SCHEMA.validate(text, InputFormat.JSON).isEmpty(), () -> "schema: " + text);
        if (valid) {
            MachineSettings _ = read(text);
        } else {
            assertThrows(ConfigException.class, () -> read(text), text);
        }
    }

    private MachineSettings read(String text) {
        try {
            return ConfigFile.read(Files.writeString(directory.resolve("vm.json"), text));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
