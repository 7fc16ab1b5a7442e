package io.javisor.core.net;

/** {@code struct ifreq} of {@code linux/if.h} on a 64-bit host: a name, then a union of which an ioctl uses one member. */
public final class IfreqLayout {
    public static final int SIZE = 40;
    public static final int IFR_NAME_OFFSET = 0;
    public static final int IFR_FLAGS_OFFSET = 16;
    public static final int IFR_IFINDEX_OFFSET = 16;
    public static final int IFR_MTU_OFFSET = 16;

    private IfreqLayout() {}
}
