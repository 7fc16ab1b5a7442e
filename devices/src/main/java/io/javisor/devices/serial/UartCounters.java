package io.javisor.devices.serial;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a serial port has done since it was made.
 *
 * @param receivedBytes characters that came from the line or the loop
 * @param transmittedBytes characters that the guest sent, loop included
 * @param overruns characters lost because the guest did not read in time
 * @param breaks breaks received
 * @param transmitterHolds how often the transmitter was held because the host did not take more
 * @param interrupts rising edges of the interrupt pin
 * @param illegalAccesses accesses past the last register
 */
public record UartCounters(
        long receivedBytes,
        long transmittedBytes,
        long overruns,
        long breaks,
        long transmitterHolds,
        long interrupts,
        long illegalAccesses) {
    /** All of them by name, as statistics print them. */
    public Map<String, Long> snapshot() {
        Map<String, Long> all = new LinkedHashMap<>();
        all.put("received_bytes", receivedBytes);
        all.put("transmitted_bytes", transmittedBytes);
        all.put("overruns", overruns);
        all.put("breaks", breaks);
        all.put("transmitter_holds", transmitterHolds);
        all.put("interrupts", interrupts);
        all.put("illegal_accesses", illegalAccesses);
        return all;
    }
}
