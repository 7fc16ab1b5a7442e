package io.javisor.cli.image;

import io.javisor.oci.model.History;
import io.javisor.oci.store.StoredImage;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The steps of an image, the last one first. Of all but that one there is no image here. */
final class HistoryRows {
    private static final String MISSING = "<missing>";
    private static final int COMMAND_LENGTH = 45;

    /** Docker shows no such old times: tools that make the same image each time write one of these. */
    private static final Instant EPOCH = Instant.parse("2000-01-01T00:00:00Z");

    private final boolean isShort;
    private final Instant now;
    private final ZoneId zone;

    HistoryRows(boolean isShort, Instant now, ZoneId zone) {
        this.isShort = isShort;
        this.now = now;
        this.zone = zone;
    }

    /** @param layerBytes of each layer, the lowest first; of steps beyond these nothing is known */
    List<ObjectNode> of(StoredImage image, List<Long> layerBytes) {
        List<ObjectNode> rows = new ArrayList<>();
        int layer = 0;
        for (History step : image.config().history()) {
            long bytes = step.emptyLayer() || layer >= layerBytes.size() ? 0 : layerBytes.get(layer);
            layer += step.emptyLayer() ? 0 : 1;
            rows.addFirst(row(step, bytes));
        }
        if (!rows.isEmpty()) {
            rows.getFirst()
                    .put("ID", isShort ? image.id().shortHex() : image.id().toString());
        }
        return rows;
    }

    private ObjectNode row(History step, long bytes) {
        String command = step.createdBy().replaceAll("\\s", " ");
        return JsonMapper.shared()
                .createObjectNode()
                .put("ID", MISSING)
                .put(
                        "CreatedSince",
                        step.created()
                                .filter(EPOCH::isBefore)
                                .map(time -> HumanTime.ago(time, now))
                                .orElse(""))
                .put(
                        "CreatedAt",
                        step.created()
                                .map(time -> HumanTime.rfc3339(time, zone))
                                .orElse(""))
                .put("CreatedBy", isShort ? Cells.cut(command, COMMAND_LENGTH) : command)
                .put("Size", HumanSize.of(bytes, HumanSize.LIST_DIGITS))
                .put("Comment", step.comment());
    }
}
