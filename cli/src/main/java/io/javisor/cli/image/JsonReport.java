package io.javisor.cli.image;

import io.javisor.oci.Digest;
import java.io.PrintWriter;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** A JSON object a line, with the names that docker's API has: {@code status}, {@code id}, {@code progressDetail}. */
final class JsonReport implements Report {
    /** What was last printed of a layer, and when. */
    private record Last(Stage stage, long nanos) {}

    private final StageWords words;
    private final PrintWriter out;
    private final LongSupplier nanoTime;
    private final Map<Digest, Last> told = new HashMap<>(); // guarded by this

    JsonReport(StageWords words, PrintWriter out, LongSupplier nanoTime) {
        this.words = words;
        this.out = out;
        this.nanoTime = nanoTime;
    }

    @Override
    public void say(String text) {
        print(JsonMapper.shared().createObjectNode().put("status", text));
    }

    @Override
    public void say(String name, String text) {
        print(JsonMapper.shared().createObjectNode().put("status", text).put("id", name));
    }

    @Override
    public synchronized void told(TransferEvent event) {
        Digest digest = event.blob().digest();
        Stage stage = event.stage();
        Last last = told.get(digest);
        long now = nanoTime.getAsLong();
        if (!Report.isOfLayer(event) || (last != null && !isNews(last, stage, now))) {
            return;
        }
        told.put(digest, new Last(stage, now));
        if (words == StageWords.PULL && stage == Stage.UNPACKING && (last == null || last.stage() != stage)) {
            say(digest.shortHex(), StageWords.DOWNLOADED);
        }
        ObjectNode line = JsonMapper.shared().createObjectNode().put("status", words.of(stage));
        if (stage == Stage.COPYING || stage == Stage.UNPACKING) {
            line.putObject("progressDetail")
                    .put("current", event.doneBytes())
                    .put("total", event.blob().sizeBytes());
        }
        print(line.put("id", digest.shortHex()));
    }

    private static boolean isNews(Last last, Stage stage, long now) {
        return !Report.isLast(last.stage()) && (last.stage() != stage || now - last.nanos() >= BarReport.REDRAW_NANOS);
    }

    private synchronized void print(ObjectNode line) {
        out.println(Json.line(line));
        out.flush();
    }

    @Override
    public void settle() {
        // Each line was flushed.
    }
}
