package io.javisor.machine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * What changes with a file's content, read without reading the file. The host's kernel sets the change time at each change, and nobody
 * can set it to something else.
 *
 * @param changeNanos since 1970, as {@code modifyNanos}
 */
record FileIdentity(long device, long inode, long sizeBytes, long modifyNanos, long changeNanos) {
    /** Reads that of the file which {@code path} leads to. */
    static FileIdentity of(Path path) throws IOException {
        Map<String, Object> attributes = Files.readAttributes(path, "unix:dev,ino,size,lastModifiedTime,ctime");
        return new FileIdentity(
                number(attributes, "dev"),
                number(attributes, "ino"),
                number(attributes, "size"),
                nanos(attributes, "lastModifiedTime"),
                nanos(attributes, "ctime"));
    }

    /** Whether {@code path} itself, not what it links to, is {@code userId}'s and nobody else may write to it. */
    static boolean onlyWritableBy(int userId, Path path) throws IOException {
        Map<String, Object> attributes = Files.readAttributes(path, "unix:uid,mode", LinkOption.NOFOLLOW_LINKS);
        return number(attributes, "uid") == userId && (number(attributes, "mode") & 0_022) == 0;
    }

    /** Whether a change after {@code now} is sure to give another identity: time stamps are as coarse as 2 s. */
    boolean settledAt(Instant now) {
        return TimeUnit.MILLISECONDS.toNanos(now.toEpochMilli()) - changeNanos > TimeUnit.SECONDS.toNanos(2);
    }

    private static long number(Map<String, Object> attributes, String name) {
        return attributes.get(name) instanceof Number number ? number.longValue() : 0;
    }

    private static long nanos(Map<String, Object> attributes, String name) {
        return attributes.get(name) instanceof FileTime time ? time.to(TimeUnit.NANOSECONDS) : 0;
    }
}
