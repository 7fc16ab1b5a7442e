package io.javisor.cli.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.oci.Descriptor;
import io.javisor.oci.Digest;
import io.javisor.oci.MediaTypes;
import io.javisor.oci.TransferListener.Stage;
import io.javisor.oci.TransferListener.TransferEvent;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ReportTest {
    private static final long SIZE_BYTES = 70_200_000;
    private static final String ESC = "\u001b";

    private final StringWriter printed = new StringWriter();
    private final PrintWriter out = new PrintWriter(printed);
    private final AtomicLong nanos = new AtomicLong(12345);

    /** A terminal of a size. */
    record Window(int columns, int rows) implements Screen {
        @Override
        public boolean isTerminal() {
            return true;
        }

        @Override
        public boolean takesEscapes() {
            return true;
        }
    }

    /** Layers whose digests begin with their number. */
    private static Descriptor layer(int number) {
        return new Descriptor(
                MediaTypes.OCI_LAYER_GZIP,
                new Digest("sha256", "%064x".formatted(number).replaceFirst("^0{52}(.{12})$", "$1" + "0".repeat(52))),
                SIZE_BYTES);
    }

    private static TransferEvent event(int layer, Stage stage, long doneBytes) {
        return new TransferEvent(layer(layer), stage, doneBytes);
    }

    private String text() {
        out.flush();
        String text = printed.toString();
        printed.getBuffer().setLength(0);
        return text;
    }

    @Test
    void plainIsALineForEachStep() {
        try (Report report = new PlainReport(StageWords.PULL, out)) {
            report.say("12", "Pulling from library/debian");
            report.told(event(1, Stage.WAITING, 0));
            report.told(event(2, Stage.EXISTS, 0));
            for (long done = 0; done < SIZE_BYTES; done += 1_000_000) {
                report.told(event(1, Stage.COPYING, done));
            }
            report.told(event(1, Stage.UNPACKING, 0));
            report.told(event(1, Stage.UNPACKING, 5));
            report.told(event(1, Stage.DONE, SIZE_BYTES));
            report.told(event(1, Stage.DONE, SIZE_BYTES));
            report.told(new TransferEvent(
                    new Descriptor(MediaTypes.OCI_CONFIG, Digest.sha256(new byte[1]), 1), Stage.DONE, 1));
            report.say("Digest: sha256:01");
        }
        assertEquals("""
            12: Pulling from library/debian
            000000000001: Pulling fs layer
            000000000002: Already exists
            000000000001: Download complete
            000000000001: Pull complete
            Digest: sha256:01
            """, text());
    }

    @Test
    void plainSaysOnceThatALayerWaitsForAnotherPull() {
        try (Report report = new PlainReport(StageWords.PULL, out)) {
            report.told(event(1, Stage.WAITING, 0));
            report.told(event(2, Stage.WAITING, 0));
            report.told(event(1, Stage.WAITING, 0));
            report.told(event(1, Stage.WAITING, 0));
            report.told(event(1, Stage.EXISTS, SIZE_BYTES));
        }
        assertEquals("""
            000000000001: Pulling fs layer
            000000000002: Pulling fs layer
            000000000001: Waiting for another pull
            000000000001: Already exists
            """, text());
    }

    @Test
    void plainOfAPushNamesWhatCameOfALayer() {
        try (Report report = new PlainReport(StageWords.PUSH, out)) {
            report.told(event(1, Stage.WAITING, 0));
            report.told(event(1, Stage.COPYING, 5));
            report.told(event(1, Stage.DONE, SIZE_BYTES));
            report.told(event(2, Stage.MOUNTED, 0));
            report.told(event(3, Stage.EXISTS, 0));
        }
        assertEquals("""
            000000000001: Pushed
            000000000002: Mounted from another repository
            000000000003: Layer already exists
            """, text());
    }

    @Test
    void jsonIsAnObjectALineAndNotOneForEachByte() {
        try (Report report = new JsonReport(StageWords.PULL, out, nanos::get)) {
            report.say("12", "Pulling from library/debian");
            report.told(event(1, Stage.COPYING, 0));
            report.told(event(1, Stage.COPYING, 10));
            nanos.addAndGet(BarReport.REDRAW_NANOS);
            report.told(event(1, Stage.COPYING, 20));
            report.told(event(1, Stage.UNPACKING, 0));
            report.told(event(1, Stage.UNPACKING, 10));
            report.told(event(1, Stage.DONE, SIZE_BYTES));
            report.told(event(1, Stage.DONE, SIZE_BYTES));
            report.say("Status: Downloaded newer image for debian:12");
        }
        assertEquals("""
            {"status":"Pulling from library/debian","id":"12"}
            {"status":"Downloading","progressDetail":{"current":0,"total":70200000},"id":"000000000001"}
            {"status":"Downloading","progressDetail":{"current":20,"total":70200000},"id":"000000000001"}
            {"status":"Download complete","id":"000000000001"}
            {"status":"Extracting","progressDetail":{"current":0,"total":70200000},"id":"000000000001"}
            {"status":"Pull complete","id":"000000000001"}
            {"status":"Status: Downloaded newer image for debian:12"}
            """, text());
    }

    @Test
    void barsAreRedrawnInTheirPlaceAtMostTenTimesASecond() {
        try (Report report = new BarReport(StageWords.PULL, new Window(80, 24), out, nanos::get)) {
            report.told(event(1, Stage.WAITING, 0));
            assertEquals("000000000001: Waiting" + ESC + "[K\r\n" + ESC + "[J", text());
            report.told(event(2, Stage.COPYING, SIZE_BYTES / 2));
            nanos.addAndGet(BarReport.REDRAW_NANOS - 1);
            report.told(event(1, Stage.COPYING, 0));
            assertEquals("", text(), "not yet");
            nanos.addAndGet(1);
            report.told(event(1, Stage.COPYING, SIZE_BYTES));
            assertEquals(
                    ESC + "[1A"
                            + "000000000001: Downloading [====================================]  70.2MB/70.2MB" + ESC
                            + "[K\r\n"
                            + "000000000002: Downloading [==================>                 ]  35.1MB/70.2MB" + ESC
                            + "[K\r\n"
                            + ESC + "[J",
                    text());
            report.told(event(1, Stage.DONE, SIZE_BYTES));
            report.told(event(2, Stage.DONE, SIZE_BYTES));
            report.say("Digest: sha256:01");
            assertEquals(
                    ESC + "[2A000000000001: Pull complete" + ESC + "[K\r\n000000000002: Pull complete" + ESC + "[K\r\n"
                            + ESC + "[JDigest: sha256:01\n",
                    text());
        }
        assertEquals("", text(), "nothing was left to draw");
    }

    @Test
    void whatAFailureLeavesIsShownAtTheEnd() {
        try (Report report = new BarReport(StageWords.PULL, new Window(39, 24), out, nanos::get)) {
            report.told(event(1, Stage.COPYING, 0));
            report.told(event(1, Stage.COPYING, SIZE_BYTES));
            String _ = text();
        }
        assertEquals(ESC + "[1A000000000001: Downloading 70.2MB/70.2M" + ESC + "[K\r\n" + ESC + "[J", text());
    }

    @Test
    void linesFitTheirTerminal() {
        BarLines lines = new BarLines(StageWords.PULL);
        for (int columns = 1; columns < 200; columns++) {
            String line = lines.line(event(1, Stage.COPYING, 35_100_000), columns);
            assertTrue(line.length() < Math.max(columns, 1), line);
        }
        assertEquals("000000000001: Download", lines.line(event(1, Stage.COPYING, 0), 23));
        assertEquals("000000000001: Downloading 0B/70.2MB", lines.line(event(1, Stage.COPYING, 0), 40));
        assertEquals(
                "000000000001: Downloading [" + "=".repeat(25) + ">" + " ".repeat(24) + "]  35.1MB/70.2MB",
                lines.line(event(1, Stage.COPYING, 35_100_000), 200));
        TransferEvent empty =
                new TransferEvent(new Descriptor(MediaTypes.OCI_LAYER, layer(1).digest(), 0), Stage.COPYING, 0);
        assertEquals("000000000001: Downloading [" + "=".repeat(50) + "]  0B/0B", lines.line(empty, 200));
    }

    @Test
    void ofMoreLayersThanRowsThoseUnderWayAreShown() {
        List<TransferEvent> layers = new ArrayList<>();
        for (int i = 0; i < 127; i++) {
            layers.add(event(i, i < 100 ? Stage.DONE : i == 110 ? Stage.COPYING : Stage.WAITING, 0));
        }
        List<String> lines = new BarLines(StageWords.PULL).fitting(layers, 80, 4);
        assertEquals(
                List.of(
                        "000000000064: Waiting",
                        "000000000065: Waiting",
                        lines.get(2),
                        "and 124 more, 100 of them complete"),
                lines);
        assertTrue(lines.get(2).startsWith("00000000006e: Downloading ["), lines.get(2));
        assertEquals(127, new BarLines(StageWords.PULL).fitting(layers, 80, 127).size());
        assertEquals(1, new BarLines(StageWords.PULL).fitting(layers, 80, 1).size());
        assertEquals(0, new BarLines(StageWords.PULL).fitting(layers, 80, 0).size());
    }

    @Test
    void barsAreForTerminalsThatMoveTheirCursor() {
        Screen terminal = new Window(80, 24);
        Screen none = new HostScreen(java.util.Map.of("TERM", "dumb"), HostScreen.STDOUT);
        assertInstanceOf(BarReport.class, Report.of(ProgressMode.AUTO, StageWords.PULL, terminal, out));
        assertInstanceOf(PlainReport.class, Report.of(ProgressMode.PLAIN, StageWords.PULL, terminal, out));
        assertInstanceOf(JsonReport.class, Report.of(ProgressMode.JSON, StageWords.PULL, terminal, out));
        assertInstanceOf(PlainReport.class, Report.of(ProgressMode.AUTO, StageWords.PULL, none, out));
        assertFalse(none.takesEscapes());
    }

    @Test
    void quietIsSilent() {
        try (Report report = Report.quiet()) {
            report.say("a", "b");
            report.told(event(1, Stage.DONE, 0));
        }
        assertEquals("", text());
    }
}
