package io.javisor.firmware.layout;

/** One line of the memory map: what a range of guest-physical addresses is. */
public record E820Entry(GpaRange range, E820Type type) {}
