package io.javisor.devices.rtc;

/**
 * What a clock has done since it was made.
 *
 * @param interrupts rising edges of the interrupt
 * @param timeSets how often the guest has set the time
 * @param illegalAccesses accesses past the last port
 */
public record RtcCounters(long interrupts, long timeSets, long illegalAccesses) {}
