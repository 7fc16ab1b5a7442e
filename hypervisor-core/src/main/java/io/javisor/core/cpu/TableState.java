package io.javisor.core.cpu;

/**
 * GDTR or IDTR.
 *
 * @param base linear address
 * @param limit the offset of the table's last byte, 16 bits
 */
public record TableState(long base, int limit) {
    /** @throws IllegalArgumentException if the limit has more bits */
    public TableState {
        if ((limit & ~0xFFFF) != 0) {
            throw new IllegalArgumentException("no descriptor table register: limit 0x" + Integer.toHexString(limit));
        }
    }
}
