package io.javisor.core.io;

/**
 * Reads a {@link StitchedFile} by one engine, however many parts there are. A read ends with the part that it begins in: it is a short read then, and
 * whoever asked goes on behind it, as with any file. So a request is one of the engine's at every moment, and its iovecs are the caller's own: the
 * file's own end stops the kernel, and where the file has grown since, what it gave too much is not told of and will be written over.
 */
final class StitchedFileBackend implements AsyncFileBackend {
    private final StitchedFile parts;
    private final LoopFileBackend backend;

    /** @param backend this object's from now on */
    StitchedFileBackend(StitchedFile parts, LoopFileBackend backend) {
        this.parts = parts;
        this.backend = backend;
    }

    @Override
    public int depth() {
        return backend.depth();
    }

    @Override
    public boolean readv(long offset, long iovecHva, int iovecCount, long sizeBytes, long token) {
        int part = parts.partAt(offset);
        long most = Math.max(0, parts.start(part + 1) - offset);
        return backend.readv(
                parts.file(part), offset - parts.start(part), iovecHva, iovecCount, sizeBytes, most, token);
    }

    @Override
    public boolean writev(long offset, long iovecHva, int iovecCount, long sizeBytes, boolean dsync, long token) {
        throw readOnly();
    }

    @Override
    public boolean fdatasync(long token) {
        throw readOnly();
    }

    @Override
    public boolean discard(long offset, long length, long token) {
        throw readOnly();
    }

    @Override
    public boolean zero(long offset, long length, long token) {
        throw readOnly();
    }

    private IllegalStateException readOnly() {
        return new IllegalStateException(parts + " can only be read");
    }

    @Override
    public void submit() {
        backend.submit();
    }

    @Override
    public void close() {
        backend.close();
    }

    @Override
    public String engine() {
        return backend.engine();
    }

    @Override
    public String toString() {
        return parts + " by " + backend.engine();
    }
}
