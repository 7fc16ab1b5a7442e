package io.javisor.oci.archive;

import io.javisor.oci.BlobContent;
import io.javisor.oci.Descriptor;
import io.javisor.oci.ImageTarget;
import io.javisor.oci.ManifestDocument;
import io.javisor.oci.MediaTypes;
import io.javisor.oci.OciException;
import io.javisor.oci.Reference;
import io.javisor.oci.model.Manifest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Writes images into one archive or one directory. Each is put into a target of its own, one after the other; {@link #finish} makes the whole. What is
 * written is checked on its way. The same images in the same order give the same bytes. For one thread.
 */
public final class ArchiveWriter implements AutoCloseable {
    private final String name;
    private final Output output;
    private final ArchiveFormat format;
    private final List<SavedImage> images = new ArrayList<>();
    private boolean finished;

    /**
     * An image that is all there.
     *
     * @param tag as a user chose it; empty for the names
     */
    record SavedImage(ManifestDocument document, String tag, List<Reference> names) {}

    private ArchiveWriter(String name, Output output, ArchiveFormat format) {
        this.name = name;
        this.output = output;
        this.format = format;
    }

    /**
     * Into a file, for its owner alone: it appears when it is finished, and replaces what was there. What is no file, such as a pipe, is written to as it is.
     *
     * @throws OciException in one line, if it can't be made
     */
    public static ArchiveWriter toFile(Path file, ArchiveFormat format) {
        return toFile(Names.printable(file.toString()), file, format);
    }

    static ArchiveWriter toFile(String name, Path file, ArchiveFormat format) {
        try {
            if (Files.isDirectory(file)) {
                throw new OciException(name + ": is a directory");
            }
            if (!Files.exists(file)) {
                return new ArchiveWriter(name, replacing(file), format);
            }
            if (Files.isRegularFile(file)) {
                return new ArchiveWriter(name, replacing(file.toRealPath()), format);
            }
            OutputStream stream = Files.newOutputStream(file);
            return new ArchiveWriter(name, new TarOutput(stream, Endings.closing(stream)), format);
        } catch (IOException e) {
            throw Trouble.with(name, e);
        }
    }

    private static Output replacing(Path file) throws IOException {
        NewFile fresh = NewFile.create(file, NewFile.PRIVATE);
        return new TarOutput(fresh.stream(), Endings.replacing(fresh));
    }

    /**
     * Into a stream, such as standard output, which stays the caller's. What was written to it before a failure can't be taken back.
     *
     * @param name for messages; one printable line
     */
    public static ArchiveWriter toStream(String name, OutputStream stream, ArchiveFormat format) {
        return new ArchiveWriter(name, new TarOutput(stream, Endings.flushing(stream)), format);
    }

    /** Into a directory with an OCI layout, which is made if it is not there; images with other names stay in it. */
    public static ArchiveWriter toDirectory(Path directory) {
        return toDirectory(Names.printable(directory.toString()), directory);
    }

    static ArchiveWriter toDirectory(String name, Path directory) {
        if (Files.exists(directory) && !Files.isDirectory(directory)) {
            throw new OciException(name + ": is not a directory");
        }
        return new ArchiveWriter(name, new DirectoryOutput(directory), ArchiveFormat.OCI);
    }

    /**
     * Where the next image goes to; it is in the archive once its target is closed after its manifest was put, the last one if several are.
     *
     * @param names what it is called there; may be none
     */
    public ImageTarget image(List<Reference> names) {
        return new Target("", names, false);
    }

    /**
     * The target of the only image, with which all is finished, or given up.
     *
     * @param choice its tag or name there; may be empty
     */
    ImageTarget only(String choice) {
        if (format.hasLayout()) {
            boolean whole = choice.indexOf('/') >= 0 || choice.indexOf(':') >= 0;
            List<Reference> names = whole ? Names.reference(choice).stream().toList() : List.of();
            return new Target(choice, names, true);
        }
        try {
            return new Target("", choice.isEmpty() ? List.of() : List.of(Reference.parse(choice)), true);
        } catch (OciException e) {
            close();
            throw e;
        }
    }

    private final class Target implements ImageTarget {
        private final String tag;
        private final List<Reference> names;
        private final boolean only;
        private Optional<ManifestDocument> document = Optional.empty();

        Target(String tag, List<Reference> names, boolean only) {
            this.tag = tag;
            this.names = List.copyOf(names);
            this.only = only;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public boolean has(Descriptor blob) {
            return isThere(blob);
        }

        @Override
        public void put(BlobContent blob, BytesTaken taken) {
            if (!isThere(blob.descriptor())) {
                write(blob.descriptor(), blob.open(0), taken);
            }
        }

        @Override
        public void put(ManifestDocument manifest) {
            if (MediaTypes.isManifest(manifest.mediaType())) {
                Manifest parts = Manifest.parse(manifest);
                require(parts.config());
                parts.layers().forEach(this::require);
            }
            if (format.hasLayout() && !isThere(manifest.descriptor())) {
                write(manifest.descriptor(), new ByteArrayInputStream(manifest.bytes()), _ -> {});
            }
            document = Optional.of(manifest);
        }

        private void require(Descriptor part) {
            if (!isThere(part)) {
                throw new IllegalStateException("a manifest was put before " + part.digest());
            }
        }

        @Override
        public void close() {
            document.ifPresent(put -> images.add(new SavedImage(put, tag, names)));
            document = Optional.empty();
            if (only) {
                try (ArchiveWriter writer = ArchiveWriter.this) {
                    if (!writer.images.isEmpty()) {
                        writer.finish();
                    }
                }
            }
        }
    }

    private boolean isThere(Descriptor blob) {
        try {
            return output.has(Contents.blobPath(blob.digest()), blob.sizeBytes());
        } catch (IOException e) {
            throw Trouble.with(name, e);
        }
    }

    private void write(Descriptor descriptor, InputStream content, ImageTarget.BytesTaken taken) {
        try (CheckedContent checked = new CheckedContent(descriptor, content, taken)) {
            output.write(Contents.blobPath(descriptor.digest()), descriptor.sizeBytes(), checked);
        } catch (IOException e) {
            throw Trouble.with(name, e);
        }
    }

    /**
     * Writes what lists the images, and puts the archive where it should be.
     *
     * @throws OciException in one line, if it can't be written, or no image was put
     */
    public void finish() {
        if (images.isEmpty()) {
            throw new OciException(name + ": there is no image to save");
        }
        try {
            if (format.hasLayout()) {
                writeText(Layout.INDEX_FILE, ArchiveIndexes.index(name, output.oldIndex(), images));
            }
            if (format.hasDockerManifest()) {
                writeText(DockerArchive.MANIFEST_FILE, ArchiveIndexes.dockerManifest(name, images, format));
            }
            if (format.hasLayout()) {
                String version = "{\"imageLayoutVersion\":\"" + Layout.VERSION + "\"}";
                writeText(Layout.LAYOUT_FILE, version.getBytes(StandardCharsets.US_ASCII));
            }
            output.finish();
            finished = true;
        } catch (IOException e) {
            throw Trouble.with(name, e);
        }
    }

    private void writeText(String path, byte[] text) throws IOException {
        output.write(path, text.length, new ByteArrayInputStream(text));
    }

    /** Gives up what was not finished: the file that was there before stays. */
    @Override
    public void close() {
        if (!finished) {
            try {
                output.close();
            } catch (IOException e) {
                throw Trouble.with(name, e);
            }
        }
    }
}
