package io.javisor.machine.host;

import static io.javisor.core.host.HostConstants.O_WRONLY;

import io.javisor.core.host.Errno;
import io.javisor.core.host.HostException;
import io.javisor.core.log.RotatedFile;
import io.javisor.devices.backend.OutputTarget;
import io.javisor.machine.config.ConfigException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;

/**
 * What a guest wrote to its console, in a file of bounded size: once it has {@link #MAX_FILE_BYTES} it gives way to a new one as
 * {@link RotatedFile} has it. A file {@value #TIMES_SUFFIX} beside each says when, a line for each time after some silence: an offset in the file and
 * milliseconds since 1970.
 *
 * <p>One thread writes at a time; readers open the files on their own.
 */
public final class ConsoleLog implements OutputTarget, AutoCloseable {
    /** What each of the two files has at most. */
    public static final long MAX_FILE_BYTES = 4L << 20;

    /** Of the names of the files that say when. */
    public static final String TIMES_SUFFIX = ".times";

    /** What is written within it has the time of the first of it; doubled after each {@link #MARKS_A_STEP}, so that marks stay few. */
    private static final long TIME_STEP_MILLIS = 100;

    private static final int MARKS_A_STEP = 4096;
    private static final int MARK_BYTES = 20; // or so
    private static final int MAX_DOUBLINGS = 32;

    private static final int LINE_BYTES = 64;

    private final long maxFileBytes;
    private final InstantSource clock;
    private final MemorySegment line = Arena.ofAuto().allocate(LINE_BYTES);
    private final RotatedFile text;
    private final RotatedFile times;
    private long marks;
    private long lastMillis = Long.MIN_VALUE;

    private ConsoleLog(Path path, long maxFileBytes, InstantSource clock) {
        this.maxFileBytes = maxFileBytes;
        this.clock = clock;
        Path older = RotatedFile.older(path);
        text = openFile(path, older);
        try {
            times = openFile(times(path), times(older));
        } catch (RuntimeException e) {
            text.close();
            throw e;
        }
        marks = times.sizeBytes() / MARK_BYTES;
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

    /** The file that says when. */
    public static Path times(Path log) {
        return log.resolveSibling(log.getFileName() + TIMES_SUFFIX);
    }

    private static RotatedFile openFile(Path file, Path older) {
        try {
            return RotatedFile.open("console log " + file, file, older, O_WRONLY);
        } catch (HostException e) {
            throw new ConfigException("console log " + file + " can't be written: " + Errno.describe(e.errno()), e);
        }
    }

    @Override
    public long write(long dataHva, int count) {
        long size = text.sizeBytes();
        if (size >= maxFileBytes) {
            if (!rotate()) {
                return -Errno.EIO;
            }
            size = text.sizeBytes();
        }
        long now = clock.millis();
        if (now - timeStep() >= lastMillis || now < lastMillis) {
            lastMillis = now;
            mark(size, now);
        }
        return text.write(dataHva, RotatedFile.fitting(count, maxFileBytes - size));
    }

    private long timeStep() {
        return TIME_STEP_MILLIS << Math.min(MAX_DOUBLINGS, marks / MARKS_A_STEP);
    }

    /** A mark that is not written makes a time less exact. */
    private void mark(long offset, long millis) {
        marks++;
        byte[] bytes = (offset + " " + millis + "\n").getBytes(StandardCharsets.US_ASCII);
        MemorySegment.copy(MemorySegment.ofArray(bytes), 0, line, 0, bytes.length);
        long _ = times.write(line.address(), bytes.length);
    }

    /** Returns whether there is room. Where the text can't give way, its times are gone nonetheless. */
    private boolean rotate() {
        RotatedFile.Outcome _ = times.rotate();
        if (text.rotate() == RotatedFile.Outcome.KEPT) {
            return false;
        }
        marks = 0;
        lastMillis = Long.MIN_VALUE;
        return true;
    }

    @Override
    public void close() {
        text.close();
        times.close();
    }
}
