package io.javisor.emulator.mmu;

import io.javisor.core.bus.AddressBus;

/**
 * What answers guest-physical addresses that are no RAM: the bus, behind what only this processor sees (its local APIC's registers).
 * Called on the vCPU's thread; allocates nothing.
 */
public interface DeviceAccess {
    /** Reads 1 to 8 bytes; all ones where nobody answers. An access of 3, 5, 6 or 7 is the rest of one that crosses a page. */
    long read(long gpa, int size);

    /** Writes the low 1 to 8 bytes of {@code value}. */
    void write(long gpa, int size, long value);

    /** The bus alone. */
    static DeviceAccess of(AddressBus bus) {
        return new DeviceAccess() {
            @Override
            public long read(long gpa, int size) {
                return bus.read(gpa, size);
            }

            @Override
            public void write(long gpa, int size, long value) {
                bus.write(gpa, size, value);
            }
        };
    }
}
