package io.javisor.machine.host;

import static io.javisor.core.host.HostConstants.O_NONBLOCK;
import static io.javisor.core.host.HostConstants.O_WRONLY;

import io.javisor.core.host.Errno;
import io.javisor.core.log.RotatedFile;
import io.javisor.devices.backend.OutputTarget;
import io.javisor.machine.config.MemorySize;
import io.javisor.machine.config.SerialSink;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file that a serial port's output goes to, of bounded size: once it has its most bytes it gives way to a new one, as {@link RotatedFile} has it, which
 * is said once. One thread writes at a time.
 */
public final class SerialFile implements OutputTarget, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SerialFile.class);

    private final RotatedFile file;
    private final long maxBytes;
    private boolean told;

    private SerialFile(RotatedFile file, long maxBytes) {
        this.file = file;
        this.maxBytes = file.isRotatable() ? maxBytes : SerialSink.ToFile.UNLIMITED;
    }

    /**
     * Opens it, or makes it.
     *
     * @param maxBytes what it has at most, and as much the one before it; not of what is no regular file
     * @throws io.javisor.core.host.HostException if it can't be written
     */
    static SerialFile open(Path path, long maxBytes) {
        // Non-blocking for what is no regular file: a FIFO, a terminal.
        return new SerialFile(RotatedFile.open("serial file " + path, path, O_WRONLY | O_NONBLOCK), maxBytes);
    }

    /** Whether to write here, and not to {@link #fd}, which may have to be waited for. */
    public boolean isBounded() {
        return maxBytes != SerialSink.ToFile.UNLIMITED;
    }

    /** Of what is not {@link #isBounded bounded}. */
    public int fd() {
        return file.fd();
    }

    /** Drops what it had before. */
    void empty() {
        file.empty();
    }

    @Override
    public long write(long dataHva, int count) {
        long size = file.sizeBytes();
        if (size >= maxBytes) {
            RotatedFile.Outcome outcome = file.rotate();
            tell(outcome);
            if (outcome == RotatedFile.Outcome.KEPT) {
                return -Errno.EIO;
            }
            size = file.sizeBytes();
        }
        return file.write(dataHva, RotatedFile.fitting(count, maxBytes - size));
    }

    private void tell(RotatedFile.Outcome outcome) {
        if (told) {
            return;
        }
        told = true;
        String size = MemorySize.exact(maxBytes);
        switch (outcome) {
            case ROTATED, BUSY ->
                LOG.warn(
                        "serial file {} has reached {} and goes on in a new one; what it had is in {} until it does so"
                                + " again (file:PATH,max=SIZE for more, max=none without end)",
                        file.path(),
                        size,
                        file.older());
            case EMPTIED ->
                LOG.warn(
                        "serial file {} has reached {} and begins anew, what it had is lost: {}",
                        file.path(),
                        size,
                        file.reason());
            case KEPT ->
                LOG.warn("serial file {} has reached {} and takes no more: {}", file.path(), size, file.reason());
        }
    }

    @Override
    public void close() {
        file.close();
    }
}
