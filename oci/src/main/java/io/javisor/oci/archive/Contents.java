package io.javisor.oci.archive;

import io.javisor.oci.Digest;
import io.javisor.oci.OciException;
import java.util.Optional;

/** Files by their names: an archive's, or a layout's in a directory. For several threads at once, but for {@link #close}. */
interface Contents extends AutoCloseable {
    /** For messages; one printable line. */
    String name();

    /**
     * A file, which the caller closes; empty if it is not there.
     *
     * @throws OciException in one line, if it is no file, or can't be opened
     */
    Optional<Content> find(String path);

    /** A blob of an OCI layout, which the caller closes. */
    default Content blob(Digest digest) {
        return find(blobPath(digest))
                .orElseThrow(() -> new OciException(name() + ": the blob " + digest + " is not there"));
    }

    /** Where an OCI layout has a blob (image-layout.md, "Blobs"). */
    static String blobPath(Digest digest) {
        return "blobs/" + digest.algorithm() + "/" + digest.hex();
    }

    @Override
    void close();
}
