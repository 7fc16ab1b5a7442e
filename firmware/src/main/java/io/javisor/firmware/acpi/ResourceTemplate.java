package io.javisor.firmware.acpi;

import io.javisor.core.irq.GsiInput;
import java.io.ByteArrayOutputStream;

/**
 * Makes the value of a {@code _CRS}: resource descriptors (ACPI 6.5 §6.4) one after the other, and the end tag. Every resource is fixed
 * and consumed by its device, and but for a shared IRQ exclusive.
 */
public final class ResourceTemplate {
    private static final int IRQ_TAG = 0x22;
    private static final int IRQ_WITH_FLAGS_TAG = 0x23;
    private static final int IO_PORT_TAG = 0x47;
    private static final int END_TAG = 0x79;
    private static final int MEMORY32_FIXED_TAG = 0x86;
    private static final int EXTENDED_INTERRUPT_TAG = 0x89;
    private static final int QWORD_ADDRESS_SPACE_TAG = 0x8A;

    private static final int IO_DECODE16 = 1;
    private static final int MEMORY_READ_WRITE = 1;

    /** §6.4.2.1, byte 3. */
    private static final int IRQ_EDGE = 1;

    private static final int IRQ_ACTIVE_LOW = 1 << 3;
    private static final int IRQ_SHARED = 1 << 4;

    /** §6.4.3.6, byte 3. */
    private static final int INTERRUPT_CONSUMER = 1;

    private static final int INTERRUPT_EDGE = 1 << 1;
    private static final int INTERRUPT_ACTIVE_LOW = 1 << 2;

    /** §6.4.3.5, byte 4. */
    private static final int ADDRESS_CONSUMER = 1;

    private static final int ADDRESS_MIN_FIXED = 1 << 2;
    private static final int ADDRESS_MAX_FIXED = 1 << 3;

    private static final long FOUR_GIB = 1L << 32;
    private static final int ISA_IRQ_COUNT = 16;

    private final ByteArrayOutputStream descriptors = new ByteArrayOutputStream();

    /** {@code IO (Decode16, port, port, 1, count)} (§6.4.2.5). */
    public ResourceTemplate io(int port, int count) {
        if (port < 0 || count < 1 || count > 0xFF || port + count > 0x1_0000) {
            throw new IllegalArgumentException("ports 0x%x, %d of them".formatted(port, count));
        }
        put(1, IO_PORT_TAG);
        put(1, IO_DECODE16);
        put(2, port);
        put(2, port);
        put(1, 1);
        put(1, count);
        return this;
    }

    /**
     * The interrupt of an ISA device: {@code IRQNoFlags ()}, or {@code IRQ ()} where it is not edge-triggered and active high
     * (§6.4.2.1).
     *
     * @param input an ISA interrupt, 0 to 15
     */
    public ResourceTemplate irq(GsiInput input) {
        return irq(input, false);
    }

    /** As {@link #irq(GsiInput)}; {@code shared} if other devices have the same. */
    public ResourceTemplate irq(GsiInput input, boolean shared) {
        if (input.gsi() >= ISA_IRQ_COUNT) {
            throw new IllegalArgumentException("IRQ " + input.gsi() + " of an ISA device");
        }
        boolean asIsa = !shared && input.equals(GsiInput.isa(input.gsi()));
        put(1, asIsa ? IRQ_TAG : IRQ_WITH_FLAGS_TAG);
        put(2, 1L << input.gsi());
        if (!asIsa) {
            put(
                    1,
                    (isEdge(input) ? IRQ_EDGE : 0)
                            | (isActiveLow(input) ? IRQ_ACTIVE_LOW : 0)
                            | (shared ? IRQ_SHARED : 0));
        }
        return this;
    }

    /** {@code Interrupt (ResourceConsumer, …) { gsi }} (§6.4.3.6). */
    public ResourceTemplate interrupt(GsiInput input) {
        put(1, EXTENDED_INTERRUPT_TAG);
        put(2, 6);
        put(
                1,
                INTERRUPT_CONSUMER
                        | (isEdge(input) ? INTERRUPT_EDGE : 0)
                        | (isActiveLow(input) ? INTERRUPT_ACTIVE_LOW : 0));
        put(1, 1);
        put(4, input.gsi());
        return this;
    }

    /** Device memory, by the shorter of the two below that can say it. */
    public ResourceTemplate memory(long startGpa, long sizeBytes) {
        boolean below4GiB = sizeBytes < FOUR_GIB && startGpa <= FOUR_GIB - sizeBytes;
        return below4GiB ? memory32Fixed(startGpa, sizeBytes) : qwordMemory(startGpa, sizeBytes);
    }

    /** {@code Memory32Fixed (ReadWrite, startGpa, sizeBytes)} (§6.4.3.4). */
    public ResourceTemplate memory32Fixed(long startGpa, long sizeBytes) {
        if (startGpa < 0 || sizeBytes <= 0 || sizeBytes >= FOUR_GIB || startGpa > FOUR_GIB - sizeBytes) {
            throw new IllegalArgumentException(
                    "memory at 0x%x, 0x%x bytes, below 4 GiB".formatted(startGpa, sizeBytes));
        }
        put(1, MEMORY32_FIXED_TAG);
        put(2, 9);
        put(1, MEMORY_READ_WRITE);
        put(4, startGpa);
        put(4, sizeBytes);
        return this;
    }

    /** {@code QWordMemory (ResourceConsumer, PosDecode, MinFixed, MaxFixed, NonCacheable, ReadWrite, …)} (§6.4.3.5.1). */
    public ResourceTemplate qwordMemory(long startGpa, long sizeBytes) {
        if (startGpa < 0 || sizeBytes <= 0 || startGpa > Long.MAX_VALUE - sizeBytes) {
            throw new IllegalArgumentException("memory at 0x%x, 0x%x bytes".formatted(startGpa, sizeBytes));
        }
        put(1, QWORD_ADDRESS_SPACE_TAG);
        put(2, 43);
        put(1, 0); // a memory range
        put(1, ADDRESS_CONSUMER | ADDRESS_MIN_FIXED | ADDRESS_MAX_FIXED);
        put(1, MEMORY_READ_WRITE);
        put(8, 0); // granularity
        put(8, startGpa);
        put(8, startGpa + sizeBytes - 1);
        put(8, 0); // translation
        put(8, sizeBytes);
        return this;
    }

    /** The buffer. A checksum of 0 in the end tag is taken as right (§6.4.2.9). */
    public AmlTerm build() {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(descriptors.toByteArray());
        all.write(END_TAG);
        all.write(0);
        return Aml.buffer(all.toByteArray());
    }

    private void put(int size, long value) {
        for (int i = 0; i < size; i++) {
            descriptors.write((int) (value >>> (8 * i)));
        }
    }

    private static boolean isEdge(GsiInput input) {
        return input.trigger() == GsiInput.Trigger.EDGE;
    }

    private static boolean isActiveLow(GsiInput input) {
        return input.polarity() == GsiInput.Polarity.ACTIVE_LOW;
    }
}
