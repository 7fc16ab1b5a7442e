package io.javisor.oci.archive;

import io.javisor.oci.ImageSource;
import io.javisor.oci.Reference;
import java.util.List;

/**
 * One image in an archive.
 *
 * @param names what the archive calls it; may be empty
 * @param source where it is read from, as long as the archive is open; closing it does nothing
 */
public record ArchivedImage(List<Reference> names, ImageSource source) {
    public ArchivedImage {
        names = List.copyOf(names);
    }
}
