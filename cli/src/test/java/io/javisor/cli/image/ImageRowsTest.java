package io.javisor.cli.image;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.javisor.oci.store.StoredImage;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import org.junit.jupiter.api.Test;

class ImageRowsTest {
    private static final Instant NOW = Instant.parse("2026-12-01T12:00:00Z");
    private static final ImageFilter ALL = ImageFilter.parse(List.of());
    private static final String AT = "@" + TestImage.MANIFEST;

    private final ImageRows rows = new ImageRows(true, false, NOW, ZoneId.of("UTC"));
    private final ImageRows withDigests = new ImageRows(false, true, NOW, ZoneId.of("UTC"));

    private static List<String> names(ImageRows rows, StoredImage image, String... conditions) {
        return rows.of(image, ImageFilter.parse(List.of(conditions))).stream()
                .map(row -> Template.parse("{{.Repository}}:{{.Tag}}").fill(row))
                .toList();
    }

    @Test
    void aRowHasDockersFields() {
        StoredImage image = TestImage.of(TestImage.CONFIG, 74_800_123, "debian:12-slim", "debian" + AT);
        assertEquals(
                "debian 12-slim <none> " + image.id().shortHex() + " 3 days ago 2026-11-28 10:00:00 +0000 UTC 74.8MB",
                Template.parse("{{.Repository}} {{.Tag}} {{.Digest}} {{.ID}} {{.CreatedSince}} {{.CreatedAt}}"
                                + " {{.Size}}")
                        .fill(rows.of(image, ALL).getFirst()));
        assertEquals(
                "debian 12-slim " + TestImage.MANIFEST + " " + image.id(),
                Template.parse("{{.Repository}} {{.Tag}} {{.Digest}} {{.ID}}")
                        .fill(withDigests.of(image, ALL).getFirst()));
    }

    @Test
    void aRowIsAName() {
        StoredImage image = TestImage.of(
                TestImage.CONFIG, 1, "debian:12", "debian:latest", "localhost:5000/deb:1", "debian" + AT, "other" + AT);
        List<String> all = List.of("debian:12", "debian:latest", "localhost:5000/deb:1", "other:<none>");
        assertEquals(all, names(rows, image));
        assertEquals(all, names(withDigests, image));
        assertEquals(List.of("<none>:<none>"), names(rows, TestImage.of(TestImage.CONFIG, 1)));
    }

    @Test
    void aFilterTakesNamesAndImages() {
        StoredImage image = TestImage.of(TestImage.CONFIG, 1, "debian:12", "localhost:5000/deb:1");
        StoredImage dangling = TestImage.of(TestImage.CONFIG, 1);
        assertEquals(List.of("debian:12"), names(rows, image, "reference=debian"));
        assertEquals(
                List.of("debian:12", "localhost:5000/deb:1"),
                names(rows, image, "reference=deb*", "reference=*/deb:1"));
        assertEquals(List.of(), names(rows, image, "dangling=true"));
        assertEquals(List.of("<none>:<none>"), names(rows, dangling, "dangling=true"));
        assertEquals(List.of(), names(rows, dangling, "dangling=false"));
        assertEquals(List.of(), names(rows, dangling, "reference=*"));
        assertEquals(2, names(rows, image, "label=made").size());
        assertEquals(2, names(rows, image, "label=made=here", "dangling=0").size());
        assertEquals(List.of(), names(rows, image, "label=made=there"));
        assertEquals(List.of(), names(rows, image, "label=made", "label=other"));
    }

    @Test
    void anImageNeedNotSayWhenItWasMade() {
        StoredImage image = TestImage.of("{\"rootfs\": {\"type\": \"layers\", \"diff_ids\": []}}", 0, "a:1");
        assertEquals(
                "N/A N/A 0B",
                Template.parse("{{.CreatedSince}} {{.CreatedAt}} {{.Size}}")
                        .fill(rows.of(image, ALL).getFirst()));
    }
}
