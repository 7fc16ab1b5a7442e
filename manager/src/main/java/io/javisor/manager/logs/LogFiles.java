package io.javisor.manager.logs;

import io.javisor.core.host.FileStatus;
import io.javisor.core.log.RotatedFile;
import io.javisor.machine.host.ConsoleLog;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Arrays;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads a {@link RotatedFile}, the older file and then the present one, while it is written; a {@link ConsoleLog} from a time on too. */
public final class LogFiles implements AutoCloseable {
    private static final int BUFFER_SIZE = 64 << 10;
    private static final Pattern MARK = Pattern.compile("([0-9]{1,18}) ([0-9]{1,18})");

    private final Path path;
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_SIZE);
    private @Nullable FileChannel older;
    private @Nullable FileChannel present;
    private @Nullable FileStatus presentStatus; // null too if it had gone by then

    private LogFiles(Path path) {
        this.path = path;
    }

    /** Starts at the beginning of what is kept; a log that is not there is empty. */
    public static LogFiles open(Path path) throws IOException {
        LogFiles files = new LogFiles(path);
        // The present one first: if it is rotated in between it is read twice at most, but nothing is missed.
        files.openPresent();
        files.older = channel(RotatedFile.older(path));
        if (files.older != null && files.isPresent(RotatedFile.older(path))) {
            files.older.close();
            files.older = null;
        }
        return files;
    }

    private void openPresent() throws IOException {
        present = channel(path);
        presentStatus = present == null ? null : status(path);
    }

    private static @Nullable FileChannel channel(Path file) throws IOException {
        try {
            return FileChannel.open(file, StandardOpenOption.READ);
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    /** Of a file; null if it has gone. */
    private static @Nullable FileStatus status(Path file) throws IOException {
        try {
            return FileStatus.of(file);
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    /** Whether {@code file} is the one that was opened last; one that has gone is like no other. */
    private boolean isPresent(Path file) throws IOException {
        FileStatus now = status(file);
        return now != null && presentStatus != null && now.isSameFile(presentStatus);
    }

    /** Leaves out what was written before {@code from}. */
    public void skipTo(Instant from) throws IOException {
        if (older != null) {
            skip(older, ConsoleLog.times(RotatedFile.older(path)), from);
        }
        if (present != null) {
            skip(present, ConsoleLog.times(path), from);
        }
    }

    private static void skip(FileChannel file, Path times, Instant from) throws IOException {
        long wanted = from.toEpochMilli();
        long offset = file.size();
        if (Files.exists(times)) {
            // A disk that was full may have cut a line.
            try (Stream<String> lines = Files.lines(times, StandardCharsets.ISO_8859_1)) {
                offset = lines.map(MARK::matcher)
                        .filter(mark -> mark.matches() && Long.parseLong(mark.group(2)) >= wanted)
                        .findFirst()
                        .map(mark -> Long.parseLong(mark.group(1)))
                        .orElse(offset);
            }
        }
        FileChannel _ = file.position(Math.min(offset, file.size()));
    }

    /** Leaves out all but the last lines, of what was not left out before. A last line without an end counts. */
    public void skipToTail(int lines) throws IOException {
        FileChannel before = older;
        FileChannel now = present;
        byte[] first = before == null ? new byte[0] : rest(before);
        byte[] second = now == null ? new byte[0] : rest(now);
        int start = startOfTail(first, second, lines);
        if (before != null) {
            FileChannel _ = before.position(before.position() + Math.min(start, first.length));
        }
        if (now != null) {
            FileChannel _ = now.position(now.position() + Math.max(0, start - first.length));
        }
    }

    /** What follows the file's position, which stays: at most some MiB. */
    private static byte[] rest(FileChannel file) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate((int) Math.max(0, file.size() - file.position()));
        while (bytes.hasRemaining() && file.read(bytes, file.position() + bytes.position()) > 0) {
            // goes on
        }
        return Arrays.copyOf(bytes.array(), bytes.position());
    }

    /** Where the last lines of both together begin. */
    private static int startOfTail(byte[] first, byte[] second, int lines) {
        int length = first.length + second.length;
        if (lines == 0) {
            return length;
        }
        int found = 0;
        for (int i = length - 2; i >= 0; i--) { // an end of line at the very end begins no line
            byte value = i < first.length ? first[i] : second[i - first.length];
            if (value == '\n' && ++found == lines) {
                return i + 1;
            }
        }
        return 0;
    }

    /** Copies what there is now. Returns whether there was anything. */
    public boolean copyTo(OutputStream out) throws IOException {
        boolean any = false;
        FileChannel before = older;
        if (before != null) {
            any = copy(before, out);
            before.close();
            older = null;
        }
        FileChannel now = present;
        if (now != null) {
            any |= copy(now, out);
        }
        if (now == null || !isPresent(path)) {
            // Rotated, or made meanwhile. What was still written to the old one comes first.
            if (now != null) {
                any |= copy(now, out);
                now.close();
            }
            openPresent();
            FileChannel next = present;
            any |= next != null && copy(next, out);
        }
        out.flush();
        return any;
    }

    private boolean copy(FileChannel file, OutputStream out) throws IOException {
        boolean any = false;
        if (file.position() > file.size()) { // emptied, as what can't be renamed is
            FileChannel _ = file.position(0);
        }
        buffer.clear();
        while (file.read(buffer) > 0) {
            out.write(buffer.array(), 0, buffer.position());
            buffer.clear();
            any = true;
        }
        return any;
    }

    @Override
    public void close() throws IOException {
        if (older != null) {
            older.close();
        }
        if (present != null) {
            present.close();
        }
    }
}
