package io.javisor.core.host;

/** struct sigaction of glibc on x86-64 (bits/sigaction.h): offsets and sizes in bytes. */
final class SigactionLayout {
    static final long SIZE = 152;

    /** 8 bytes: sa_handler or sa_sigaction. */
    static final long HANDLER_OFFSET = 0;

    /** 4 bytes, after the mask. */
    static final long FLAGS_OFFSET = 136;

    private SigactionLayout() {}
}
