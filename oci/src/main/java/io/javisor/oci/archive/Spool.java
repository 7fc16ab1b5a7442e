package io.javisor.oci.archive;

import io.javisor.oci.OciException;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * A file without a name that takes what can't be read by position: a pipe, or a compressed archive, which is decompressed into it. It is in {@code
 * $TMPDIR}, else in {@code /var/tmp}, which has room where {@code /tmp} is memory; it goes with its channel, whatever ends the process.
 */
final class Spool {
    private static final int PIECE = 256 << 10;
    private static final int GZIP_BUFFER = 64 << 10;

    private Spool() {}

    /**
     * All of a stream, decompressed.
     *
     * @param name for messages; one printable line
     * @return at its end; the caller closes it
     * @throws OciException in one line, if the stream can't be read or decompressed, or the disk is full
     */
    static FileChannel of(String name, InputStream stream) {
        FileChannel file = create(directory(System.getenv()));
        try {
            // Not closed: it is the caller's.
            BufferedInputStream in = new BufferedInputStream(stream, PIECE);
            copy(name, opened(name, in), file);
            return file;
        } catch (OciException e) {
            closeQuietly(file, e);
            throw e;
        }
    }

    static Path directory(Map<String, String> environment) {
        String chosen = environment.getOrDefault("TMPDIR", "");
        Path directory = Path.of(chosen.startsWith("/") ? chosen : "/var/tmp");
        return Files.isDirectory(directory) ? directory : Path.of(System.getProperty("java.io.tmpdir", "/tmp"));
    }

    private static FileChannel create(Path directory) {
        Path file = directory.resolve("javisor-" + UUID.randomUUID() + ".tmp");
        try {
            FileChannel channel = FileChannel.open(
                    file,
                    Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE),
                    PosixFilePermissions.asFileAttribute(
                            Set.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE)));
            try {
                Files.delete(file);
                return channel;
            } catch (IOException e) {
                channel.close();
                throw e;
            }
        } catch (IOException e) {
            throw Trouble.with("temporary file in " + Names.printable(directory.toString()), e);
        }
    }

    private static InputStream opened(String name, BufferedInputStream in) {
        try {
            return decompressed(name, in);
        } catch (IOException e) {
            throw unreadable(name, e);
        }
    }

    private static InputStream decompressed(String name, BufferedInputStream in) throws IOException {
        in.mark(Compression.MAGIC_LENGTH);
        byte[] head = in.readNBytes(Compression.MAGIC_LENGTH);
        in.reset();
        Compression compression = Compression.of(head);
        return switch (compression) {
            case NONE -> in;
            case GZIP -> new GZIPInputStream(new Unending(in), GZIP_BUFFER);
            case ZSTD, BZIP2, XZ ->
                throw new OciException(name + ": only gzip is supported for a whole archive; run "
                        + compression.program() + " on it first");
        };
    }

    /** GZIPInputStream looks for a further member only where more bytes are said to be there: it may look, and finds the end. */
    private static final class Unending extends FilterInputStream {
        Unending(InputStream in) {
            super(in);
        }

        @Override
        public int available() {
            return 1;
        }
    }

    private static void copy(String name, InputStream in, FileChannel file) {
        byte[] piece = new byte[PIECE];
        while (true) {
            int count;
            try {
                count = in.read(piece);
            } catch (IOException e) {
                throw unreadable(name, e);
            }
            if (count < 0) {
                return;
            }
            ByteBuffer bytes = ByteBuffer.wrap(piece, 0, count);
            try {
                while (bytes.hasRemaining()) {
                    file.write(bytes);
                }
            } catch (IOException e) {
                throw Trouble.with("temporary file for " + name, e);
            }
        }
    }

    private static OciException unreadable(String name, IOException failure) {
        boolean damaged = failure instanceof EOFException || failure instanceof ZipException;
        return damaged
                ? new OciException(name + ": it can't be decompressed: is it truncated or damaged?", failure)
                : Trouble.with(name, failure);
    }

    private static void closeQuietly(FileChannel file, OciException problem) {
        try {
            file.close();
        } catch (IOException e) {
            problem.addSuppressed(e);
        }
    }
}
