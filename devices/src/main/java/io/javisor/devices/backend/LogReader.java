package io.javisor.devices.backend;

import io.javisor.core.host.Errno;
import io.javisor.core.host.Libc;
import io.javisor.core.log.LogLimit;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies an {@link OutputLog} to a non-blocking descriptor, from a position on. What it was too slow for is counted, and a line in
 * the stream says so where it is missing: {@code [javisor: 4096 bytes lost]}. Not safe for several threads.
 */
final class LogReader {
    /** How far {@link #pump} came. */
    enum Progress {
        CAUGHT_UP,
        /** To be called again when the descriptor takes bytes. */
        BLOCKED,
        /** Nobody reads any more. */
        GONE
    }

    /** One call writes no more, so that one fast reader does not keep the loop from the others. */
    private static final int TURN_BYTES = 1 << 16;

    /** After an overrun: the other half is head start. */
    private static final int RESUME_BYTES = OutputLog.CAPACITY / 2;

    private static final int NOTICE_SIZE = 64;
    private static final Logger LOG = LoggerFactory.getLogger(LogReader.class);

    private final String name;
    private final OutputLog log;
    private final int fd;
    private final LogLimit lossLines;
    // Freed by the collector.
    private final MemorySegment notice = Arena.ofAuto().allocate(NOTICE_SIZE);
    private int noticeOffset;
    private int noticeLength;
    private long position;
    private boolean lossTold;
    private long unannouncedBytes;
    private long lostBytes;
    private long writtenBytes;
    private long writeCalls;

    /** @param lossLines of lines that tell of what was too slow, shared by all that may come */
    LogReader(String name, OutputLog log, int fd, long position, LogLimit lossLines) {
        this.name = name;
        this.log = log;
        this.fd = fd;
        this.lossLines = lossLines;
        this.position = position;
    }

    /**
     * Writes what there is, for a turn.
     *
     * @param buffer outside the heap; its content is lost
     */
    Progress pump(MemorySegment buffer) {
        int turn = TURN_BYTES;
        while (turn > 0) {
            if (noticeOffset < noticeLength) {
                int written = write(notice.address() + noticeOffset, noticeLength - noticeOffset);
                if (written <= 0) {
                    return written == 0 ? Progress.BLOCKED : Progress.GONE;
                }
                noticeOffset += written;
                turn -= written;
                continue;
            }
            if (unannouncedBytes > 0) {
                announce();
                continue;
            }
            int count = log.take(position, buffer);
            if (count == 0) {
                return Progress.CAUGHT_UP;
            }
            if (count == OutputLog.OVERRUN) {
                if (!lossTold) {
                    lossTold = true;
                    lossLines.warn(LOG, "{}: reads too slowly, output is lost to it", name);
                }
                skipTo(log.startOfLast(RESUME_BYTES));
                continue;
            }
            int written = write(buffer.address(), count);
            if (written <= 0) {
                return written == 0 ? Progress.BLOCKED : Progress.GONE;
            }
            position += written;
            writtenBytes += written;
            writeCalls++;
            turn -= written;
        }
        return Progress.BLOCKED;
    }

    /** Gives up what lies before {@code newPosition}, which counts as lost. */
    void skipTo(long newPosition) {
        long skipped = newPosition - position;
        if (skipped > 0) {
            lostBytes += skipped;
            unannouncedBytes += skipped;
            position = newPosition;
        }
    }

    long position() {
        return position;
    }

    long lostBytes() {
        return lostBytes;
    }

    long writtenBytes() {
        return writtenBytes;
    }

    long writeCalls() {
        return writeCalls;
    }

    private void announce() {
        byte[] text = ("\r\n[javisor: " + unannouncedBytes + " bytes lost]\r\n").getBytes(StandardCharsets.US_ASCII);
        MemorySegment.copy(MemorySegment.ofArray(text), 0, notice, 0, text.length);
        noticeOffset = 0;
        noticeLength = text.length;
        unannouncedBytes = 0;
    }

    /** Returns the bytes written, 0 if the descriptor takes none now, -1 if it never will. */
    private int write(long bufferHva, int count) {
        long result;
        do {
            result = Libc.write(fd, bufferHva, count);
        } while (result == -Errno.EINTR);
        return result == -Errno.EAGAIN ? 0 : result < 0 ? -1 : (int) result;
    }
}
