package io.javisor.core.host;

/** struct sigaction of glibc on x86-64 (bits/sigaction.h): offsets and sizes in bytes. */
public final class SigactionLayout {
    public static final long SIZE = 152;

    /** 8 bytes: sa_handler or sa_sigaction. */
    public static final long HANDLER_OFFSET = 0;

    /** 4 bytes, after the mask. */
    public static final long FLAGS_OFFSET = 136;

    private SigactionLayout() {}
}
