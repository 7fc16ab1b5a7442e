package io.javisor.oci.archive;

import io.javisor.oci.tar.TarWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.HashSet;
import java.util.Set;

/** A tar archive to a stream: the same images give the same bytes. */
final class TarOutput implements Output {
    private static final int PIECE = 256 << 10;

    private final TarWriter tar;
    private final Ending ending;
    private final Set<String> paths = new HashSet<>();

    /** What is done with the stream when all is in it, or when it is given up. */
    interface Ending {
        void finish() throws IOException;

        void discard() throws IOException;
    }

    TarOutput(OutputStream stream, Ending ending) {
        tar = new TarWriter(stream);
        this.ending = ending;
    }

    @Override
    public boolean has(String path, long sizeBytes) {
        return paths.contains(path);
    }

    @Override
    public void write(String path, long sizeBytes, InputStream content) throws IOException {
        // As docker's archives have them.
        for (int slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
            String directory = path.substring(0, slash + 1);
            if (paths.add(directory)) {
                tar.directory(directory);
            }
        }
        tar.file(path, sizeBytes);
        byte[] piece = new byte[PIECE];
        for (int count = content.read(piece); count >= 0; count = content.read(piece)) {
            tar.write(piece, 0, count);
        }
        paths.add(path);
    }

    @Override
    public byte[] oldIndex() {
        return new byte[0];
    }

    @Override
    public void finish() throws IOException {
        tar.finish();
        ending.finish();
    }

    @Override
    public void close() throws IOException {
        ending.discard();
    }
}
