package io.javisor.oci;

import java.io.InputStream;

/** A blob that is there, to be read as often as it takes. */
public interface BlobContent {
    Descriptor descriptor();

    /**
     * Its bytes from {@code offset} on; the caller closes the stream.
     *
     * @throws OciException in one line, if it can't be read
     */
    InputStream open(long offset);
}
