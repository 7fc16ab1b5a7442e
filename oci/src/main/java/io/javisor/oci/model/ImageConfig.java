package io.javisor.oci.model;

import io.javisor.oci.Digest;
import io.javisor.oci.OciException;
import io.javisor.oci.Platform;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * An image's configuration (OCI image-spec 1.1, config.md; moby's docker-image-spec 1.3). Its digest is the image's ID.
 *
 * @param platform what is not said is {@code linux} and {@code amd64}, as old tools have it
 * @param created empty also for docker's "zero" time
 * @param author as it came: made printable before it is shown
 * @param diffIds digests of the layers' tar files, the lowest first
 * @param history the oldest first; its steps with a layer may be more or fewer than there are layers
 */
public record ImageConfig(
        Platform platform,
        Optional<Instant> created,
        String author,
        List<Digest> diffIds,
        List<History> history,
        ImageProcess process) {
    private static final int HISTORY_MAX = 10_000;
    private static final Instant ZERO = Instant.parse("0001-01-01T00:00:00Z");

    public ImageConfig {
        diffIds = List.copyOf(diffIds);
        history = List.copyOf(history);
    }

    /**
     * Reads it.
     *
     * @param imageName begins the messages; one printable line
     * @param json at most {@link Json#SIZE_MAX} bytes
     * @throws OciException in one line, if it is none or out of bounds
     */
    public static ImageConfig parse(String imageName, byte[] json) {
        String what = imageName + ": invalid configuration";
        JsonFields fields = Json.object(what, json);
        JsonFields rootfs = fields.object("rootfs").orElseThrow(() -> new OciException(what + ": it lacks \"rootfs\""));
        String type = rootfs.requireString("type");
        if (!type.equals("layers")) {
            throw rootfs.problem("type", "must be layers, not " + JsonFields.quoted(type));
        }
        List<History> history = new ArrayList<>();
        for (JsonFields step : fields.objects("history", HISTORY_MAX)) {
            history.add(new History(
                    time(step),
                    step.string("created_by"),
                    step.string("author"),
                    step.string("comment"),
                    step.bool("empty_layer")));
        }
        return new ImageConfig(
                platform(fields),
                time(fields),
                fields.string("author"),
                rootfs.digests("diff_ids", Manifest.LAYERS_MAX),
                history,
                fields.object("config").map(ImageProcess::of).orElse(ImageProcess.NONE));
    }

    private static Platform platform(JsonFields fields) {
        Platform said = fields.platform().orElse(Platform.LINUX_AMD64);
        return new Platform(
                fields.string("os").isEmpty() ? Platform.LINUX_AMD64.os() : said.os(),
                fields.string("architecture").isEmpty() ? Platform.LINUX_AMD64.architecture() : said.architecture(),
                said.variant());
    }

    private static Optional<Instant> time(JsonFields fields) {
        if (!fields.has("created")) {
            return Optional.empty();
        }
        String text = fields.string("created");
        // Years of more than four digits, with a sign, are Java's: not each of them is a date in every time zone.
        if (text.startsWith("+") || text.startsWith("-")) {
            throw noTime(fields, text);
        }
        try {
            return Optional.of(OffsetDateTime.parse(text).toInstant()).filter(instant -> !instant.equals(ZERO));
        } catch (DateTimeException _) {
            throw noTime(fields, text);
        }
    }

    private static OciException noTime(JsonFields fields, String text) {
        return fields.problem("created", "is no time as in RFC 3339: " + JsonFields.quoted(text));
    }

    /**
     * Checks that a manifest has a layer for each of {@link #diffIds}.
     *
     * @throws OciException in one line, if it has more or fewer
     */
    public void requireLayersOf(String imageName, Manifest manifest) {
        if (diffIds.size() != manifest.layers().size()) {
            throw new OciException(imageName + ": mismatched image rootfs and manifest layers: the configuration lists "
                    + diffIds.size() + ", the manifest " + manifest.layers().size());
        }
    }
}
