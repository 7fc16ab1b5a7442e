package io.javisor.core.log;

import static io.javisor.core.host.HostConstants.O_NONBLOCK;
import static io.javisor.core.host.HostConstants.O_RDWR;

import io.javisor.core.host.HostException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * A file or a named pipe that lines are added to. A disk or a pipe that is full loses them: nobody waits for it. A file that has its most bytes gives
 * way to a new one, as {@link RotatedFile} has it; where it can't, it is emptied, unless that was so when it was opened: then it grows. Several
 * processes may add to one: each goes on with the new one. Any thread.
 */
public final class LineFile implements AutoCloseable {
    private final RotatedFile file; // guarded by this
    private final long maxBytes;
    private final String name;
    private final Consumer<String> trouble;
    private boolean grows; // guarded by this
    private boolean told; // guarded by this
    private long missed; // guarded by this

    private LineFile(String name, RotatedFile file, long maxBytes, Consumer<String> trouble) {
        this.name = name;
        this.file = file;
        this.maxBytes = maxBytes;
        this.trouble = trouble;
    }

    /**
     * Opens it, and makes it, for its owner only, if it is not there. It grows as long as there are lines.
     *
     * @param name for messages
     * @throws HostException if it can't be written
     */
    public static LineFile open(String name, String path) {
        return open(name, Path.of(path), Long.MAX_VALUE, _ -> {});
    }

    /**
     * As {@link #open(String, String)}, but of bounded size. One that is full gives way at once; where it can't, it keeps all that it has, and grows.
     *
     * @param maxBytes what it has at most, and as much the one before it; but for a line that is longer
     * @param trouble is told in one line, once, if it can't give way, or if its place has been taken; by the thread that writes
     */
    public static LineFile open(String name, Path path, long maxBytes, Consumer<String> trouble) {
        // For reading too: that opens a pipe without a reader.
        LineFile opened = new LineFile(name, RotatedFile.open(name, path, O_RDWR | O_NONBLOCK), maxBytes, trouble);
        opened.giveWayIfFull();
        return opened;
    }

    private synchronized void giveWayIfFull() {
        if (file.sizeBytes() >= maxBytes && file.rotateUnlessLost() == RotatedFile.Outcome.KEPT) {
            grows = true;
            tell("is full and grows all the same");
        }
    }

    /** Adds one or more lines, with their ends, in one write(2), so that several processes may. */
    public synchronized void write(byte[] lines) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(lines.length);
            MemorySegment.copy(MemorySegment.ofArray(lines), 0, buffer, 0, lines.length);
            if (!hasRoom(lines.length) || file.write(buffer.address(), lines.length) != lines.length) {
                missed++;
            }
        }
    }

    /** Has standard error lead to it, also once it gives way. */
    public synchronized void takeStandardError() {
        file.takeStandardError();
    }

    private boolean hasRoom(int count) {
        if (!isBounded()) {
            return true;
        }
        // Where it can't be followed its lines go where they went before, while there is room.
        if (!file.follow()) {
            tell("is not what is at its path any more");
        }
        long size = file.sizeBytes();
        boolean full = size >= maxBytes || (size > 0 && size + count > maxBytes);
        return !full || giveWay();
    }

    private boolean isBounded() {
        return maxBytes != Long.MAX_VALUE;
    }

    private boolean giveWay() {
        RotatedFile.Outcome outcome = grows ? file.rotateUnlessLost() : file.rotate();
        switch (outcome) {
            case ROTATED -> grows = false;
            case BUSY -> {}
            case EMPTIED -> tell("is full and begins anew, what it had is lost");
            case KEPT -> tell("is full and takes no more");
        }
        return grows || outcome != RotatedFile.Outcome.KEPT;
    }

    private void tell(String what) {
        if (!told) {
            told = true;
            trouble.accept(name + " " + what + ": " + file.reason());
        }
    }

    /** How often something was not written, or not whole. */
    public synchronized long missed() {
        return missed;
    }

    @Override
    public synchronized void close() {
        file.close();
    }
}
