package io.javisor.emulator.apic;

/**
 * What a local APIC has done since it was made.
 *
 * @param interrupts vectors that the processor has taken from it
 * @param externalInterrupts vectors that it has taken from the 8259As
 * @param ipis messages that it has sent
 * @param badIpis commands that are none: nothing was sent
 * @param timerExpiries of the timer
 * @param missedPeriods of a periodic timer that passed together with another
 * @param illegalAccesses accesses to no register, or in a width that there is not
 */
public record ApicCounters(
        long interrupts,
        long externalInterrupts,
        long ipis,
        long badIpis,
        long timerExpiries,
        long missedPeriods,
        long illegalAccesses) {}
