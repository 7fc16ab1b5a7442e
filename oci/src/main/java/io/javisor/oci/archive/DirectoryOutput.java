package io.javisor.oci.archive;

import io.javisor.oci.ManifestDocument;
import io.javisor.oci.OciException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** An OCI layout in a directory, which may have images already. Each file appears whole; the index, which is written last, names only what is there. */
final class DirectoryOutput implements Output {
    private final Path directory;

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
        Files.createDirectories(parent);
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

    @Override
    public void close() {
        // Blobs that no index names harm nobody, and another run finds them there.
    }
}
