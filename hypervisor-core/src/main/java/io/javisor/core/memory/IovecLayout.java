package io.javisor.core.memory;

/** {@code struct iovec} of {@code linux/uio.h} on a 64-bit host. */
public final class IovecLayout {
    public static final int IOV_BASE_OFFSET = 0;
    public static final int IOV_LEN_OFFSET = 8;
    public static final int SIZE = 16;

    /** The most pieces that one call takes ({@code UIO_MAXIOV}). */
    public static final int UIO_MAXIOV = 1024;

    private IovecLayout() {}
}
