package io.javisor.devices.ioapic;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What an I/O APIC has done since it was made.
 *
 * @param messages messages that a local APIC has taken
 * @param refusedMessages messages that none has taken
 * @param maskedEdges edges at masked pins, which are lost
 * @param illegalAccesses accesses in a width, at an offset or an index that there is not
 */
public record IoApicCounters(long messages, long refusedMessages, long maskedEdges, long illegalAccesses) {
    /** All of them by name, as statistics print them. */
    public Map<String, Long> snapshot() {
        Map<String, Long> all = new LinkedHashMap<>();
        all.put("messages", messages);
        all.put("refused_messages", refusedMessages);
        all.put("masked_edges", maskedEdges);
        all.put("illegal_accesses", illegalAccesses);
        return all;
    }
}
