package io.javisor.oci.archive;

import io.javisor.oci.ImageSource;
import io.javisor.oci.OciException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * A directory or an archive with images in it, of whatever kind: an OCI layout, a tar of one, or what docker saves, plain or compressed by gzip.
 * Its images are read as long as it is open, by several threads at once.
 */
public final class ImageArchive implements AutoCloseable {
    private final Contents contents;

    private ImageArchive(Contents contents) {
        this.contents = contents;
    }

    /**
     * Opens a directory, a file, or what else can be read, such as a pipe.
     *
     * @throws OciException in one line, if it can't be read, or is no archive
     */
    public static ImageArchive open(Path path) {
        return open(Names.printable(path.toString()), path);
    }

    static ImageArchive open(String name, Path path) {
        if (Files.isDirectory(path)) {
            return new ImageArchive(new DirectoryContents(name, path));
        }
        try {
            if (Files.exists(path) && !Files.isRegularFile(path)) {
                try (InputStream pipe = Files.newInputStream(path)) {
                    return read(name, pipe);
                }
            }
            return tar(name, plain(name, path));
        } catch (IOException e) {
            throw Trouble.with(name, e);
        }
    }

    /**
     * Takes an archive from a stream to its end, such as standard input, into a temporary file.
     *
     * @param name for messages; one printable line
     * @param stream stays the caller's
     * @throws OciException in one line, if it can't be read, or is no archive
     */
    public static ImageArchive read(String name, InputStream stream) {
        return tar(name, Spool.of(name, stream));
    }

    /** The file, or a temporary one with its content decompressed. */
    private static FileChannel plain(String name, Path path) throws IOException {
        FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
        boolean kept = false;
        try {
            byte[] head = new Content(name, channel, 0, channel.size(), false).head(Compression.MAGIC_LENGTH);
            if (Compression.of(head) == Compression.NONE) {
                kept = true;
                return channel;
            }
            return Spool.of(name, new ChannelStream(channel));
        } finally {
            if (!kept) {
                channel.close();
            }
        }
    }

    private static ImageArchive tar(String name, FileChannel channel) {
        try {
            TarContents contents = TarContents.open(name, channel);
            if (contents.isEmpty()) {
                throw new OciException(name + ": there is nothing in it");
            }
            return new ImageArchive(contents);
        } catch (OciException e) {
            try {
                channel.close();
            } catch (IOException failure) {
                e.addSuppressed(failure);
            }
            throw e;
        }
    }

    /** For messages. */
    public String name() {
        return contents.name();
    }

    /**
     * Every image in it.
     *
     * @throws OciException in one line, if there is none, or what lists them is wrong
     */
    public List<ArchivedImage> images() {
        List<ArchivedImage> images =
                isLayout() ? Layout.open(contents).images() : dockerArchive().images();
        if (images.isEmpty()) {
            throw Names.notOne(name(), "", 0, List.of());
        }
        return images;
    }

    /** A layout's manifests are those that the images were pushed with: it is preferred where an archive is both. */
    private boolean isLayout() {
        return contents instanceof DirectoryContents
                || contents.find(Layout.LAYOUT_FILE).isPresent();
    }

    private DockerArchive dockerArchive() {
        if (contents.find(DockerArchive.MANIFEST_FILE).isEmpty()) {
            throw new OciException(name() + ": there is no image in it: neither a file " + Layout.LAYOUT_FILE
                    + ", as OCI archives have, nor " + DockerArchive.MANIFEST_FILE + ", as docker's have");
        }
        return DockerArchive.open(contents);
    }

    /**
     * One image of an OCI layout, which closes the archive with it.
     *
     * @param chosen its name or tag there; empty for the only one
     */
    ImageSource layoutImage(String chosen) {
        return Layout.open(contents).source(chosen, this::close);
    }

    /** One image of a docker archive, which closes the archive with it. */
    ImageSource dockerImage(String chosen) {
        return DockerArchive.open(contents).source(chosen, this::close);
    }

    /** The only image, which closes the archive with it. */
    ImageSource onlyImage() {
        return isLayout() ? layoutImage("") : dockerArchive().source("", this::close);
    }

    @Override
    public void close() {
        contents.close();
    }
}
