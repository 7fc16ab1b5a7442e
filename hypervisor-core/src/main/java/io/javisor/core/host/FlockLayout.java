package io.javisor.core.host;

/** {@code struct flock} of fcntl(2) on x86-64 (asm-generic/fcntl.h). */
public final class FlockLayout {
    public static final long L_TYPE_OFFSET = 0;
    public static final long L_WHENCE_OFFSET = 2;
    public static final long L_START_OFFSET = 8;
    public static final long L_LEN_OFFSET = 16;
    public static final long L_PID_OFFSET = 24;
    public static final long SIZE = 32;

    private FlockLayout() {}
}
