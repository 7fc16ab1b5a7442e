package io.javisor.core.irq;

/**
 * The interrupt chips of a PC as devices see them: two 8259As and an I/O APIC with {@link #PIN_COUNT} inputs. The engine brings them,
 * or they are devices on the bus. Any thread.
 */
public interface InterruptChips {
    /** Inputs of the I/O APIC; the first 16 but input 2 are also IRQs of the 8259As. */
    int PIN_COUNT = 24;

    /**
     * Connects a device to an input; its trigger decides whether the line sends edges or a level. Several devices may share an input:
     * each gets a line of its own, a rise of any of them is an edge, and a level is asserted while any of them asserts it.
     *
     * @param input its GSI is below {@link #PIN_COUNT}
     * @throws io.javisor.core.host.HostException if the host has no means left
     */
    ConnectedLine connect(GsiInput input);
}
