package io.javisor.images.erofs;

import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * An inode of a file system to be written. A node that stands under several names is one inode with hard links; directories have one name
 * each. Names are bytes other than NUL and {@code /}, 1 to 255 of them, as ISO 8859-1 strings: sorted as strings they are sorted as bytes.
 * Not for several threads.
 */
public sealed interface ErofsNode {
    ErofsAttributes attributes();

    /** A directory: its content can be changed until the file system is written. */
    final class Directory implements ErofsNode {
        private ErofsAttributes attributes;
        private final NavigableMap<String, ErofsNode> children = new TreeMap<>();

        public Directory(ErofsAttributes attributes) {
            this.attributes = attributes;
        }

        @Override
        public ErofsAttributes attributes() {
            return attributes;
        }

        public void attributes(ErofsAttributes changed) {
            attributes = changed;
        }

        /** What is in it, by name and in order; without {@code .} and {@code ..}. It is this directory's own map, to be changed. */
        public NavigableMap<String, ErofsNode> children() {
            return children;
        }
    }

    /**
     * A regular file, whose bytes are in one piece in one of the data sources that follow the metadata. Two of them are the same file only
     * if they are the same object.
     */
    final class RegularFile implements ErofsNode {
        private final ErofsAttributes attributes;
        private final long sizeBytes;
        private final int source;
        private final long firstBlock;

        /**
         * @param sizeBytes at least 0
         * @param source which data source, counted from 0; of no meaning for an empty file
         * @param firstBlock of 4 KiB, in that source
         */
        public RegularFile(ErofsAttributes attributes, long sizeBytes, int source, long firstBlock) {
            this.attributes = attributes;
            this.sizeBytes = sizeBytes;
            this.source = source;
            this.firstBlock = firstBlock;
        }

        @Override
        public ErofsAttributes attributes() {
            return attributes;
        }

        public long sizeBytes() {
            return sizeBytes;
        }

        public int source() {
            return source;
        }

        public long firstBlock() {
            return firstBlock;
        }
    }

    /** A symbolic link. Its target is 1 to 4095 bytes, as an ISO 8859-1 string. Compared as an object, for it may have several names. */
    final class Symlink implements ErofsNode {
        private final ErofsAttributes attributes;
        private final String target;

        public Symlink(ErofsAttributes attributes, String target) {
            this.attributes = attributes;
            this.target = target;
        }

        @Override
        public ErofsAttributes attributes() {
            return attributes;
        }

        public String target() {
            return target;
        }
    }

    /** A device, a FIFO or a socket. */
    final class Special implements ErofsNode {
        private final ErofsAttributes attributes;
        private final Kind kind;
        private final int major;
        private final int minor;

        /**
         * @param major of a device, 0 to 4095; 0 for others
         * @param minor of a device, 0 to 0xFFFFF; 0 for others
         */
        public Special(ErofsAttributes attributes, Kind kind, int major, int minor) {
            this.attributes = attributes;
            this.kind = kind;
            this.major = major;
            this.minor = minor;
        }

        @Override
        public ErofsAttributes attributes() {
            return attributes;
        }

        public Kind kind() {
            return kind;
        }

        public int major() {
            return major;
        }

        public int minor() {
            return minor;
        }

        /** What it is. */
        public enum Kind {
            CHARACTER_DEVICE,
            BLOCK_DEVICE,
            FIFO,
            SOCKET
        }
    }
}
