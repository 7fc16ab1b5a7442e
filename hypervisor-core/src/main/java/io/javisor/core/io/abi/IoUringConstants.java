package io.javisor.core.io.abi;

/** Constants of {@code linux/io_uring.h}, verbatim; io_uring_setup(2), io_uring_enter(2) and io_uring_register(2) explain them. */
public final class IoUringConstants {
    public static final int IORING_OP_NOP = 0;
    public static final int IORING_OP_READV = 1;
    public static final int IORING_OP_WRITEV = 2;
    public static final int IORING_OP_FSYNC = 3;
    public static final int IORING_OP_FALLOCATE = 17;
    public static final int IORING_FSYNC_DATASYNC = 1;
    public static final int IOSQE_ASYNC = 0x10;

    public static final int IORING_SETUP_CQSIZE = 8;
    public static final int IORING_SETUP_R_DISABLED = 0x40;
    public static final int IORING_SETUP_SUBMIT_ALL = 0x80;
    public static final int IORING_SETUP_TASKRUN_FLAG = 0x200;
    public static final int IORING_SETUP_SINGLE_ISSUER = 0x1000;
    public static final int IORING_SETUP_DEFER_TASKRUN = 0x2000;

    public static final int IORING_FEAT_SINGLE_MMAP = 1;
    public static final int IORING_FEAT_NODROP = 2;
    public static final long IORING_OFF_SQ_RING = 0L;
    public static final long IORING_OFF_SQES = 0x10000000L;

    public static final int IORING_SQ_CQ_OVERFLOW = 2;
    public static final int IORING_SQ_TASKRUN = 4;
    public static final int IORING_CQ_EVENTFD_DISABLED = 1;
    public static final int IORING_ENTER_GETEVENTS = 1;

    public static final int IORING_REGISTER_EVENTFD = 4;
    public static final int IORING_REGISTER_RESTRICTIONS = 11;
    public static final int IORING_REGISTER_ENABLE_RINGS = 12;
    public static final int IORING_RESTRICTION_SQE_OP = 1;
    public static final int IORING_RESTRICTION_SQE_FLAGS_ALLOWED = 2;

    private IoUringConstants() {}
}
