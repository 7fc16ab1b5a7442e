package io.javisor.oci.layer;

import io.javisor.oci.OciException;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** What a layer adds and hides, in the order of its tar, where a path may come more than once: the last one counts. Immutable. */
public final class LayerTable {
    /** More than twice what the largest images have: about 100 MiB of memory, of the 256 that javisor's heap has. */
    static final int ENTRIES_MAX = 1 << 19;

    /** Bytes of a table's file, without its header: it is in memory twice while it is read. */
    static final int BYTES_MAX = 64 << 20;

    private final List<LayerEntry> entries;
    private final long dataBlocks;

    LayerTable(List<LayerEntry> entries, long dataBlocks) {
        this.entries = Collections.unmodifiableList(entries);
        this.dataBlocks = dataBlocks;
    }

    public List<LayerEntry> entries() {
        return entries;
    }

    /** How long the layer's data is, in blocks of 4 KiB. */
    public long dataBlocks() {
        return dataBlocks;
    }

    /**
     * Writes it as a file, at the channel's position.
     *
     * @throws IOException if the channel fails
     */
    public void write(WritableByteChannel file) throws IOException {
        new TableWriter(this).write(file);
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @throws OciException in one line, if it can't be read, is damaged, or of another version
     */
    public static LayerTable read(Path file) {
        return TableReader.read(file);
    }

    /**
     * How long the data of a layer is, in blocks of 4 KiB, by the header of what {@link #write} wrote; the entries are not looked at.
     *
     * @throws OciException in one line, if it can't be read, is damaged or cut off, or of another version
     */
    public static long readDataBlocks(Path file) {
        return TableReader.readDataBlocks(file);
    }

    /** Collects entries, not more than there may be. */
    static final class Builder {
        private final List<LayerEntry> entries = new ArrayList<>();
        private long bytes;

        void add(LayerEntry entry) throws LayerSyntaxException {
            bytes += TableLayout.sizeBytes(entry);
            if (entries.size() == ENTRIES_MAX || bytes > BYTES_MAX) {
                throw new LayerSyntaxException(
                        "the layer has more than %d files, or more than %d MiB of their names and extended attributes; javisor can't read it"
                                .formatted(ENTRIES_MAX, BYTES_MAX >> 20));
            }
            entries.add(entry);
        }

        LayerTable build(long dataBlocks) {
            return new LayerTable(entries, dataBlocks);
        }
    }
}
