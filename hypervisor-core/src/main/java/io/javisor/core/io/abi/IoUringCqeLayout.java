package io.javisor.core.io.abi;

/** {@code struct io_uring_cqe} of {@code linux/io_uring.h}: an entry of the completion queue. */
public final class IoUringCqeLayout {
    public static final int SIZE = 16;
    public static final int USER_DATA_OFFSET = 0;
    public static final int RES_OFFSET = 8;

    private IoUringCqeLayout() {}
}
