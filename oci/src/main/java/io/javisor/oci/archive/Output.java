package io.javisor.oci.archive;

import java.io.IOException;
import java.io.InputStream;

/** Where files of an archive or a layout are written. For one thread. */
interface Output extends AutoCloseable {
    /** Whether a file of this size is there. */
    boolean has(String path, long sizeBytes) throws IOException;

    /**
     * Writes a file that is not there.
     *
     * @param content read to its end; it has exactly {@code sizeBytes}, or it throws
     */
    void write(String path, long sizeBytes, InputStream content) throws IOException;

    /** What the layout's index was, if it is one that is added to; an empty array without. */
    byte[] oldIndex() throws IOException;

    /** Makes it all last, and be seen. */
    void finish() throws IOException;

    /** Takes back what was not finished. */
    @Override
    void close() throws IOException;
}
