package io.javisor.core.cpu;

/** The debug registers (Intel SDM vol. 3 §18.2). */
public record DebugRegisters(long dr0, long dr1, long dr2, long dr3, long dr6, long dr7) {}
