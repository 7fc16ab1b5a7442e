package io.javisor.images.erofs;

import org.jspecify.annotations.Nullable;

/** What an inode is. */
public enum ErofsKind {
    REGULAR_FILE(0x8000, 1),
    DIRECTORY(0x4000, 2),
    CHARACTER_DEVICE(0x2000, 3),
    BLOCK_DEVICE(0x6000, 4),
    FIFO(0x1000, 5),
    SOCKET(0xC000, 6),
    SYMBOLIC_LINK(0xA000, 7);

    private static final int S_IFMT = 0xF000;

    private final int format;
    private final int fileType;

    ErofsKind(int format, int fileType) {
        this.format = format;
        this.fileType = fileType;
    }

    /** As in a mode: S_IFREG and so on. */
    int format() {
        return format;
    }

    /** As in a directory entry: FT_REG_FILE and so on (Linux 6.1, include/linux/fs_types.h). */
    int fileType() {
        return fileType;
    }

    boolean isDevice() {
        return this == CHARACTER_DEVICE || this == BLOCK_DEVICE;
    }

    /** What a mode says; null if there is no such kind. */
    static @Nullable ErofsKind ofMode(int mode) {
        for (ErofsKind kind : values()) {
            if (kind.format == (mode & S_IFMT)) {
                return kind;
            }
        }
        return null;
    }

    /** What a directory entry says; null if there is no such kind. */
    static @Nullable ErofsKind ofFileType(int fileType) {
        for (ErofsKind kind : values()) {
            if (kind.fileType == fileType) {
                return kind;
            }
        }
        return null;
    }

    /** What is to be written for a node. */
    static ErofsKind of(ErofsNode node) {
        return switch (node) {
            case ErofsNode.Directory _ -> DIRECTORY;
            case ErofsNode.RegularFile _ -> REGULAR_FILE;
            case ErofsNode.Symlink _ -> SYMBOLIC_LINK;
            case ErofsNode.Special special ->
                switch (special.kind()) {
                    case CHARACTER_DEVICE -> CHARACTER_DEVICE;
                    case BLOCK_DEVICE -> BLOCK_DEVICE;
                    case FIFO -> FIFO;
                    case SOCKET -> SOCKET;
                };
        };
    }
}
