package io.javisor.agent;

/** How a path of a container's is taken, and what is done there. */
public enum TransferOption {
    /** The root file system as it is, without what is mounted in it. */
    BARE(1),

    /** A link at the path's end is followed. */
    FOLLOW(2),

    /** What is extracted has the owners that the archive says, and not root. */
    OWNERS(4);

    private final int bit;

    TransferOption(int bit) {
        this.bit = bit;
    }

    static byte bits(TransferOption... options) {
        int bits = 0;
        for (TransferOption option : options) {
            bits |= option.bit;
        }
        return (byte) bits;
    }
}
