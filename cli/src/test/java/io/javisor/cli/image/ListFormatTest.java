package io.javisor.cli.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class ListFormatTest {
    private static final String USUAL = "{{.ID}}\t{{.Tag}}";
    private static final Map<String, String> HEADINGS = Map.of("ID", "IMAGE ID", "Tag", "TAG");
    private static final ObjectNode ROW =
            JsonMapper.shared().createObjectNode().put("ID", "0123").put("Tag", "a\u009bb");

    private static String print(String format) {
        return ListFormat.parse(format, USUAL, HEADINGS.keySet()).print(HEADINGS, List.of(ROW));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "table|IMAGE ID   TAG\\n0123       a?b\\n",
                "table {{.Tag}}\\t{{.ID}}|TAG       IMAGE ID\\na?b       0123\\n",
                "{{.Tag}}-{{.ID}}|a?b-0123\\n",
                "json|{\"ID\":\"0123\",\"Tag\":\"a\\u009bb\"}\\n"
            })
    void printsWhatIsAskedFor(String format, String expected) {
        assertEquals(expected.replace("\\n", "\n"), print(format));
    }

    @ParameterizedTest
    @CsvSource({"tabel", "table", "''"})
    void whatIsNoneIsSaid(String format) {
        assertEquals(
                "'" + format + "' is neither table nor json, nor a template, which has fields in braces: '{{.ID}}'",
                assertThrows(IllegalArgumentException.class, () -> ListFormat.parse(format, "x", Set.of("ID")))
                        .getMessage());
    }

    @Test
    void noRowsAreHeadingsOrNothing() {
        ListFormat table = ListFormat.parse("table", USUAL, HEADINGS.keySet());
        assertEquals("IMAGE ID   TAG\n", table.print(HEADINGS, List.of()));
        assertEquals("", ListFormat.parse("json", USUAL, HEADINGS.keySet()).print(HEADINGS, List.of()));
    }
}
