package io.javisor.core.engine;

/**
 * What a machine must know of an engine to be planned, before the engine is opened.
 *
 * @param interruptChips whether the engine brings the 8259As, the I/O APIC, the 8254 and port 0x61 of a PC; if not, they are devices
 *     of the machine. It always brings the local APICs
 * @param traces whether it can write down the guest's instructions ({@link EngineVm#trace})
 */
public record EngineTraits(boolean interruptChips, boolean traces) {}
