package io.javisor.oci.store;

import java.nio.file.Path;
import java.util.List;

/**
 * The root file system of an image: one EROFS image, which is the metadata followed by the layers' data. Each is a whole number of blocks of 4 KiB and at least one long.
 *
 * @param layers in their order, without those that have no data; the same file may stand there twice
 */
public record RootFiles(Path metadata, List<Path> layers) {
    public RootFiles {
        layers = List.copyOf(layers);
    }
}
