package io.javisor.container.store;

import io.javisor.core.host.Errno;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.HostException;
import io.javisor.core.log.LogLimit;
import io.javisor.core.log.RotatedFile;
import io.javisor.machine.config.ConfigException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes down what a container's process writes: a JSON object for each line, as docker's json-file driver has them, but {@code bytes} in Base64 in the place of {@code log} for
 * what is no UTF-8. A line of more than {@link #MAX_LINE_BYTES} becomes several objects. At {@link #MAX_FILE_BYTES} the file gives way to a new one, as {@link RotatedFile} has it.
 *
 * <p>What can't be written is lost to the log, and said in javisor's own; the container goes on. Any thread; readers open the files on their own.
 */
public final class OutputLog implements AutoCloseable {
    /** What each of the two files has, about. */
    public static final long MAX_FILE_BYTES = 16L << 20;

    /** Docker's. */
    public static final int MAX_LINE_BYTES = 16 << 10;

    private static final Logger LOG = LoggerFactory.getLogger(OutputLog.class);
    private static final int BUFFER_SIZE = 256 << 10;

    private final LogLimit limit = new LogLimit();
    private final RotatedFile file;
    private final long maxFileBytes;
    private final InstantSource clock;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment buffer = arena.allocate(BUFFER_SIZE);
    private final RecordText text = new RecordText();
    private final Line output = new Line();
    private final Line errors = new Line();
    private boolean cut; // the file ends within an object
    private boolean closed;

    /** The beginning of a line whose end has not come. */
    private static final class Line {
        private final byte[] bytes = new byte[MAX_LINE_BYTES];
        private int length;
    }

    private OutputLog(Path path, long maxFileBytes, InstantSource clock) {
        this.maxFileBytes = maxFileBytes;
        this.clock = clock;
        this.cut = isCut(path);
        try {
            file = RotatedFile.open("log " + path, path, RotatedFile.older(path), HostConstants.O_WRONLY);
        } catch (HostException e) {
            throw new ConfigException("the log " + path + " can't be written: " + Errno.describe(e.errno()), e);
        }
    }

    /**
     * Goes on with a log, or makes one.
     *
     * @throws ConfigException in one line, if it can't be written
     */
    public static OutputLog open(Path path) {
        return open(path, MAX_FILE_BYTES, InstantSource.system());
    }

    static OutputLog open(Path path, long maxFileBytes, InstantSource clock) {
        return new OutputLog(path, maxFileBytes, clock);
    }

    /** A process that was killed, or a disk that was full, may have left the beginning of an object. */
    private static boolean isCut(Path path) {
        try (RandomAccessFile present = new RandomAccessFile(path.toFile(), "r")) {
            long size = present.length();
            if (size == 0) {
                return false;
            }
            present.seek(size - 1);
            return present.read() != '\n';
        } catch (IOException e) {
            return false; // it is not there
        }
    }

    private Line line(OutputKind kind) {
        return kind == OutputKind.STDOUT ? output : errors;
    }

    /** Adds what was written. */
    public synchronized void add(OutputKind kind, byte[] bytes, int offset, int length) {
        if (closed) {
            return;
        }
        text.begin(clock.instant());
        Line line = line(kind);
        int end = offset + length;
        int start = offset;
        while (start < end) {
            int newline = indexOfNewline(bytes, start, Math.min(end, start + MAX_LINE_BYTES - line.length));
            int stop = newline < 0 ? Math.min(end, start + MAX_LINE_BYTES - line.length) : newline + 1;
            boolean whole = newline >= 0 || line.length + stop - start == MAX_LINE_BYTES;
            if (!whole) {
                keep(line, bytes, start, stop);
            } else if (line.length == 0) {
                start += add(kind, bytes, start, stop, newline >= 0);
                continue;
            } else {
                keep(line, bytes, start, stop);
                int taken = add(kind, line.bytes, 0, line.length, newline >= 0);
                System.arraycopy(line.bytes, taken, line.bytes, 0, line.length - taken);
                line.length -= taken;
            }
            start = stop;
        }
        write();
    }

    private static void keep(Line line, byte[] bytes, int start, int stop) {
        System.arraycopy(bytes, start, line.bytes, line.length, stop - start);
        line.length += stop - start;
    }

    private static int indexOfNewline(byte[] bytes, int start, int end) {
        for (int i = start; i < end; i++) {
            if (bytes[i] == '\n') {
                return i;
            }
        }
        return -1;
    }

    /** Adds an object. Returns how many bytes of it were taken: a part of a line ends with a whole character. */
    private int add(OutputKind kind, byte[] bytes, int start, int stop, boolean ended) {
        int end = ended ? stop : RecordText.endOfCharacter(bytes, start, stop);
        text.add(kind, bytes, start, end);
        if (text.length() > BUFFER_SIZE / 2) {
            write();
        }
        return end - start;
    }

    /** Nothing more comes by that stream: a line without an end is written down as it is. */
    public synchronized void finish(OutputKind kind) {
        Line line = line(kind);
        if (!closed && line.length > 0) {
            text.begin(clock.instant());
            text.add(kind, line.bytes, 0, line.length);
            line.length = 0;
            write();
        }
    }

    private void write() {
        byte[] bytes = text.bytes();
        int length = text.length();
        text.clear();
        if (length == 0) {
            return;
        }
        if (file.sizeBytes() >= maxFileBytes) {
            RotatedFile.Outcome outcome = file.rotate();
            cut &= outcome == RotatedFile.Outcome.KEPT || outcome == RotatedFile.Outcome.BUSY;
            if (outcome == RotatedFile.Outcome.KEPT) {
                limit.warn(LOG, "output is not logged: {}", file.reason());
                return;
            }
        }
        if (cut) {
            buffer.set(ValueLayout.JAVA_BYTE, 0, (byte) '\n');
            if (file.write(buffer.address(), 1) != 1) {
                return;
            }
            cut = false;
        }
        for (int done = 0; done < length; ) {
            int count = Math.min(length - done, BUFFER_SIZE);
            MemorySegment.copy(MemorySegment.ofArray(bytes), done, buffer, 0, count);
            long written = file.write(buffer.address(), count);
            if (written < 0) {
                cut = done > 0;
                limit.warn(LOG, "output is not logged: {}: {}", file.path(), Errno.describe((int) -written));
                return;
            }
            done += (int) written;
        }
    }

    /** Writes down lines without an end too. Idempotent. */
    @Override
    public synchronized void close() {
        if (!closed) {
            for (OutputKind kind : OutputKind.values()) {
                finish(kind);
            }
            closed = true;
            file.close();
            arena.close();
        }
    }
}
