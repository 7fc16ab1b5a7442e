package io.javisor.core.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * What stat(2) says of a file. Two that are equal are of the same file with the same content, unless that changed within the grain of the file
 * system's clock: the host's kernel sets the change time at each change, and nobody can set it to something else.
 *
 * @param device the number of what it lies on
 * @param inode its number there
 * @param mode its type and permissions
 * @param owner its user's number
 * @param sizeBytes its length; 0 for what has none, a block device among them
 * @param modifyNanos since 1970, as {@code changeNanos}
 */
public record FileStatus(
        long device, long inode, int mode, int owner, long sizeBytes, long modifyNanos, long changeNanos) {
    // sys/stat.h
    public static final int S_ISVTX = 01000;
    public static final int S_IWGRP = 00020;
    public static final int S_IWOTH = 00002;
    private static final int S_IFMT = 0170000;
    private static final int S_IFSOCK = 0140000;
    private static final int S_IFLNK = 0120000;
    private static final int S_IFREG = 0100000;
    private static final int S_IFBLK = 0060000;
    private static final int S_IFDIR = 0040000;
    private static final int S_IFIFO = 0010000;

    /** Of the file that a path leads to, or with {@link LinkOption#NOFOLLOW_LINKS} of a link itself. */
    public static FileStatus of(Path path, LinkOption... options) throws IOException {
        Map<String, Object> attributes =
                Files.readAttributes(path, "unix:dev,ino,mode,uid,size,lastModifiedTime,ctime", options);
        return new FileStatus(
                number(attributes, "dev"),
                number(attributes, "ino"),
                (int) number(attributes, "mode"),
                (int) number(attributes, "uid"),
                number(attributes, "size"),
                nanos(attributes, "lastModifiedTime"),
                nanos(attributes, "ctime"));
    }

    /** Of an open file, whatever its name leads to by now. */
    public static FileStatus of(Fd file) throws IOException {
        return of(Path.of("/proc/self/fd/" + file.value()));
    }

    private static long number(Map<String, Object> attributes, String name) {
        return ((Number) Objects.requireNonNull(attributes.get(name), name)).longValue();
    }

    private static long nanos(Map<String, Object> attributes, String name) {
        return ((FileTime) Objects.requireNonNull(attributes.get(name), name)).to(TimeUnit.NANOSECONDS);
    }

    /** Whether it is a file with content of its own. */
    public boolean isRegular() {
        return isType(S_IFREG);
    }

    public boolean isDirectory() {
        return isType(S_IFDIR);
    }

    public boolean isBlockDevice() {
        return isType(S_IFBLK);
    }

    public boolean isSocket() {
        return isType(S_IFSOCK);
    }

    public boolean isFifo() {
        return isType(S_IFIFO);
    }

    /** Whether it is a symbolic link. */
    public boolean isLink() {
        return isType(S_IFLNK);
    }

    private boolean isType(int type) {
        return (mode & S_IFMT) == type;
    }

    /** Whether both are of one file, changed or not. */
    public boolean isSameFile(FileStatus other) {
        return device == other.device && inode == other.inode;
    }

    /** Whether nobody but that user (and root) may write to it. */
    public boolean isOnlyWritableBy(int user) {
        return owner == user && (mode & (S_IWGRP | S_IWOTH)) == 0;
    }
}
