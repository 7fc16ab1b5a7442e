package io.javisor.oci.store;

import io.javisor.core.text.Printable;
import io.javisor.oci.BlobSink;
import io.javisor.oci.Descriptor;
import io.javisor.oci.Digest;
import io.javisor.oci.OciException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A blob on its way into the store. What came of it stays in a file of its own, however this ends, and is where the next one begins. Others may read what has come while
 * more comes. One thread writes.
 */
public final class BlobDownload implements BlobSink, AutoCloseable {
    private static final int REHASH_BYTES = 1 << 20;

    private final StorePlaces places;
    private final Descriptor blob;
    private final Path partial;
    private final FileChannel channel;
    private final LongConsumer progress;
    private final MessageDigest hash;
    private final Object changed = new Object();

    /** Whether its first bytes are of an earlier try. */
    private boolean resumed;

    /** Whether what readers got may be something else than what is in the file in the end. */
    private boolean pieced;

    // Guarded by changed:
    private long offset;
    private boolean ended;
    private @Nullable RuntimeException failure;

    private BlobDownload(
            StorePlaces places, Descriptor blob, Path partial, FileChannel channel, LongConsumer progress) {
        this.places = places;
        this.blob = blob;
        this.partial = partial;
        this.channel = channel;
        this.progress = progress;
        this.hash = blob.digest().newHash();
    }

    /** Whoever calls it has the blob's lock, and nobody else has written to the file since then. */
    static BlobDownload open(StorePlaces places, Descriptor blob, LongConsumer progress) {
        Path partial = places.partial(blob.digest());
        try {
            return new BlobDownload(places, blob, partial, StorePlaces.openOrCreate(partial), progress);
        } catch (IOException e) {
            throw Failures.of("write", partial, e);
        }
    }

    public Descriptor blob() {
        return blob;
    }

    /** Goes on from where an earlier one got to: reads that again for its hash. To be called once, first. */
    public void resume() {
        try {
            long there = channel.size();
            if (there > blob.sizeBytes()) {
                channel.truncate(0);
                there = 0;
            }
            resumed = there > 0;
            pieced = resumed;
            ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(REHASH_BYTES, Math.max(there, 1)));
            for (long at = 0; at < there; ) {
                int length = channel.read(buffer.clear(), at);
                if (length <= 0) {
                    channel.truncate(at);
                    break;
                }
                hash.update(buffer.array(), 0, length);
                at += length;
                advance(at);
            }
        } catch (IOException e) {
            throw Failures.of("read", partial, e);
        }
    }

    @Override
    public long offset() {
        synchronized (changed) {
            return offset;
        }
    }

    @Override
    public void write(byte[] bytes, int from, int length) {
        long at = offset();
        if (length > blob.sizeBytes() - at) {
            throw tooLong();
        }
        try {
            ByteBuffer buffer = ByteBuffer.wrap(bytes, from, length);
            for (long place = at; buffer.hasRemaining(); ) {
                place += channel.write(buffer, place);
            }
        } catch (IOException e) {
            throw Failures.of("write", partial, e);
        }
        hash.update(bytes, from, length);
        advance(at + length);
    }

    /** It can't be right any more, so nothing of it is kept. */
    private OciException tooLong() {
        forget();
        return new OciException(blob.digest() + ": more than the " + blob.sizeBytes()
                + " bytes came that its descriptor says; the image is damaged where it comes from");
    }

    private void advance(long to) {
        synchronized (changed) {
            if (failure != null) {
                throw failure;
            }
            offset = to;
            changed.notifyAll();
        }
        progress.accept(to);
    }

    @Override
    public void restart() {
        pieced = true;
        resumed = false;
        forget();
    }

    private void forget() {
        synchronized (changed) {
            offset = 0;
        }
        hash.reset();
        try {
            channel.truncate(0);
        } catch (IOException e) {
            throw Failures.of("write", partial, e);
        }
    }

    /** Whether {@link #follow} may have given bytes that are not those of the blob as it is in the end. For who writes. */
    public boolean wasPieced() {
        return pieced;
    }

    /**
     * Says that all of it came: it is checked, and has its place in the store.
     *
     * @return false if it is not what it should be, but part of it came by an earlier try: it has to be fetched from its first byte on, as nothing is kept of it
     * @throws OciException in one line, if it is not what it should be
     */
    public boolean finish() {
        if (offset() < blob.sizeBytes()) {
            throw new OciException(blob.digest() + ": " + offset() + " bytes came, its descriptor says "
                    + blob.sizeBytes() + "; try again");
        }
        Digest came = Digest.of(blob.digest().algorithm(), hash.digest());
        if (!came.equals(blob.digest())) {
            boolean again = resumed;
            restart();
            if (again) {
                return false;
            }
            throw new OciException("verification failed for digest " + blob.digest() + ": what came has " + came
                    + "; try again, or tell who keeps the image");
        }
        try {
            channel.force(true);
            StorePlaces.move(partial, places.blob(blob.digest()));
        } catch (IOException e) {
            throw Failures.of("write", places.blob(blob.digest()), e);
        }
        synchronized (changed) {
            ended = true;
            changed.notifyAll();
        }
        return true;
    }

    /** Has readers, and who writes, get this failure. The first one counts. */
    public void fail(RuntimeException problem) {
        synchronized (changed) {
            if (failure == null && !ended) {
                failure = problem;
            }
            changed.notifyAll();
        }
    }

    /**
     * Its bytes as they come; ends when all came, which says nothing of their being the right ones. It may be read by another thread, until it is closed, even after this is.
     *
     * @throws OciException in one line
     */
    public InputStream follow() {
        try {
            return new Follower(FileChannel.open(partial, StandardOpenOption.READ));
        } catch (IOException e) {
            throw Failures.of("read", partial, e);
        }
    }

    private long awaitMoreThan(long position) throws IOException {
        synchronized (changed) {
            while (offset <= position && position < blob.sizeBytes() && !ended) {
                if (failure != null) {
                    throw failure;
                }
                try {
                    changed.wait();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw (IOException) new InterruptedIOException("interrupted").initCause(e);
                }
            }
            if (failure != null) {
                throw failure;
            }
            return ended ? blob.sizeBytes() : Math.max(offset, position);
        }
    }

    /** Keeps what came, unless it was finished. Who reads, and waits for more, gets a failure. */
    @Override
    public void close() {
        fail(new OciException(Printable.line(blob.digest().toString()) + ": what was to come did not"));
        try {
            channel.close();
        } catch (IOException e) {
            throw Failures.of("write", partial, e);
        }
    }

    private final class Follower extends InputStream {
        private final FileChannel file;
        private long position;

        Follower(FileChannel file) {
            this.file = file;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] bytes, int from, int length) throws IOException {
            if (length == 0) {
                return 0;
            }
            long there = awaitMoreThan(position) - position;
            if (there <= 0) {
                return -1;
            }
            int count = file.read(ByteBuffer.wrap(bytes, from, (int) Math.min(length, there)), position);
            if (count <= 0) {
                // Forgotten at this moment, for another attempt from its first byte on.
                throw new OciException(blob.digest() + ": what was read has gone");
            }
            position += count;
            return count;
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
