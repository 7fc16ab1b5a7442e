package io.javisor.devices.pit;

/**
 * What a timer has done since it was made.
 *
 * @param interrupts edges of counter 0 that were delivered
 * @param lateInterrupts those of them behind which another one already waited
 * @param lostInterrupts edges that were not delivered, for too many were owed
 * @param illegalAccesses accesses past the last port, and reads of the control word
 */
public record PitCounters(long interrupts, long lateInterrupts, long lostInterrupts, long illegalAccesses) {}
