package io.javisor.core.cpu;

/** GDTR or IDTR: linear base address and the offset of the table's last byte. */
public record TableState(long base, int limit) {}
