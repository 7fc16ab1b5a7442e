package io.javisor.core.io.abi;

/** {@code struct io_uring_restriction} of {@code linux/io_uring.h}: one thing that a ring may do. */
public final class IoUringRestrictionLayout {
    public static final int SIZE = 16;
    public static final int OPCODE_OFFSET = 0;
    public static final int SQE_OP_OFFSET = 2;
    public static final int SQE_FLAGS_OFFSET = 2;

    private IoUringRestrictionLayout() {}
}
