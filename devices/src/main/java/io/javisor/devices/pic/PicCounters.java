package io.javisor.devices.pic;

/**
 * What a pair of controllers has done since it was made.
 *
 * @param interrupts acknowledge cycles and polls that found a request
 * @param spuriousInterrupts acknowledge cycles of a chip whose request was gone
 * @param illegalAccesses accesses past a chip's last port
 */
public record PicCounters(long interrupts, long spuriousInterrupts, long illegalAccesses) {}
