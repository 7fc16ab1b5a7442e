package io.javisor.firmware.acpi;

/**
 * The fixed power-management hardware (ACPI 6.5 §4.8.3) and how to switch off and reset.
 *
 * @param pm1aEventPort PM1a_EVT_BLK, 4 ports
 * @param pm1aControlPort PM1a_CNT_BLK, 2 ports
 * @param pmTimerPort PM_TMR_BLK, 4 ports
 * @param pmTimerBits 24 or 32
 * @param softOffSleepType the SLP_TYP that {@code \_S5} names, 0 to 7
 * @param resetPort the reset register, one byte wide
 * @param resetValue what resets the machine when written there
 */
public record PowerManagement(
        int pm1aEventPort,
        int pm1aControlPort,
        int pmTimerPort,
        int pmTimerBits,
        int softOffSleepType,
        int resetPort,
        int resetValue) {
    public PowerManagement {
        requirePorts("PM1a_EVT_BLK", pm1aEventPort, 4);
        requirePorts("PM1a_CNT_BLK", pm1aControlPort, 2);
        requirePorts("PM_TMR_BLK", pmTimerPort, 4);
        requirePorts("RESET_REG", resetPort, 1);
        if (pmTimerBits != 24 && pmTimerBits != 32) {
            throw new IllegalArgumentException("a PM timer of " + pmTimerBits + " bits");
        }
        if (softOffSleepType < 0 || softOffSleepType > 7) {
            throw new IllegalArgumentException("SLP_TYP " + softOffSleepType + " has more than 3 bits");
        }
        if (resetValue < 0 || resetValue > 0xFF) {
            throw new IllegalArgumentException("reset value " + resetValue + " is not a byte");
        }
    }

    /** Port 0 in a block's place would say that there is none. */
    private static void requirePorts(String what, int port, int count) {
        if (port <= 0 || port + count > 0x1_0000) {
            throw new IllegalArgumentException("%s at port 0x%x".formatted(what, port));
        }
    }
}
