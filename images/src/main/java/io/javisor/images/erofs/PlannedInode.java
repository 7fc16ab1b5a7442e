package io.javisor.images.erofs;

import io.javisor.core.text.Printable;
import io.javisor.images.ImageException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** An inode to be written, and where. Filled in by {@link MetadataPlan}. */
final class PlannedInode {
    private final ErofsNode node;
    private final @Nullable PlannedInode parent;
    private final String name;
    private final int number;
    private final int depth;

    /** Of a directory 2 and one for each directory in it; of others one for each name. */
    int linkCount;

    /** How long its extended attributes are. */
    int xattrBytes;

    /** Of a directory only. */
    @Nullable
    DirectoryEntries entries;

    /** How long the directory or the target is that is written with the metadata; 0 for others. */
    long contentBytes;

    /** Whether the content follows the inode in the same block. */
    boolean inline;

    /** Where the inode starts. */
    long offset;

    /** Where content that is not inline starts. */
    long contentBlock;

    /**
     * @param parent the directory in which its first name stands; null for the root
     * @param number from 1
     */
    PlannedInode(ErofsNode node, @Nullable PlannedInode parent, String name, int number) {
        this.node = node;
        this.parent = parent;
        this.name = name;
        this.number = number;
        this.depth = parent == null ? 0 : parent.depth + 1;
    }

    ErofsNode node() {
        return node;
    }

    /** The root is its own parent. */
    PlannedInode parent() {
        return parent == null ? this : parent;
    }

    int number() {
        return number;
    }

    /** How many directories it is below the root. */
    int depth() {
        return depth;
    }

    long nid() {
        return offset / ErofsLayout.SLOT_SIZE;
    }

    /** What precedes inline content. */
    int headBytes() {
        return ErofsLayout.EXTENDED_INODE_SIZE + xattrBytes;
    }

    /** The exception that says {@code what} is wrong with it. */
    ImageException problem(String what) {
        return new ImageException(Printable.asciiLine(path()) + ": " + what);
    }

    /** The path of its first name. */
    private String path() {
        Deque<String> names = new ArrayDeque<>();
        for (PlannedInode at = this; at.parent != null; at = at.parent) {
            names.push(at.name);
        }
        return "/" + String.join("/", names);
    }
}
