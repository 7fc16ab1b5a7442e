package io.javisor.oci.archive;

import io.javisor.oci.OciException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * An OCI layout in a directory. It is asked for names that the layout has, and for none that came with an image; what they lead to is the affair of
 * whoever made the directory.
 */
final class DirectoryContents implements Contents {
    private final String name;
    private final Path directory;

    DirectoryContents(String name, Path directory) {
        this.name = name;
        this.directory = directory;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Optional<Content> find(String path) {
        Path file = directory.resolve(path);
        String title = name + ": " + path;
        // Before it is opened: opening a pipe waits for its writer.
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            throw new OciException(title + ": not a regular file");
        }
        try {
            FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
            try {
                return Optional.of(new Content(title, channel, 0, channel.size(), true));
            } catch (IOException e) {
                channel.close();
                throw e;
            }
        } catch (NoSuchFileException _) {
            return Optional.empty();
        } catch (IOException e) {
            throw Trouble.with(title, e);
        }
    }

    @Override
    public void close() {
        // Each file is closed by who asked for it.
    }
}
