package io.javisor.agent;

/**
 * How a process ended.
 *
 * @param status its own, or 128 + the signal's number
 * @param signal 0 for none
 * @param outOfMemory whether the kernel killed for want of memory in its control group
 */
public record ProcessExit(int status, int signal, boolean outOfMemory) {}
