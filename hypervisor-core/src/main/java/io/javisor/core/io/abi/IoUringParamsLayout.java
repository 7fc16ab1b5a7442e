package io.javisor.core.io.abi;

/** {@code struct io_uring_params} of {@code linux/io_uring.h}: what io_uring_setup(2) takes and gives. */
public final class IoUringParamsLayout {
    public static final int SIZE = 120;
    public static final int SQ_ENTRIES_OFFSET = 0;
    public static final int CQ_ENTRIES_OFFSET = 4;
    public static final int FLAGS_OFFSET = 8;
    public static final int FEATURES_OFFSET = 20;
    public static final int SQ_OFF_OFFSET = 40;
    public static final int CQ_OFF_OFFSET = 80;

    private IoUringParamsLayout() {}
}
