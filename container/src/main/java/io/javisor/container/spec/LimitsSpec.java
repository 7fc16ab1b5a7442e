package io.javisor.container.spec;

/**
 * What a container may use; 0 is no limit but the machine's.
 *
 * @param memoryBytes of its processes and their files' cache
 * @param cpuMicros of processor time in 100 ms, in microseconds
 * @param processes how many at once
 */
public record LimitsSpec(long memoryBytes, long cpuMicros, long processes) {}
