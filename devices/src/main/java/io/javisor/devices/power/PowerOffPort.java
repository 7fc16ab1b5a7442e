package io.javisor.devices.power;

import io.javisor.core.bus.BusDevice;

/**
 * The ACPI register by which a system is switched off: PM1a_CNT (ACPI 6.5 §4.8.3.2.1) of a machine that is always in ACPI mode.
 *
 * <table>
 * <caption>Register, 16 bits, any width and alignment within it</caption>
 * <tr><th>bits</th><th>name</th><th>read</th><th>write</th></tr>
 * <tr><td>0</td><td>SCI_EN</td><td>1</td><td>ignored</td></tr>
 * <tr><td>10 to 12</td><td>SLP_TYP</td><td>as written</td><td>{@link #SLP_TYP_S5} is the soft-off state</td></tr>
 * <tr><td>13</td><td>SLP_EN</td><td>0</td><td>1 enters the state in SLP_TYP</td></tr>
 * <tr><td>others</td><td></td><td>0</td><td>ignored</td></tr>
 * </table>
 *
 * <p>So a 16-bit write of {@link #POWER_OFF_VALUE} switches off. Entering any other state is counted and ignored. Leaves out: BM_RLD, GBL_RLS,
 * wake-up, and the rest of the PM1 block.
 */
public final class PowerOffPort implements BusDevice {
    /** Ports. */
    public static final int PORT_COUNT = 2;

    /** SLP_TYP of S5, as the DSDT's \_S5 object must say. */
    public static final int SLP_TYP_S5 = 5;

    /** SLP_EN with {@link #SLP_TYP_S5}. */
    public static final int POWER_OFF_VALUE = 0x3400;

    private static final int SCI_EN = 0x0001;
    private static final int SLP_TYP_SHIFT = 10;
    private static final int SLP_TYP_MASK = 0x7 << SLP_TYP_SHIFT;
    private static final int SLP_EN = 0x2000;

    private final Object lock = new Object();
    private final PowerControl control;
    private int sleepType; // SLP_TYP in its place
    private long ignoredSleeps;

    public PowerOffPort(PowerControl control) {
        this.control = control;
    }

    @Override
    public long read(long offset, int size) {
        if (offset < 0 || offset >= PORT_COUNT) {
            return -1;
        }
        synchronized (lock) {
            long register = ~0xFFFFL | sleepType | SCI_EN; // ones past the end
            return register >> (8 * offset);
        }
    }

    @Override
    public void write(long offset, int size, long value) {
        if (offset < 0 || offset >= PORT_COUNT) {
            return;
        }
        int written = (int) ((size >= 2 ? value & 0xFFFF : value & 0xFF) << (8 * offset));
        boolean reachesHighByte = offset == 1 || size >= 2;
        boolean powerOff;
        synchronized (lock) {
            if (reachesHighByte) {
                sleepType = written & SLP_TYP_MASK;
            }
            boolean sleep = (written & SLP_EN) != 0;
            powerOff = sleep && sleepType == SLP_TYP_S5 << SLP_TYP_SHIFT;
            if (sleep && !powerOff) {
                ignoredSleeps++;
            }
        }
        if (powerOff) {
            control.powerOff();
        }
    }

    public void reset() {
        synchronized (lock) {
            sleepType = 0;
        }
    }

    public RegisterState save() {
        synchronized (lock) {
            return new RegisterState(RegisterState.VERSION, sleepType);
        }
    }

    /** Takes a saved register over. */
    public void restore(RegisterState state) {
        synchronized (lock) {
            sleepType = state.value() & SLP_TYP_MASK;
        }
    }

    /** Sleep states asked for that do not exist. */
    public long ignoredSleeps() {
        synchronized (lock) {
            return ignoredSleeps;
        }
    }
}
