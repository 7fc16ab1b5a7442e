package io.javisor.core.host;

/** {@code struct flock} of fcntl(2) on x86-64 (asm-generic/fcntl.h). */
final class FlockLayout {
    static final long L_TYPE_OFFSET = 0;
    static final long L_WHENCE_OFFSET = 2;
    static final long L_START_OFFSET = 8;
    static final long L_LEN_OFFSET = 16;
    static final long L_PID_OFFSET = 24;
    static final long SIZE = 32;

    private FlockLayout() {}
}
