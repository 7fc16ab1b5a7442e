package io.javisor.manager.registry;

import io.javisor.core.log.LogLimit;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What has happened to a user's machines: a JSON object a line, added in one write, so that several processes may. Of bounded size, as
 * {@link io.javisor.machine.host.ConsoleLog} is.
 */
public final class EventLog {
    private static final Logger LOG = LoggerFactory.getLogger(EventLog.class);
    private static final long MAX_FILE_BYTES = 1 << 20;
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");

    /** What {@link io.javisor.manager.live.LiveMachine} tells of an end. */
    private static final Pattern ENDED = Pattern.compile("\"detail\": ?\"status (\\d{1,3}): ");

    private final Path file;
    private final InstantSource clock;
    private final LogLimit limit = new LogLimit();

    EventLog(Path file, InstantSource clock) {
        this.file = file;
        this.clock = clock;
    }

    /** The file that is written to; it need not be there. */
    public Path file() {
        return file;
    }

    /** The file before it. */
    public Path older() {
        return file.resolveSibling(file.getFileName() + ".1");
    }

    private boolean isFull() throws IOException {
        return Files.exists(file) && Files.size(file) >= MAX_FILE_BYTES;
    }

    /** One process does it: a second one would move what the first has begun. */
    private void rotate() throws IOException {
        Path lock = file.resolveSibling(file.getFileName() + ".lock");
        try (FileChannel channel = open(lock);
                FileLock _ = channel.lock()) {
            if (isFull()) {
                Files.move(file, older(), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    private static FileChannel open(Path file) throws IOException {
        return FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND),
                PosixFilePermissions.asFileAttribute(OWNER_ONLY));
    }

    /** The exit status that was told of a machine's last end; empty if none was, or the log can't be read. */
    public OptionalInt lastExitStatus(String id) {
        OptionalInt last = OptionalInt.empty();
        for (Path path : List.of(older(), file)) {
            try (Stream<String> lines = Files.lines(path)) {
                for (String line : (Iterable<String>) lines::iterator) {
                    Matcher end = ENDED.matcher(line);
                    if (line.contains("\"" + id + "\"") && end.find()) {
                        last = OptionalInt.of(Integer.parseInt(end.group(1)));
                    }
                }
            } catch (IOException | UncheckedIOException e) {
                LOG.debug("{} can't be read: {}", path, e.getMessage());
            }
        }
        return last;
    }

    /** Adds an event; where it can't be written that is logged, and the machine goes on. */
    public void add(MachineEntry machine, MachineEvent event, String detail) {
        Map<String, Object> values = new LinkedHashMap<>();
        // Not in words: what formats a time takes a start some milliseconds.
        values.put("timeMillis", clock.millis());
        values.put("name", machine.name());
        values.put("id", machine.id());
        values.put("event", event);
        if (!detail.isEmpty()) {
            values.put("detail", detail);
        }
        ByteBuffer line = ByteBuffer.wrap(FlatJson.text(values).getBytes(StandardCharsets.UTF_8));
        try {
            if (isFull()) {
                rotate();
            }
            try (FileChannel channel = open(file)) {
                if (channel.write(line) < line.capacity()) {
                    throw new IOException("no space for all of it");
                }
            }
        } catch (IOException e) {
            limit.warn(LOG, "event {} of {} is not in {}: {}", event, machine.name(), file, Places.reason(e));
        }
    }
}
