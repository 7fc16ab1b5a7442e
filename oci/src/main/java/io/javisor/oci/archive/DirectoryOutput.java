package io.javisor.oci.archive;

import io.javisor.oci.ManifestDocument;
import io.javisor.oci.OciException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;

/** An OCI layout in a directory, which may have images already. Each file appears whole; the index, which is written last, names only what is there. */
final class DirectoryOutput implements Output {
    private final Path directory;

    /** The directories that were not there, the last one first. */
    private final Deque<Path> made = new ArrayDeque<>();

    DirectoryOutput(Path directory) {
        this.directory = directory;
    }

    @Override
    public boolean has(String path, long sizeBytes) throws IOException {
        Path file = directory.resolve(path);
        return Files.isRegularFile(file) && Files.size(file) == sizeBytes;
    }

    @Override
    public void write(String path, long sizeBytes, InputStream content) throws IOException {
        Path file = directory.resolve(path);
        Path parent = file.getParent() == null ? directory : file.getParent();
        make(parent);
        try (NewFile fresh = NewFile.create(file, NewFile.PUBLIC)) {
            content.transferTo(fresh.stream());
            fresh.replace();
        }
    }

    @Override
    public byte[] oldIndex() throws IOException {
        Path index = directory.resolve(Layout.INDEX_FILE);
        try {
            if (Files.size(index) > ManifestDocument.SIZE_MAX) {
                throw new OciException(Names.printable(index.toString()) + ": it is too long");
            }
            return Files.readAllBytes(index);
        } catch (NoSuchFileException _) {
            return new byte[0];
        }
    }

    @Override
    public void finish() throws IOException {
        try (FileChannel entries = FileChannel.open(directory, StandardOpenOption.READ)) {
            entries.force(true);
        }
    }

    private void make(Path place) throws IOException {
        Path above = place.getParent();
        if (!Files.exists(place)) {
            if (above != null) {
                make(above);
            }
            made.addFirst(place);
        }
        Files.createDirectories(place);
    }

    /** Blobs that no index names harm nobody, and another run finds them there. But a directory that is empty was made for nothing. */
    @Override
    public void close() throws IOException {
        for (Path place : made) {
            try {
                Files.deleteIfExists(place);
            } catch (DirectoryNotEmptyException _) {
                // As it should be.
            }
        }
    }
}
