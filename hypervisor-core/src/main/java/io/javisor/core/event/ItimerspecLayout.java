package io.javisor.core.event;

/** {@code struct itimerspec} of {@code linux/time.h} on a 64-bit host. */
final class ItimerspecLayout {
    static final int IT_INTERVAL_TV_SEC_OFFSET = 0;
    static final int IT_INTERVAL_TV_NSEC_OFFSET = 8;
    static final int IT_VALUE_TV_SEC_OFFSET = 16;
    static final int IT_VALUE_TV_NSEC_OFFSET = 24;
    static final int SIZE = 32;

    private ItimerspecLayout() {}
}
