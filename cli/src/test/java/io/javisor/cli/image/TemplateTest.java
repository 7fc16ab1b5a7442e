package io.javisor.cli.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class TemplateTest {
    private static final JsonNode OBJECT = JsonMapper.shared().readTree("""
        {"Id": "sha256:01", "Size": 12, "Config": {"Cmd": ["sh", "-c", "a b"], "Env": [], "Labels": {"b": "2", "a": "1"},
         "ExposedPorts": {"80/tcp": {}}, "Healthcheck": null}}
        """);

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{{.Id}}|sha256:01",
                "<{{ .Id }}:{{.Size}}>|<sha256:01:12>",
                "{{.Config.Cmd}}|[sh -c a b]",
                "{{.Config.Env}}|[]",
                "{{.Config.Labels}}|map[a:1 b:2]",
                "{{.Config.Labels.a}}|1",
                "{{.Config.ExposedPorts}}|map[80/tcp:{}]",
                "{{.Config.Healthcheck}}|<nil>",
                "{{json .Config.Cmd}}|[\"sh\",\"-c\",\"a b\"]",
                "{{json .Config.Healthcheck}}|null",
                "{{json .Size}} }}|12 }}"
            })
    void fieldsAreFilledInAsGoWritesThem(String template, String expected) {
        assertEquals(expected, Template.parse(template).fill(OBJECT));
    }

    @Test
    void tabsAndLineEndsAreWrittenWithABackslash() {
        assertEquals("sha256:01\t12\n", Template.parse("{{.Id}}\\t{{.Size}}\\n").fill(OBJECT));
        assertEquals(OBJECT.toString(), Template.parse("{{json .}}").fill(OBJECT));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "{{.Id|'{{' has no '}}'",
                "{{range .X}}|'{{range .X}}' is not understood; a template has fields, as '{{.ID}}', and '{{json .}}'",
                "{{}}|'{{}}' is not understood; a template has fields, as '{{.ID}}', and '{{json .}}'",
                "{{.}}|'{{.}}' is not understood; write '{{json .}}'",
                "{{.A..B}}|'{{.A..B}}' has a name too few"
            })
    void whatIsNoTemplateIsSaid(String template, String expected) {
        assertEquals(
                expected,
                assertThrows(IllegalArgumentException.class, () -> Template.parse(template))
                        .getMessage());
    }

    /** Go's text/template: a key that a map does not have is no error, a field that a structure does not have is one. */
    @Test
    void aKeyThatAMapDoesNotHaveHasNoValue() {
        Set<List<String>> maps = Set.of(List.of("Config", "Labels"));
        assertEquals(
                "<no value> 1 null <no value>",
                Template.parse("{{.Config.Labels.c}} {{.Config.Labels.a}} {{json .Config.Labels.c}}"
                                + " {{.Config.Labels.c.d}}")
                        .fill(OBJECT, maps));
        assertThrows(
                IllegalArgumentException.class,
                () -> Template.parse("{{.Config.Lables}}").fill(OBJECT, maps));
    }

    @Test
    void whatIsNotThereIsSaidWithWhatIs() {
        assertEquals(
                "there is no field .id; there are .Config, .Id, .Size",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> Template.parse("{{.id}}").fill(OBJECT))
                        .getMessage());
        assertEquals(
                "there is no field .Id.x",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> Template.parse("{{.Id.x}}").fill(OBJECT))
                        .getMessage());
        assertEquals(
                "there is no field .Name; there are .ID, .Tag",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> Template.parse("{{.Name}}").requireFields(Set.of("Tag", "ID")))
                        .getMessage());
    }
}
