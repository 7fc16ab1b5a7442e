package io.javisor.devices.ioapic;

/**
 * What an I/O APIC has done since it was made.
 *
 * @param messages messages that a local APIC has taken
 * @param refusedMessages messages that none has taken
 * @param maskedEdges edges at masked pins, which are lost
 * @param illegalAccesses accesses in a width, at an offset or an index that there is not
 */
public record IoApicCounters(long messages, long refusedMessages, long maskedEdges, long illegalAccesses) {}
