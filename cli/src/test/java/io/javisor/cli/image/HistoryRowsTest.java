package io.javisor.cli.image;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.javisor.oci.store.StoredImage;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

class HistoryRowsTest {
    private static final Instant NOW = Instant.parse("2026-11-28T10:05:00Z");
    private static final Template FIELDS =
            Template.parse("{{.ID}}|{{.CreatedSince}}|{{.CreatedAt}}|{{.CreatedBy}}|{{.Size}}|{{.Comment}}");

    private final StoredImage image = TestImage.of(TestImage.CONFIG, 1, "a:1");

    private static List<String> lines(List<ObjectNode> rows) {
        return rows.stream().map(FIELDS::fill).toList();
    }

    @Test
    void theLastStepIsTheImage() {
        assertEquals(
                List.of(
                        image.id().shortHex() + "|5 minutes ago|2026-11-28T11:00:00+01:00|RUN a\u001b[2Jb|4.1kB|last",
                        "<missing>|About an hour ago|2026-11-28T10:00:00+01:00|ENV A=b|0B|",
                        "<missing>||1980-01-01T01:00:00+01:00|/bin/sh -c #(nop) ADD file:0123456789 in /"
                                + " a…|74.8MB|base"),
                lines(new HistoryRows(true, NOW, ZoneId.of("Europe/Berlin")).of(image, List.of(74_800_123L, 4_096L))));
    }

    @Test
    void wholeAndWithoutSizes() {
        List<String> lines = lines(new HistoryRows(false, NOW, ZoneId.of("UTC")).of(image, List.of(1L)));
        assertEquals(image.id() + "|5 minutes ago|2026-11-28T10:00:00Z|RUN a\u001b[2Jb|0B|last", lines.getFirst());
        assertEquals(
                "<missing>||1980-01-01T00:00:00Z|/bin/sh -c #(nop) ADD file:0123456789 in / and more of it|1B|base",
                lines.getLast());
    }
}
