package io.javisor.images.erofs;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.javisor.images.ByteSource;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** A tree to be written, with the data that its files point to. */
final class ErofsTree {
    static final UUID ID = UUID.fromString("00112233-4455-6677-8899-aabbccddeeff");
    static final int BLOCK = 4096;

    private final ErofsNode.Directory root;
    private final List<ByteArrayOutputStream> sources = new ArrayList<>();

    ErofsTree(int sourceCount) {
        this(sourceCount, new ErofsAttributes(0755, 1, 2, 1_700_000_000, 5, Map.of()));
    }

    ErofsTree(int sourceCount, ErofsAttributes rootAttributes) {
        root = new ErofsNode.Directory(rootAttributes);
        for (int i = 0; i < sourceCount; i++) {
            sources.add(new ByteArrayOutputStream());
        }
    }

    static ErofsAttributes attributes(int mode) {
        return new ErofsAttributes(mode, 1000, 100, 1_600_000_000, 123_456_789, Map.of());
    }

    static ErofsAttributes attributes(Map<String, String> xattrs) {
        return new ErofsAttributes(0644, 0, 0, 0, 0, xattrs);
    }

    ErofsNode.Directory root() {
        return root;
    }

    int sourceCount() {
        return sources.size();
    }

    /** A file with this content, which is put into the source. */
    ErofsNode.RegularFile file(ErofsAttributes attributes, byte[] content, int source) {
        ByteArrayOutputStream data = sources.get(source);
        long block = data.size() / BLOCK;
        data.writeBytes(content);
        data.writeBytes(new byte[-content.length & (BLOCK - 1)]);
        return new ErofsNode.RegularFile(attributes, content.length, source, block);
    }

    ErofsTree add(String name, ErofsNode node) {
        root.children().put(name, node);
        return this;
    }

    ErofsTree addFile(String name, String content) {
        return add(name, file(attributes(0644), content.getBytes(ISO_8859_1), 0));
    }

    byte[] content(ErofsNode.RegularFile file) {
        if (file.sizeBytes() == 0) {
            return new byte[0];
        }
        int start = (int) file.firstBlock() * BLOCK;
        return Arrays.copyOfRange(sources.get(file.source()).toByteArray(), start, start + (int) file.sizeBytes());
    }

    long[] sourceBlocks() {
        return sources.stream().mapToLong(data -> data.size() / BLOCK).toArray();
    }

    /** The metadata, of which the writer says how long it is. */
    byte[] metadata() {
        return write(root, sourceBlocks());
    }

    static byte[] write(ErofsNode.Directory root, long... sourceBlocks) {
        try {
            Path file = Files.createTempFile("erofs", ".meta");
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                long blocks = ErofsWriter.write(root, sourceBlocks, ID, channel);
                assertEquals(blocks * BLOCK, channel.size());
                return Files.readAllBytes(file);
            } finally {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The whole disk. */
    byte[] image() {
        ByteArrayOutputStream image = new ByteArrayOutputStream();
        image.writeBytes(metadata());
        sources.forEach(data -> image.writeBytes(data.toByteArray()));
        return image.toByteArray();
    }

    /** The file system on it, from as many sources as there are. */
    ErofsFileSystem open() {
        List<ByteSource> parts = new ArrayList<>();
        parts.add(ByteSource.of("metadata", MemorySegment.ofArray(metadata())));
        for (ByteArrayOutputStream data : sources) {
            parts.add(ByteSource.of("layer", MemorySegment.ofArray(data.toByteArray())));
        }
        return ErofsFileSystem.open(ByteSource.concat("image", parts));
    }

    static ErofsFileSystem open(byte[] image) {
        return ErofsFileSystem.open(ByteSource.of("disk", MemorySegment.ofArray(image)));
    }
}
