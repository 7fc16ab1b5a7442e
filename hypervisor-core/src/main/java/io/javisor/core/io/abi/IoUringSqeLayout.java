package io.javisor.core.io.abi;

/** {@code struct io_uring_sqe} of {@code linux/io_uring.h}: an entry of the submission queue, without what is no part of a file's I/O. */
public final class IoUringSqeLayout {
    public static final int SIZE = 64;
    public static final int OPCODE_OFFSET = 0;
    public static final int FLAGS_OFFSET = 1;
    public static final int FD_OFFSET = 4;
    public static final int OFF_OFFSET = 8;
    public static final int ADDR_OFFSET = 16;
    public static final int LEN_OFFSET = 24;
    public static final int RW_FLAGS_OFFSET = 28;
    public static final int USER_DATA_OFFSET = 32;

    private IoUringSqeLayout() {}
}
