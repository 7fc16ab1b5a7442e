package io.javisor.devices.backend;

/**
 * What has passed a serial backend.
 *
 * @param readBytes bytes read from the host
 * @param writtenBytes bytes written to the host
 * @param writeCalls write(2) calls that wrote something
 * @param lostBytes bytes of a guest that wrote on although its transmitter was held and the buffer full; bytes that one of many
 *     readers was too slow for; bytes not written at close
 * @param discardedBytes bytes for a reader that had gone, a full disk or nobody
 */
public record SerialCounters(long readBytes, long writtenBytes, long writeCalls, long lostBytes, long discardedBytes) {}
