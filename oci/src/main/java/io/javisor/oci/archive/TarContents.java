package io.javisor.oci.archive;

import io.javisor.oci.OciException;
import io.javisor.oci.tar.SparseMap;
import io.javisor.oci.tar.TarEntry;
import io.javisor.oci.tar.TarReader;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Files of a tar archive, read where they are. It is gone through once, for their places; what has neither content nor leads to one, or a name that no
 * image's file has, is passed over. Links are followed within the archive.
 */
final class TarContents implements Contents {
    private static final int ENTRIES_MAX = 100_000;

    /** No name in an image's archive is longer than some hash's digits and a word; docker's and umoci's names are ASCII. */
    private static final int NAME_MAX = 255;

    /** As Linux has it (path_resolution(7)). */
    private static final int LINKS_MAX = 40;

    private static final int SKIM_SIZE = 1 << 20;

    private final String name;
    private final FileChannel channel;
    private final Map<String, Place> places = new HashMap<>();

    /** What a name stands for. */
    private sealed interface Place {}

    private record FilePlace(long start, long sizeBytes) implements Place {}

    /** Another name, from the archive's root on. */
    private record LinkPlace(String target) implements Place {}

    private TarContents(String name, FileChannel channel) {
        this.name = name;
        this.channel = channel;
    }

    /**
     * Goes through the archive.
     *
     * @param name for messages; one printable line
     * @param channel closed with the contents; the caller's, if this throws
     * @throws OciException in one line, if it is damaged, holds too many files, or a name twice
     */
    static TarContents open(String name, FileChannel channel) {
        TarContents contents = new TarContents(name, channel);
        try {
            ChannelStream stream = new ChannelStream(channel);
            contents.index(stream, new TarReader(name, stream));
            return contents;
        } catch (IOException e) {
            throw Trouble.with(name, e);
        }
    }

    private void index(ChannelStream stream, TarReader reader) throws IOException {
        byte[] skimmed = new byte[SKIM_SIZE];
        int count = 0;
        for (TarEntry entry = reader.next(); entry != null; entry = reader.next()) {
            if (++count > ENTRIES_MAX) {
                throw new OciException(name + ": it holds more than " + ENTRIES_MAX + " files");
            }
            if (entry.path().length() <= NAME_MAX) {
                add(entry, reader);
            }
            stream.skim(true);
            while (reader.read(skimmed, 0, skimmed.length) >= 0) {}
            stream.skim(false);
        }
    }

    private void add(TarEntry entry, TarReader reader) {
        String path = normalized(entry.path());
        Place place;
        switch (entry.type()) {
            case FILE -> {
                SparseMap pieces = reader.pieces();
                boolean whole = pieces.count() == 0
                        ? entry.sizeBytes() == 0
                        : pieces.count() == 1 && pieces.sizeBytes(0) == entry.sizeBytes();
                if (!whole) {
                    throw new OciException(name + ": " + Names.printable(path)
                            + " is stored as a sparse file, which is not supported here; make the archive"
                            + " without --sparse");
                }
                place = new FilePlace(reader.position(), entry.sizeBytes());
            }
            case HARD_LINK -> place = new LinkPlace(normalized(entry.target()));
            case SYMLINK -> {
                String target = entry.target();
                place = new LinkPlace(normalized(target.startsWith("/") ? target : path + "/../" + target));
            }
            default -> {
                return;
            }
        }
        if (places.put(path, place) != null) {
            throw new OciException(name + ": " + Names.printable(path) + " is in it twice");
        }
    }

    /** From the archive's root on, which no ".." leaves. */
    private static String normalized(String path) {
        Deque<String> parts = new ArrayDeque<>();
        for (String part : path.split("/", -1)) {
            switch (part) {
                case "", "." -> {}
                case ".." -> parts.pollLast();
                default -> parts.addLast(part);
            }
        }
        return String.join("/", parts);
    }

    /** Whether there is anything that might be an image's. */
    boolean isEmpty() {
        return places.isEmpty();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Optional<Content> find(String path) {
        // The reader's names are bytes.
        String at = normalized(new String(path.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1));
        for (int i = 0; i < LINKS_MAX; i++) {
            Place place = places.get(at);
            if (place == null) {
                return Optional.empty();
            }
            switch (place) {
                case FilePlace file -> {
                    String title = name + ": " + Names.printable(path);
                    return Optional.of(new Content(title, channel, file.start, file.sizeBytes, false));
                }
                case LinkPlace link -> at = link.target;
            }
        }
        throw new OciException(name + ": " + Names.printable(path) + ": too many levels of symbolic links");
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw Trouble.with(name, e);
        }
    }
}
