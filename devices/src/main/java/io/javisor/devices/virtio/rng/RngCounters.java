package io.javisor.devices.virtio.rng;

/**
 * What an entropy device has done since it was made.
 *
 * @param requests those that got random bytes
 * @param bytes random bytes that the guest got
 * @param emptyRequests those without room for a byte, a driver's fault
 * @param throttled how often a request had to wait for the rate limit
 * @param waits how often the host had no random bytes yet
 * @param failures how often the host refused
 */
public record RngCounters(long requests, long bytes, long emptyRequests, long throttled, long waits, long failures) {}
