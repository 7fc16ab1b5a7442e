package io.javisor.devices.ioapic;

import java.util.List;

/**
 * The registers of an {@link IoApic}, for a snapshot.
 *
 * @param version {@link #VERSION}
 * @param id bits 27:24 of IOAPICID, 0 to 15
 * @param arbitrationId 0 to 15
 * @param index IOREGSEL
 * @param lines which inputs are asserted, bit 0 for pin 0
 * @param redirections the redirection entries as the guest reads them
 */
public record IoApicState(int version, int id, int arbitrationId, int index, int lines, List<Long> redirections) {
    /** The only version so far. */
    public static final int VERSION = 1;

    private static final long ENTRY_MASK =
            0xFF00_0000_0000_0000L | IoApicRegisters.LOW_WRITABLE | IoApicRegisters.REMOTE_IRR;

    /**
     * Checks what a snapshot file might get wrong.
     *
     * @throws IllegalArgumentException if a value is one that the chip cannot be in
     */
    public IoApicState {
        redirections = List.copyOf(redirections);
        within("version", version, VERSION, VERSION);
        within("id", id, 0, 0xF);
        within("arbitrationId", arbitrationId, 0, 0xF);
        within("index", index, 0, 0xFF);
        within("lines", lines, 0, (1 << IoApicRegisters.PIN_COUNT) - 1);
        within("redirections", redirections.size(), IoApicRegisters.PIN_COUNT, IoApicRegisters.PIN_COUNT);
        for (long entry : redirections) {
            boolean edgeInService = (entry & IoApicRegisters.REMOTE_IRR) != 0 && (entry & IoApicRegisters.LEVEL) == 0;
            if ((entry & ~ENTRY_MASK) != 0 || edgeInService) {
                throw new IllegalArgumentException("I/O APIC state: an entry is 0x" + Long.toHexString(entry));
            }
        }
    }

    private static void within(String name, int value, int min, int max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException("I/O APIC state: " + name + " is " + value);
        }
    }
}
