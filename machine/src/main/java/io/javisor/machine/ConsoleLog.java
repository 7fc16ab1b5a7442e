package io.javisor.machine;

import static io.javisor.core.host.HostConstants.O_APPEND;
import static io.javisor.core.host.HostConstants.O_CREAT;
import static io.javisor.core.host.HostConstants.O_NOCTTY;
import static io.javisor.core.host.HostConstants.O_WRONLY;

import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import io.javisor.core.host.HostException;
import io.javisor.core.host.Libc;
import io.javisor.devices.backend.OutputTarget;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * What a guest wrote to its console, in a file of bounded size: once it has {@link #MAX_FILE_BYTES} it becomes the older one of two, and what that
 * held before is gone. A file {@value #TIMES_SUFFIX} beside each says when, a line for each time after some silence: an offset in the file and
 * milliseconds since 1970.
 *
 * <p>One thread writes at a time; readers open the files on their own.
 */
public final class ConsoleLog implements OutputTarget, AutoCloseable {
    /** What each of the two files has at most. */
    public static final long MAX_FILE_BYTES = 4L << 20;

    /** Of the older file's name. */
    public static final String OLDER_SUFFIX = ".1";

    /** Of the names of the files that say when. */
    public static final String TIMES_SUFFIX = ".times";

    /** What is written within it has the time of the first of it; doubled after each {@link #MARKS_A_STEP}, so that marks stay few. */
    private static final long TIME_STEP_MILLIS = 100;

    private static final int MARKS_A_STEP = 4096;
    private static final int MARK_BYTES = 20; // or so
    private static final int MAX_DOUBLINGS = 32;

    private static final int LINE_BYTES = 64;

    private final Path path;
    private final long maxFileBytes;
    private final InstantSource clock;
    private final MemorySegment line = Arena.ofAuto().allocate(LINE_BYTES);
    private Fd text;
    private Fd times;
    private long sizeBytes;
    private long marks;
    private long lastMillis = Long.MIN_VALUE;

    private ConsoleLog(Path path, long maxFileBytes, InstantSource clock) {
        this.path = path;
        this.maxFileBytes = maxFileBytes;
        this.clock = clock;
        text = openFile(path);
        try {
            times = openFile(times(path));
            sizeBytes = Files.size(path);
            marks = Files.size(times(path)) / MARK_BYTES;
        } catch (IOException e) {
            text.close();
            throw new ConfigException("console log " + path + " can't be read: " + e.getMessage(), e);
        } catch (RuntimeException e) {
            text.close();
            throw e;
        }
    }

    /**
     * Opens or makes a log, readable by its owner only.
     *
     * @throws ConfigException if it can't be written
     */
    static ConsoleLog open(Path path) {
        return open(path, MAX_FILE_BYTES, InstantSource.system());
    }

    static ConsoleLog open(Path path, long maxFileBytes, InstantSource clock) {
        return new ConsoleLog(path, maxFileBytes, clock);
    }

    /** The file before this one. */
    public static Path older(Path log) {
        return log.resolveSibling(log.getFileName() + OLDER_SUFFIX);
    }

    /** The file that says when. */
    public static Path times(Path log) {
        return log.resolveSibling(log.getFileName() + TIMES_SUFFIX);
    }

    private static Fd openFile(Path file) {
        try {
            return Fd.own(
                    "console log " + file, Libc.open(file.toString(), O_WRONLY | O_CREAT | O_APPEND | O_NOCTTY, 0600));
        } catch (HostException e) {
            throw new ConfigException("console log " + file + " can't be written: " + Errno.describe(e.errno()), e);
        }
    }

    @Override
    public long write(long dataHva, int count) {
        if (sizeBytes >= maxFileBytes) {
            Integer failure = rotate();
            if (failure != null) {
                return -failure;
            }
        }
        long now = clock.millis();
        if (now - timeStep() >= lastMillis || now < lastMillis) {
            lastMillis = now;
            mark(now);
        }
        long result = Libc.write(text.value(), dataHva, Math.min(count, maxFileBytes - sizeBytes));
        if (result > 0) {
            sizeBytes += result;
        }
        return result;
    }

    private long timeStep() {
        return TIME_STEP_MILLIS << Math.min(MAX_DOUBLINGS, marks / MARKS_A_STEP);
    }

    /** A mark that is not written makes a time less exact. */
    private void mark(long millis) {
        marks++;
        byte[] bytes = (sizeBytes + " " + millis + "\n").getBytes(StandardCharsets.US_ASCII);
        MemorySegment.copy(MemorySegment.ofArray(bytes), 0, line, 0, bytes.length);
        long _ = Libc.write(times.value(), line.address(), bytes.length);
    }

    /** Returns what went wrong, or null. What was done before a failure is not done again: the next write goes on from there. */
    private @Nullable Integer rotate() {
        try {
            if (Files.exists(path) && Files.size(path) >= maxFileBytes) {
                moveIfPresent(times(path), times(older(path)));
                moveIfPresent(path, older(path));
            }
            Fd newText = openFile(path);
            try {
                Fd newTimes = openFile(times(path));
                text.close();
                times.close();
                text = newText;
                times = newTimes;
            } catch (ConfigException e) {
                newText.close();
                throw e;
            }
        } catch (IOException | ConfigException e) {
            return Errno.EIO;
        }
        sizeBytes = 0;
        marks = 0;
        lastMillis = Long.MIN_VALUE;
        return null;
    }

    private static void moveIfPresent(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
        } catch (NoSuchFileException e) {
            // Somebody has deleted it.
        }
    }

    @Override
    public void close() {
        text.close();
        times.close();
    }
}
