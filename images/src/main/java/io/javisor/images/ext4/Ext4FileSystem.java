package io.javisor.images.ext4;

import static io.javisor.images.ext4.Ext4Layout.*;

import io.javisor.core.text.Printable;
import io.javisor.images.ByteSource;
import io.javisor.images.Fields;
import io.javisor.images.ImageException;
import io.javisor.images.disk.FileSystem;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An ext2, ext3 or ext4 file system (Linux 6.12, Documentation/filesystems/ext4/), read as it will be once mounted: what the journal has
 * committed counts, without being written. Checksums of metadata are not looked at, only the values themselves; encrypted files are refused.
 * Whatever the image holds, reading takes bounded work: symbolic links, trees and the journal are followed for so long and no longer. Not
 * thread-safe.
 */
public final class Ext4FileSystem implements FileSystem {
    /** As in Linux (MAXSYMLINKS). */
    private static final int LINK_MAX = 40;

    /** As in Linux (PATH_MAX). */
    private static final int PATH_LENGTH_MAX = 4096;

    private final Blocks blocks;
    private final Inodes inodes;
    private final List<String> notes;

    private Ext4FileSystem(Blocks blocks, List<String> notes) {
        this.blocks = blocks;
        this.inodes = new Inodes(blocks);
        this.notes = notes;
    }

    /**
     * Opens the file system in {@code partition}, and reads the journal if it was not unmounted.
     *
     * @throws ImageException in one line, if it is none, is damaged or cut off, or has a feature that this reader does not know
     */
    public static Ext4FileSystem open(ByteSource partition) {
        return open(partition, new JournalBudget());
    }

    /**
     * As {@link #open(ByteSource)}, for one of several file systems.
     *
     * @param budget of all of them
     * @throws ImageException as above, also if the budget does not suffice
     */
    public static Ext4FileSystem open(ByteSource partition, JournalBudget budget) {
        Superblock superblock = Superblock.parse(partition, partition.fields(SUPERBLOCK_OFFSET, SUPERBLOCK_SIZE));
        Blocks raw = new Blocks(partition, superblock, Map.of());
        if (!superblock.features().incompat(INCOMPAT_RECOVER)) {
            return new Ext4FileSystem(raw, List.of());
        }
        Journal journal = Journal.read(raw, budget);
        Blocks recovered = new Blocks(partition, superblock, journal.copies());
        // The superblock may be among what the journal has, with more blocks than before, say.
        byte[] bytes = new byte[SUPERBLOCK_SIZE];
        recovered.read(
                SUPERBLOCK_OFFSET / superblock.blockSize(),
                1,
                SUPERBLOCK_OFFSET % superblock.blockSize(),
                MemorySegment.ofArray(bytes));
        Superblock newer = Superblock.parse(partition, Fields.littleEndian(bytes));
        if (newer.blockSize() != superblock.blockSize()) {
            throw raw.damaged("the superblock in its journal has another block size");
        }
        return new Ext4FileSystem(new Blocks(partition, newer, journal.copies()), journal.notes());
    }

    @Override
    public String uuid() {
        return blocks.superblock().uuid();
    }

    @Override
    public String label() {
        return blocks.superblock().label();
    }

    @Override
    public List<String> notes() {
        return notes;
    }

    @Override
    public @Nullable ByteSource file(String path) {
        Inode inode = resolve(path);
        return inode == null || !inode.isRegular() ? null : content(inode, path);
    }

    @Override
    public boolean isDirectory(String path) {
        Inode inode = resolve(path);
        return inode != null && inode.isDirectory();
    }

    @Override
    public List<String> names(String path) {
        Inode inode = resolve(path);
        return inode == null || !inode.isDirectory()
                ? List.of()
                : directory(inode).names();
    }

    /** Walks {@code path} from the root, as the kernel does; null if something on the way is not there. */
    private @Nullable Inode resolve(String path) {
        Inode root = inodes.inode(EXT4_ROOT_INO);
        Deque<Inode> walked = new ArrayDeque<>();
        walked.push(root);
        Deque<String> names = new ArrayDeque<>();
        pushNames(names, path);
        int links = 0;
        while (!names.isEmpty()) {
            String name = names.pop();
            if (name.equals("..")) {
                // The root's parent is the root.
                if (walked.size() > 1) {
                    walked.pop();
                }
                continue;
            }
            Inode directory = walked.element();
            long number = directory.isDirectory() ? directory(directory).find(name) : 0;
            if (number == 0) {
                return null;
            }
            Inode inode = inodes.inode(number);
            if (!inode.isSymbolicLink()) {
                walked.push(inode);
                continue;
            }
            if (++links > LINK_MAX) {
                throw blocks.partition()
                        .problem("%s leads through more than %d symbolic links"
                                .formatted(Printable.asciiLine(path), LINK_MAX));
            }
            String target = linkTarget(inode);
            if (target.startsWith("/")) {
                walked.clear();
                walked.push(root);
            }
            pushNames(names, target);
        }
        return walked.element();
    }

    private void pushNames(Deque<String> names, String path) {
        if (path.length() > PATH_LENGTH_MAX) {
            throw blocks.partition().problem("a path of %d characters leads nowhere".formatted(path.length()));
        }
        String[] parts = path.split("/", -1);
        for (int i = parts.length - 1; i >= 0; i--) {
            if (!parts[i].isEmpty() && !parts[i].equals(".")) {
                names.push(parts[i]);
            }
        }
    }

    private String linkTarget(Inode link) {
        long size = link.sizeBytes();
        if (size > PATH_LENGTH_MAX) {
            throw blocks.damaged("the symbolic link of inode %d has %d bytes".formatted(link.number(), size));
        }
        // inodes.rst: a target shorter than the block map takes its place.
        if (size < I_BLOCK_SIZE && !link.has(EXT4_INLINE_DATA_FL)) {
            requirePlain(link);
            return link.iBlock().text(0, (int) size);
        }
        byte[] target = new byte[(int) size];
        content(link, "symbolic link").read(0, MemorySegment.ofArray(target));
        blocks.work(size);
        return new String(target, StandardCharsets.ISO_8859_1);
    }

    private Directory directory(Inode inode) {
        return new Directory(blocks, inode, content(inode, "directory"));
    }

    private ByteSource content(Inode inode, String path) {
        requirePlain(inode);
        String name = "%s in %s"
                .formatted(Printable.asciiLine(path), blocks.partition().name());
        if (inode.has(EXT4_INLINE_DATA_FL)) {
            // Directories have their own way through it.
            byte[] bytes = inode.isDirectory() ? new byte[0] : new InlineData(blocks, inode).content();
            return ByteSource.of(name, MemorySegment.ofArray(bytes));
        }
        return new MappedContent(name, blocks, BlockMap.of(blocks, inode), inode.sizeBytes());
    }

    private void requirePlain(Inode inode) {
        if (inode.has(EXT4_ENCRYPT_FL)) {
            throw blocks.partition().problem("inode %d is encrypted".formatted(inode.number()));
        }
    }
}
