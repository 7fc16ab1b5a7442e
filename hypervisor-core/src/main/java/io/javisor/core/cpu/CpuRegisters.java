package io.javisor.core.cpu;

/** The registers that say where a processor is and in what mode. */
public record CpuRegisters(GeneralRegisters general, SystemRegisters system) {}
