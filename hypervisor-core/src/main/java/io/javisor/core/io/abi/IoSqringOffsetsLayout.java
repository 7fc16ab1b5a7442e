package io.javisor.core.io.abi;

/** {@code struct io_sqring_offsets} of {@code linux/io_uring.h}: where the fields of the submission ring are, from the start of its mapping. */
public final class IoSqringOffsetsLayout {
    public static final int SIZE = 40;
    public static final int HEAD_OFFSET = 0;
    public static final int TAIL_OFFSET = 4;
    public static final int RING_MASK_OFFSET = 8;
    public static final int RING_ENTRIES_OFFSET = 12;
    public static final int FLAGS_OFFSET = 16;
    public static final int ARRAY_OFFSET = 24;

    private IoSqringOffsetsLayout() {}
}
