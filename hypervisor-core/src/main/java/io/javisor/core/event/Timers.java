package io.javisor.core.event;

/** Makes timers: the port through which a device asks for time to pass. */
@FunctionalInterface
public interface Timers {
    /**
     * Makes a timer, disarmed.
     *
     * @param name for messages
     * @param expiry what runs on the event loop when the time has come; it must not block
     */
    Timer newTimer(String name, Runnable expiry);
}
