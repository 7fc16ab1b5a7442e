package io.javisor.images.ext4;

/**
 * What may be kept of the journals of all file systems on a disk together: an image needs few bytes for many entries, as files may have the same blocks.
 * Not thread-safe.
 */
public final class JournalBudget {
    /** The blocks in the largest journal that mke2fs makes by itself: 1 GiB of 4 KiB each. */
    private static final int BLOCKS_MAX = 1 << 18;

    /** What a GiB of freed metadata makes. */
    private static final int REVOKED_MAX = 1 << 18;

    private int blocks;
    private int revoked;

    /** For one disk. */
    public JournalBudget() {
        this(BLOCKS_MAX, REVOKED_MAX);
    }

    JournalBudget(int blocks, int revoked) {
        this.blocks = blocks;
        this.revoked = revoked;
    }

    /** Takes {@code count} blocks of a log: headers, commits and copies. Throws when there are too many. */
    void takeBlocks(Blocks raw, int count) {
        blocks -= count;
        if (blocks < 0) {
            throw raw.damaged("its journal, with those before it, has too many blocks");
        }
    }

    /** Takes one revocation. Throws when there are too many. */
    void takeRevoked(Blocks raw) {
        if (--revoked < 0) {
            throw raw.damaged("its journal, with those before it, revokes too many blocks");
        }
    }
}
