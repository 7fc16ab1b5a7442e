package io.javisor.firmware.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.images.ImageException;
import io.javisor.images.ImageFile;
import io.javisor.testkit.HeapMeter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/**
 * Decompresses what a fuzzer made. It gives the declared number of bytes or one {@link ImageException} of one line; memory is asked for once and
 * within the limit. Some decoders use unchecked accesses: so source and target lie between guards, everything runs twice with other bytes in
 * guards and target, and must come out the same.
 *
 * @param heapMax what one decompression may allocate on the heap, its result twice included
 */
record PayloadHarness(PayloadFormat format, long heapMax) {
    private static final long LIMIT = 1 << 18;
    private static final long GUARD_SIZE = 0x1000;
    private static final MemorySegment TARGET = Arena.global().allocate(LIMIT + 2 * GUARD_SIZE, 0x1000);

    /** Decompresses {@code payload}: data, and the size behind it. */
    void decompress(byte[] payload) {
        ImageFile file = new ImageFile("vmlinuz", MemorySegment.ofArray(payload));
        if (PayloadFormat.of(file, 0, payload.length) != format) {
            return; // no bzImage brings such a payload to this decoder
        }
        String first = decompress(payload, (byte) 0x00);
        HeapMeter heap = HeapMeter.start(); // not at first, which may load classes
        assertEquals(first, decompress(payload, (byte) 0xFF));
        heap.requireAtMost(heapMax + LIMIT);
    }

    /** The message of the refusal, or the result, a character a byte. */
    private String decompress(byte[] payload, byte poison) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment around =
                    arena.allocate(payload.length + 2 * GUARD_SIZE).fill(poison);
            MemorySegment bytes = around.asSlice(GUARD_SIZE, payload.length).copyFrom(MemorySegment.ofArray(payload));
            ImageFile file = new ImageFile("vmlinuz", bytes.asReadOnly());
            OneShot scratch = new OneShot(poison);
            String outcome;
            try {
                MemorySegment result = new CompressedPayload(file, format, 0, payload.length)
                        .decompress(scratch, LIMIT, KernelCache.NONE);
                outcome = new String(result.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.ISO_8859_1);
            } catch (ImageException e) {
                String message = String.valueOf(e.getMessage());
                assertEquals(1, message.lines().count(), message);
                // A limit of ours, not the collector's last word.
                assertFalse(message.contains("does not suffice"), message);
                outcome = message;
            }
            scratch.requireGuards();
            assertEquals(-1, bytes.mismatch(MemorySegment.ofArray(payload)), "writes to the source");
            return outcome;
        }
    }

    private static final class OneShot implements SegmentAllocator {
        private final byte poison;
        private long size = -1;

        OneShot(byte poison) {
            this.poison = poison;
        }

        @Override
        public MemorySegment allocate(long byteSize, long byteAlignment) {
            assertEquals(-1, size, "asks for memory twice");
            assertTrue(byteSize <= LIMIT, () -> "asks for " + byteSize + " bytes");
            size = byteSize;
            TARGET.asSlice(0, byteSize + 2 * GUARD_SIZE).fill(poison);
            return TARGET.asSlice(GUARD_SIZE, byteSize);
        }

        void requireGuards() {
            if (size < 0) {
                return;
            }
            requireGuard(0);
            requireGuard(GUARD_SIZE + size);
        }

        private void requireGuard(long offset) {
            for (long i = 0; i < GUARD_SIZE; i += Long.BYTES) {
                long value = TARGET.get(ValueLayout.JAVA_LONG_UNALIGNED, offset + i);
                assertEquals(poison, value, "writes beside the target");
            }
        }
    }
}
