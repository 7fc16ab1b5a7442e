package io.javisor.images.erofs;

import static io.javisor.images.erofs.ErofsLayout.*;

import io.javisor.images.ImageException;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which inodes there are, and where they and the contents of directories and symbolic links go: first the superblock, then the inodes from
 * the root down, those of one directory beside each other, each with its content if both fit into a block, then the other contents, from
 * blocks on. All is checked that the format limits.
 */
final class MetadataPlan {
    /** Deeper than this no path leads, as Linux takes 4095 bytes. */
    private static final int DEPTH_MAX = 2048;

    private static final int MAJOR_MAX = 0xFFF;
    private static final int MINOR_MAX = 0xF_FFFF;

    private final List<PlannedInode> inodes = new ArrayList<>();
    private final IdentityHashMap<ErofsNode, PlannedInode> byNode = new IdentityHashMap<>();
    private final SourceBlocks sources;
    private final long blockCount;

    private MetadataPlan(ErofsNode.Directory root, long[] sourceBlocks) {
        collect(root);
        blockCount = place();
        sources = SourceBlocks.after(blockCount, sourceBlocks);
        inodes.forEach(this::checkNode);
    }

    /**
     * Plans it.
     *
     * @throws ImageException in one line, if EROFS can't hold it
     * @throws IllegalArgumentException if a directory stands at two places
     */
    static MetadataPlan of(ErofsNode.Directory root, long[] sourceBlocks) {
        return new MetadataPlan(root, sourceBlocks);
    }

    /** In the order of their places; the root is first. */
    List<PlannedInode> inodes() {
        return inodes;
    }

    SourceBlocks sources() {
        return sources;
    }

    /** How long the metadata is. */
    long blockCount() {
        return blockCount;
    }

    private void collect(ErofsNode.Directory root) {
        // The list is the queue too: trees are as deep as their makers like.
        add(root, null, "");
        for (int i = 0; i < inodes.size(); i++) {
            PlannedInode inode = inodes.get(i);
            if (inode.node() instanceof ErofsNode.Directory directory) {
                collectChildren(inode, directory);
            }
        }
    }

    private PlannedInode add(ErofsNode node, @Nullable PlannedInode parent, String name) {
        PlannedInode inode = new PlannedInode(node, parent, name, inodes.size() + 1);
        inode.linkCount = node instanceof ErofsNode.Directory ? 2 : 1;
        inodes.add(inode);
        byNode.put(node, inode);
        return inode;
    }

    private void collectChildren(PlannedInode parent, ErofsNode.Directory directory) {
        DirectoryEntries entries = new DirectoryEntries(directory.children().size());
        directory.children().forEach((name, node) -> entries.add(name, child(parent, name, node)));
        entries.addDots(parent);
        parent.entries = entries;
    }

    private PlannedInode child(PlannedInode parent, String name, ErofsNode node) {
        PlannedInode known = byNode.get(node);
        if (known != null) {
            if (node instanceof ErofsNode.Directory) {
                throw new IllegalArgumentException("a directory stands at two places");
            }
            checkName(known, name);
            known.linkCount++;
            return known;
        }
        PlannedInode inode = add(node, parent, name);
        checkName(inode, name);
        if (node instanceof ErofsNode.Directory) {
            parent.linkCount++;
        }
        if (inode.depth() > DEPTH_MAX) {
            throw inode.problem("it is more than %d directories below the root".formatted(DEPTH_MAX));
        }
        return inode;
    }

    private static void checkName(PlannedInode inode, String name) {
        if (!ErofsNames.isValid(name)) {
            throw inode.problem("a name of %d bytes that is not one of a file (1 to %d bytes, no slash, no NUL)"
                    .formatted(name.length(), EROFS_NAME_LEN));
        }
    }

    /** Says how many blocks it all takes. */
    private long place() {
        long position = EROFS_SUPER_OFFSET + SUPERBLOCK_SIZE;
        for (PlannedInode inode : inodes) {
            inode.xattrBytes = InlineXattrs.sizeBytes(inode);
            inode.contentBytes = contentBytes(inode);
            inode.inline = inode.contentBytes > 0 && inode.headBytes() + inode.contentBytes <= BLOCK_SIZE;
            long size = inode.headBytes() + (inode.inline ? inode.contentBytes : 0);
            // Inline content must be in one block (fs/erofs/data.c); what is longer than one starts with one.
            if (position % BLOCK_SIZE + size > BLOCK_SIZE) {
                position = blocksOf(position) * BLOCK_SIZE;
            }
            inode.offset = position;
            position = Math.ceilDiv(position + size, SLOT_SIZE) * SLOT_SIZE;
        }
        long block = blocksOf(position);
        for (PlannedInode inode : inodes) {
            if (inode.contentBytes > 0 && !inode.inline) {
                inode.contentBlock = block;
                block += blocksOf(inode.contentBytes);
            }
        }
        return block;
    }

    private static long contentBytes(PlannedInode inode) {
        return switch (inode.node()) {
            case ErofsNode.Directory _ when inode.entries != null -> inode.entries.sizeBytes();
            case ErofsNode.Symlink link -> link.target().length();
            default -> 0;
        };
    }

    private void checkNode(PlannedInode inode) {
        switch (inode.node()) {
            case ErofsNode.Directory _ -> {}
            case ErofsNode.RegularFile file -> sources.check(inode, file);
            case ErofsNode.Symlink link -> checkTarget(inode, link.target());
            case ErofsNode.Special special -> {
                if ((special.major() & ~MAJOR_MAX) != 0 || (special.minor() & ~MINOR_MAX) != 0) {
                    throw inode.problem("there is no device %s:%s: %d and %d are the highest numbers"
                            .formatted(
                                    Integer.toUnsignedString(special.major()),
                                    Integer.toUnsignedString(special.minor()),
                                    MAJOR_MAX,
                                    MINOR_MAX));
                }
            }
        }
    }

    private static void checkTarget(PlannedInode inode, String target) {
        if (target.isEmpty() || target.length() > TARGET_LENGTH_MAX) {
            throw inode.problem("its target as a symbolic link has %d bytes; 1 to %d are possible"
                    .formatted(target.length(), TARGET_LENGTH_MAX));
        }
        if (target.contains("\0") || !ErofsNames.areBytes(target)) {
            throw inode.problem("its target as a symbolic link holds what no path can");
        }
    }
}
