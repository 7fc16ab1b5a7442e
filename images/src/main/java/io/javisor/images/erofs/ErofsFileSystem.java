package io.javisor.images.erofs;

import static io.javisor.images.erofs.ErofsLayout.*;

import io.javisor.core.text.Printable;
import io.javisor.images.ByteSource;
import io.javisor.images.ImageException;
import io.javisor.images.disk.FileSystem;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An EROFS file system (Linux 6.1, fs/erofs/erofs_fs.h), read as Linux does. Files that are compressed, in chunks or on further devices are
 * refused, as are blocks of other sizes than 4 KiB. Names, targets and paths are bytes as ISO 8859-1 strings. Whatever the image holds,
 * each call takes bounded work; but who walks a tree has to expect that directories lead in a circle. Every method throws an
 * {@link ImageException} of one line if what it needs is damaged. Not thread-safe.
 */
public final class ErofsFileSystem implements FileSystem {
    private final ErofsBlocks blocks;
    private final ErofsInodes inodes;

    private ErofsFileSystem(ErofsBlocks blocks) {
        this.blocks = blocks;
        this.inodes = new ErofsInodes(blocks);
    }

    /**
     * Opens the file system in {@code image}.
     *
     * @param image all of it, with the data that files point to: see {@link ByteSource#concat}
     * @throws ImageException in one line, if it is none, is damaged or cut off, or has a feature that this reader does not know
     */
    public static ErofsFileSystem open(ByteSource image) {
        ErofsFileSystem files = new ErofsFileSystem(new ErofsBlocks(image, ErofsSuperblock.read(image)));
        if (files.root().kind() != ErofsKind.DIRECTORY) {
            throw files.blocks.damaged("its root is no directory");
        }
        return files;
    }

    @Override
    public String uuid() {
        return blocks.superblock().uuid().toString();
    }

    @Override
    public String label() {
        return blocks.superblock().label();
    }

    @Override
    public List<String> notes() {
        return List.of();
    }

    @Override
    public @Nullable ByteSource file(String path) {
        ErofsInode inode = find(path);
        return inode == null || inode.kind() != ErofsKind.REGULAR_FILE ? null : content(inode, path);
    }

    @Override
    public boolean isDirectory(String path) {
        ErofsInode inode = find(path);
        return inode != null && inode.kind() == ErofsKind.DIRECTORY;
    }

    @Override
    public List<String> names(String path) {
        ErofsInode inode = find(path);
        return inode == null || inode.kind() != ErofsKind.DIRECTORY
                ? List.of()
                : entries(inode).stream().map(ErofsEntry::name).toList();
    }

    /** The root directory. */
    public ErofsInode root() {
        return inodes.inode(blocks.superblock().rootNid());
    }

    /** What is at {@code path}, after symbolic links; null if nothing is. */
    public @Nullable ErofsInode find(String path) {
        return new ErofsPaths(this, blocks.image()).find(path, true);
    }

    /** What is at {@code path}, after symbolic links on the way, but not at its end; null if nothing is. */
    public @Nullable ErofsInode findLink(String path) {
        return new ErofsPaths(this, blocks.image()).find(path, false);
    }

    /** What {@code directory} holds, in the order of the names' bytes, without dot and dot-dot. */
    public List<ErofsEntry> entries(ErofsInode directory) {
        return directory(directory).entries();
    }

    /** The entry of {@code directory} with this name; null if there is none. */
    public @Nullable ErofsEntry entry(ErofsInode directory, String name) {
        return directory(directory).find(name);
    }

    /** The inode of an entry. */
    public ErofsInode inode(ErofsEntry entry) {
        ErofsInode inode = inodes.inode(entry.nid());
        if (inode.kind() != entry.kind()) {
            throw blocks.damaged("inode %d is of another kind than its directory says".formatted(entry.nid()));
        }
        return inode;
    }

    /**
     * The bytes of a regular file.
     *
     * @param path for messages
     */
    public ByteSource content(ErofsInode file, String path) {
        require(file, ErofsKind.REGULAR_FILE);
        String name =
                "%s in %s".formatted(Printable.asciiLine(path), blocks.image().name());
        return ErofsContent.of(name, inodes, file);
    }

    /** Where a symbolic link leads, 1 to 4095 bytes. */
    public String target(ErofsInode link) {
        require(link, ErofsKind.SYMBOLIC_LINK);
        byte[] target = new byte[(int) Math.min(link.sizeBytes(), TARGET_LENGTH_MAX)];
        ErofsContent.of("symbolic link", inodes, link).read(0, MemorySegment.ofArray(target));
        String text = new String(target, StandardCharsets.ISO_8859_1);
        if (text.indexOf('\0') >= 0) {
            throw inodes.damaged(link.nid(), "is a symbolic link with a NUL in its target");
        }
        return text;
    }

    /** What a writer would need to make it again, extended attributes included. */
    public ErofsAttributes attributes(ErofsInode inode) {
        return new ErofsAttributes(
                inode.mode(),
                inode.uid(),
                inode.gid(),
                inode.mtimeSeconds(),
                inode.mtimeNanos(),
                new XattrReader(inodes, inode).xattrs());
    }

    private ErofsDirectory directory(ErofsInode inode) {
        require(inode, ErofsKind.DIRECTORY);
        return ErofsDirectory.of(inodes, inode);
    }

    private static void require(ErofsInode inode, ErofsKind kind) {
        if (inode.kind() != kind) {
            throw new IllegalArgumentException("inode %d is a %s, not a %s".formatted(inode.nid(), inode.kind(), kind));
        }
    }
}
