package io.javisor.core.event;

import java.lang.foreign.ValueLayout;

/** {@code struct epoll_event} of {@code linux/eventpoll.h}: packed on x86-64, so its data is not aligned. */
final class EpollEventLayout {
    static final int EVENTS_OFFSET = 0;
    static final int DATA_OFFSET = 4;
    static final int SIZE = 12;

    static final ValueLayout.OfInt EVENTS = ValueLayout.JAVA_INT_UNALIGNED;
    static final ValueLayout.OfLong DATA = ValueLayout.JAVA_LONG_UNALIGNED;

    private EpollEventLayout() {}
}
