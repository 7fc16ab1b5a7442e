package io.javisor.firmware.layout;

import io.javisor.core.memory.GpaRange;

/** One line of the memory map: what a range of guest-physical addresses is. */
public record E820Entry(GpaRange range, E820Type type) {}
