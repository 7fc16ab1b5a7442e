package io.javisor.cli.image;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class JsonTest {
    @Test
    void whatATerminalObeysIsEscapedAndMeansTheSame() {
        ObjectNode node = JsonMapper.shared().createObjectNode().put("a", "x\u001b\u009b\u202e\ud800é\ud83d\ude00");
        String line = Json.line(node);
        assertEquals("{\"a\":\"x\\u001b\\u009b\\u202e\\ud800é\ud83d\ude00\"}", line.toLowerCase(java.util.Locale.ROOT));
        assertEquals(node, JsonMapper.shared().readTree(line));
    }

    @Test
    void linesAreIndented() {
        assertEquals(
                "{\n  \"a\" : 1\n}",
                Json.lines(JsonMapper.shared().createObjectNode().put("a", 1)));
    }

    @Test
    void textKeepsItsLines() {
        assertEquals("a\n\tb??c\n", Json.printable("a\n\tb\u001b\rc\n"));
    }
}
