package io.javisor.cli;

import io.javisor.manager.registry.EventLog;
import io.javisor.manager.registry.Registry;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code javisor events}. */
@Command(
        name = "events",
        description = "Prints what happens to machines, until it is interrupted: create, start, pause, resume, resize,"
                + " detach, end, rename, remove.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        usageHelpAutoWidth = true)
final class EventsCommand implements Callable<Integer> {
    private static final long POLL_MILLIS = 100;

    /** How events are written. */
    enum Format {
        TEXT,
        JSON
    }

    @Option(
            names = "--since",
            paramLabel = "TIME",
            description = "First those from then on, as far as they are kept: " + TimeOption.SYNTAX + ".")
    private @Nullable String since;

    @Option(names = "--no-follow", description = "Only those that have been; without --since all that are kept.")
    private boolean past;

    @Option(
            names = "--format",
            paramLabel = "text|json",
            description = "A line each, or a JSON object each (default: text).")
    private Format format = Format.TEXT;

    // As Instant's own, but with milliseconds also where they are zero: the columns stay where they are.
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        EventLog log = Registry.open().events();
        Instant from = since != null ? TimeOption.parse(since, Instant.now()) : past ? Instant.EPOCH : Instant.now();
        // The end of the file is taken before its contents are looked at: nothing is missed, and nothing comes twice.
        long end = Files.exists(log.file()) ? Files.size(log.file()) : 0;
        print(log.older(), 0, Long.MAX_VALUE, from);
        print(log.file(), 0, end, from);
        while (!past && !spec.commandLine().getOut().checkError()) {
            Thread.sleep(POLL_MILLIS);
            long size = Files.exists(log.file()) ? Files.size(log.file()) : 0;
            if (size < end) { // begun anew
                print(log.older(), end, Long.MAX_VALUE, Instant.EPOCH);
                end = 0;
            }
            end += print(log.file(), end, size, Instant.EPOCH);
        }
        return ExitStatus.POWER_OFF;
    }

    /** Prints whole lines. Returns the bytes that these are. */
    private long print(Path file, long start, long end, Instant from) throws IOException {
        if (!Files.exists(file) || start >= end) {
            return 0;
        }
        byte[] bytes;
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            ByteBuffer buffer = ByteBuffer.allocate((int) Math.max(0, Math.min(end, channel.size()) - start));
            while (buffer.hasRemaining() && channel.read(buffer, start + buffer.position()) > 0) {
                // goes on
            }
            bytes = new byte[buffer.position()];
            buffer.flip().get(bytes);
        }
        int length = bytes.length;
        while (length > 0 && bytes[length - 1] != '\n') {
            length--;
        }
        PrintWriter out = spec.commandLine().getOut();
        new String(bytes, 0, length, StandardCharsets.UTF_8).lines().forEach(line -> print(line, from, out));
        out.flush();
        return length;
    }

    private void print(String line, Instant from, PrintWriter out) {
        try {
            JsonNode event = JsonMapper.shared().readTree(line);
            Instant time = Instant.ofEpochMilli(event.path("timeMillis").asLong());
            if (time.isBefore(from)) {
                return;
            }
            if (format == Format.JSON) {
                out.println(line);
            } else {
                String detail = event.path("detail").asString("");
                out.println(TIME.format(time) + " " + event.path("name").asString() + " "
                        + event.path("event").asString() + (detail.isEmpty() ? "" : " (" + detail + ")"));
            }
        } catch (JacksonException | DateTimeException e) {
            // A disk that was full has cut it.
            PrintWriter err = spec.commandLine().getErr();
            err.println("javisor: an event can't be read: " + line);
            err.flush();
        }
    }
}
