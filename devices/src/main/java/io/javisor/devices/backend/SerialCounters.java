package io.javisor.devices.backend;

import java.util.LinkedHashMap;
import java.util.Map;

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
public record SerialCounters(long readBytes, long writtenBytes, long writeCalls, long lostBytes, long discardedBytes) {
    /** All of them by name, as statistics print them. */
    public Map<String, Long> snapshot() {
        Map<String, Long> all = new LinkedHashMap<>();
        all.put("read_bytes", readBytes);
        all.put("written_bytes", writtenBytes);
        all.put("write_calls", writeCalls);
        all.put("lost_bytes", lostBytes);
        all.put("discarded_bytes", discardedBytes);
        return all;
    }
}
