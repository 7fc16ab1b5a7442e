package io.javisor.images.erofs;

import static io.javisor.images.erofs.ErofsLayout.*;

import io.javisor.images.ImageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Writes the metadata of an EROFS file system whose files lie elsewhere: one disk is the metadata, then the data sources, one behind the
 * other (Linux 6.1, fs/erofs/erofs_fs.h). Files are contiguous and start at blocks (FLAT_PLAIN), so that Linux 5.4 and later read them, and
 * 5.15 and later map them by DAX. The same tree gives the same bytes.
 */
public final class ErofsWriter {
    /** Bytes: files start at multiples of this in their sources, whose lengths are multiples of it. */
    public static final int BLOCK_SIZE = ErofsLayout.BLOCK_SIZE;

    private ErofsWriter() {}

    /**
     * Writes the metadata image of the tree at the channel's position; the tree must not change meanwhile. Extended attributes that
     * {@link #keepsXattr} does not know are left out.
     *
     * @param sourceBlocks how many blocks each data source has; regular files point there
     * @param uuid of the file system
     * @return how long the metadata is, in blocks
     * @throws ImageException in one line, which names the file, if something of the tree can't be in an EROFS file system: a name, a
     *     target, an attribute, a device number, data outside of its source, more than 16 TiB, more than 2048 levels of directories
     * @throws IllegalArgumentException if a directory stands at two places
     * @throws IOException if the channel fails
     */
    public static long write(ErofsNode.Directory root, long[] sourceBlocks, UUID uuid, FileChannel target)
            throws IOException {
        MetadataPlan plan = MetadataPlan.of(root, sourceBlocks);
        MetadataOutput output = new MetadataOutput(target);
        try {
            write(plan, uuid, output);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        return plan.blockCount();
    }

    /**
     * Whether an extended attribute of this name is written: those that Linux's EROFS shows ({@code user.}, {@code trusted.},
     * {@code security.} and the two of POSIX ACLs). Others, such as those of macOS, could not be read in the guest, and Linux's own file
     * systems would refuse them.
     */
    public static boolean keepsXattr(String name) {
        return XattrPrefix.ofName(name) != null;
    }

    /** Why {@link #write} would refuse a file with these extended attributes, as the end of a line that names the file. */
    public static Optional<String> xattrsProblem(Map<String, String> xattrs) {
        return Optional.ofNullable(InlineXattrs.problem(xattrs));
    }

    private static void write(MetadataPlan plan, UUID uuid, MetadataOutput output) {
        PlannedInode root = plan.inodes().getFirst();
        new ErofsSuperblock(
                        (int) root.nid(),
                        plan.inodes().size(),
                        0,
                        0,
                        plan.sources().end(),
                        0,
                        0,
                        uuid,
                        "")
                .write(output);
        for (PlannedInode inode : plan.inodes()) {
            output.zerosTo(inode.offset);
            writeInode(inode, plan.sources(), output);
            if (inode.inline) {
                writeContent(inode, output);
            }
        }
        for (PlannedInode inode : plan.inodes()) {
            if (inode.contentBytes > 0 && !inode.inline) {
                output.zerosTo(inode.contentBlock * BLOCK_SIZE);
                writeContent(inode, output);
            }
        }
        output.zerosTo(plan.blockCount() * BLOCK_SIZE);
        output.flush();
    }

    private static void writeInode(PlannedInode inode, SourceBlocks sources, MetadataOutput output) {
        ErofsNode node = inode.node();
        ErofsAttributes attributes = node.attributes();
        long size = node instanceof ErofsNode.RegularFile file ? file.sizeBytes() : inode.contentBytes;
        int layout = inode.inline ? FLAT_INLINE : FLAT_PLAIN;
        int xattrCount = inode.xattrBytes == 0 ? 0 : 1 + (inode.xattrBytes - XATTR_HEADER_SIZE) / XATTR_UNIT;
        output.u16(I_VERSION_EXTENDED | (layout << I_DATALAYOUT_SHIFT));
        output.u16(xattrCount);
        output.u16(ErofsKind.of(node).format() | attributes.mode());
        output.u16(0);
        output.u64(size);
        output.u32(address(inode, sources));
        output.u32(inode.number());
        output.u32(attributes.uid());
        output.u32(attributes.gid());
        output.u64(attributes.mtimeSeconds());
        output.u32(attributes.mtimeNanos());
        output.u32(inode.linkCount);
        output.zeros(EXTENDED_INODE_SIZE - EXTENDED_I_NLINK_OFFSET - Integer.BYTES);
        InlineXattrs.write(inode, output);
    }

    /** The union i_u: the first block, or a device's number. */
    private static long address(PlannedInode inode, SourceBlocks sources) {
        return switch (inode.node()) {
            case ErofsNode.RegularFile file -> sources.address(file);
            case ErofsNode.Special special -> ErofsDevice.encode(special.major(), special.minor());
            case ErofsNode.Directory _, ErofsNode.Symlink _ -> inode.inline ? NULL_ADDR : inode.contentBlock;
        };
    }

    private static void writeContent(PlannedInode inode, MetadataOutput output) {
        if (inode.node() instanceof ErofsNode.Symlink link) {
            output.latin1(link.target());
        } else if (inode.entries != null) {
            inode.entries.write(output);
        }
    }
}
