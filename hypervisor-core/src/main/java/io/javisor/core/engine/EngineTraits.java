package io.javisor.core.engine;

import io.javisor.core.cpu.CpuTemplate;

/**
 * What a machine must know of an engine to be planned, before the engine is opened.
 *
 * @param interruptChips whether the engine brings the 8259As, the I/O APIC, the 8254 and port 0x61 of a PC; if not, they are devices
 *     of the machine. It always brings the local APICs
 * @param cpuTemplate the CPU template where the configuration names none; it has the kernel parameters too
 */
public record EngineTraits(boolean interruptChips, CpuTemplate cpuTemplate) {}
