package io.javisor.firmware.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.airlift.compress.v3.zstd.ZstdJavaCompressor;
import io.javisor.core.memory.ScratchMemory;
import io.javisor.images.ImageException;
import io.javisor.images.ImageFile;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CompressedPayloadTest {
    private static final long LIMIT = 64 << 20;
    private static final byte[] DATA = machineCode(70_000);
    private static final Map<KernelRecipe, byte[]> COMPRESSED = new EnumMap<>(KernelRecipe.class);

    /** Text, random bytes, and relative calls, which the BCJ filter rewrites. */
    private static byte[] machineCode(int size) {
        SplittableRandom random = new SplittableRandom(1);
        ByteBuffer code = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        byte[] text = "Linux version, and other strings that a kernel has. ".getBytes(StandardCharsets.US_ASCII);
        while (code.remaining() > 64) {
            switch (random.nextInt(3)) {
                case 0 -> code.put((byte) 0xE8).putInt(0x4000 - code.position());
                case 1 -> code.put(text);
                default -> code.putLong(random.nextLong());
            }
        }
        return code.array();
    }

    private static byte[] compressed(KernelRecipe recipe) {
        return COMPRESSED.computeIfAbsent(recipe, r -> r.compress(DATA)).clone();
    }

    private static byte[] decompress(KernelRecipe recipe, byte[] bytes, long limit) {
        try (Arena arena = Arena.ofConfined()) {
            return recipe.payload(bytes)
                    .decompress(arena, limit, KernelCache.NONE)
                    .toArray(ValueLayout.JAVA_BYTE);
        }
    }

    private static String failure(KernelRecipe recipe, byte[] bytes) {
        ImageException e = assertThrows(ImageException.class, () -> decompress(recipe, bytes, LIMIT));
        String message = String.valueOf(e.getMessage());
        assertFalse(message.contains("\n"), message);
        assertTrue(message.startsWith("vmlinuz: the " + recipe.format().displayName() + "-compressed kernel"), message);
        return message;
    }

    private static void putTrailer(byte[] bytes, int size) {
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(bytes.length - 4, size);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "LZO")
    void decompressesWhatTheRecipeMakes(KernelRecipe recipe) {
        byte[] bytes = compressed(recipe);
        ImageFile file = new ImageFile("vmlinuz", MemorySegment.ofArray(bytes));
        assertEquals(recipe.format(), PayloadFormat.of(file, 0, bytes.length));
        assertEquals(DATA.length, recipe.payload(bytes).declaredSizeBytes());
        assertArrayEquals(DATA, decompress(recipe, bytes, DATA.length));
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "LZO")
    void decompressesAPayloadOfManyBlocks(KernelRecipe recipe) {
        // LZ4 legacy blocks have 8 MiB, those of the others less than 1.
        byte[] data = new byte[recipe == KernelRecipe.LZ4 ? 17 << 20 : 1 << 20];
        for (int at = 0; at < data.length; at += 1 << 16) {
            System.arraycopy(DATA, (at >>> 16) % 64, data, at, 1 << 16);
        }
        assertArrayEquals(data, decompress(recipe, recipe.compress(data), LIMIT));
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "LZO")
    void decompressesAtAnOffsetInALargerFile(KernelRecipe recipe) {
        byte[] bytes = compressed(recipe);
        byte[] image = new byte[bytes.length + 300];
        Arrays.fill(image, (byte) 0xCC);
        System.arraycopy(bytes, 0, image, 101, bytes.length);
        ImageFile file = new ImageFile("vmlinuz", MemorySegment.ofArray(image));
        CompressedPayload payload = new CompressedPayload(file, recipe.format(), 101, bytes.length);
        try (Arena arena = Arena.ofConfined()) {
            assertEquals(-1, payload.decompress(arena, LIMIT, KernelCache.NONE).mismatch(MemorySegment.ofArray(DATA)));
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "LZO")
    void refusesATrailerThatDeclaresLess(KernelRecipe recipe) {
        byte[] bytes = compressed(recipe);
        putTrailer(bytes, DATA.length - 1);
        failure(recipe, bytes);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "LZO")
    void refusesATrailerThatDeclaresMore(KernelRecipe recipe) {
        byte[] bytes = compressed(recipe);
        putTrailer(bytes, DATA.length + 1);
        String message = failure(recipe, bytes);
        assertTrue(message.contains(Integer.toString(DATA.length)), message);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "LZO")
    void refusesATrailerOfZero(KernelRecipe recipe) {
        byte[] bytes = compressed(recipe);
        putTrailer(bytes, 0);
        assertTrue(failure(recipe, bytes).endsWith("its trailer declares 0 bytes"));
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "LZO")
    void refusesABombBeforeItAllocates(KernelRecipe recipe) {
        byte[] bytes = compressed(recipe);
        putTrailer(bytes, -1);
        SegmentAllocator none = (size, alignment) -> {
            throw new AssertionError("allocates " + size);
        };
        ImageException e = assertThrows(
                ImageException.class, () -> recipe.payload(bytes).decompress(none, LIMIT, KernelCache.NONE));
        String message = String.valueOf(e.getMessage());
        assertTrue(
                message.contains("it declares 4294967295 bytes decompressed; the guest's memory of 64 MiB"), message);
    }

    /** Where others could change it, and from where the host may refuse to load it. */
    @Test
    void unpacksNoLibraryToAFile() throws IOException {
        assertArrayEquals(DATA, decompress(KernelRecipe.ZSTD, compressed(KernelRecipe.ZSTD), DATA.length));
        assertTrue(Files.readString(Path.of("/proc/self/maps")).contains("/memfd:libzstd.so (deleted)"));
    }

    @Test
    void refusesADictionaryThatTheHeapMayNotHold() {
        byte[] bytes = compressed(KernelRecipe.LZMA);
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(1, -1);
        assertArrayEquals(DATA, decompress(KernelRecipe.LZMA, bytes, LIMIT)); // which reaches back no further
        putTrailer(bytes, 200 << 20);
        try (ScratchMemory untouched = new ScratchMemory()) {
            String message = String.valueOf(assertThrows(
                            ImageException.class,
                            () -> KernelRecipe.LZMA.payload(bytes).decompress(untouched, 1L << 30, KernelCache.NONE))
                    .getMessage());
            assertTrue(message.endsWith("it needs a dictionary of 200 MiB; 128 MiB are the most"), message);
        }
    }

    @Test
    void refusesMoreThanAKernelCanHaveInALargeGuest() {
        byte[] bytes = compressed(KernelRecipe.XZ);
        putTrailer(bytes, (1 << 30) + 1);
        SegmentAllocator none = (size, alignment) -> {
            throw new AssertionError("allocates " + size);
        };
        ImageException e = assertThrows(
                ImageException.class,
                () -> KernelRecipe.XZ.payload(bytes).decompress(none, 64L << 30, KernelCache.NONE));
        String message = String.valueOf(e.getMessage());
        assertTrue(
                message.contains("it declares 1073741825 bytes decompressed; no kernel has more than 1024"), message);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "LZO")
    void stopsWhenItTakesTooLong(KernelRecipe recipe) throws IOException {
        int size = recipe == KernelRecipe.ZSTD ? 6 << 20 : 300_000; // some slices of its file
        byte[] bytes = recipe.compress(recipe == KernelRecipe.ZSTD ? noise(size) : machineCode(size));
        MemorySegment source = MemorySegment.ofArray(bytes);
        source = recipe.format().sizeAppended() ? source.asSlice(0, bytes.length - 4) : source;
        AtomicLong looks = new AtomicLong();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment target = arena.allocate(size);
            Deadline unending = Deadline.after(1, () -> {
                looks.getAndIncrement();
                return 0;
            });
            assertEquals(size, recipe.format().decoder().decode(source, target, unending));
            AtomicLong left = new AtomicLong(looks.get() / 2);
            Deadline over = Deadline.after(1, () -> left.getAndDecrement() > 0 ? 0 : 1_000_000_001);
            MemorySegment all = source;
            IOException e = assertThrows(
                    IOException.class, () -> recipe.format().decoder().decode(all, target, over));
            assertEquals("it takes longer than 1 s", e.getMessage());
        }
    }

    private static byte[] noise(int size) {
        byte[] bytes = new byte[size];
        new Random(1).nextBytes(bytes);
        return bytes;
    }

    /** A payload of some hundred MiB that holds next to nothing, each frame with tables of its own, takes longer than all that a kernel may have. */
    @Test
    void looksAtTheClockInManySmallFramesToo() throws IOException {
        byte[] frame = KernelRecipe.ZSTD.compress(machineCode(100));
        int count = (4 << 20) / frame.length;
        ByteBuffer frames = ByteBuffer.allocate(count * (frame.length - 4));
        for (int i = 0; i < count; i++) {
            frames.put(frame, 0, frame.length - 4);
        }
        AtomicLong looks = new AtomicLong();
        Deadline over = Deadline.after(1, () -> looks.getAndIncrement() < 3 ? 0 : 1_000_000_001);
        MemorySegment target = MemorySegment.ofArray(new byte[count * 100]);
        IOException e = assertThrows(
                IOException.class,
                () -> PayloadFormat.ZSTD.decoder().decode(MemorySegment.ofArray(frames.array()), target, over));
        assertEquals("it takes longer than 1 s", e.getMessage());
    }

    /** Where the library can't be loaded. */
    @Test
    void zstdInJavaDoesTheSame() throws IOException {
        ZstdJavaCompressor compressor = new ZstdJavaCompressor(); // whose window is one that the decoder knows
        byte[] bytes = new byte[compressor.maxCompressedLength(DATA.length)];
        int length = compressor.compress(DATA, 0, DATA.length, bytes, 0, bytes.length);
        MemorySegment source = MemorySegment.ofArray(bytes).asSlice(0, length);
        byte[] result = new byte[DATA.length];
        assertEquals(DATA.length, ZstdDecoder.decodeInJava(source, MemorySegment.ofArray(result), Deadline.after(60)));
        assertArrayEquals(DATA, result);
        MemorySegment little = MemorySegment.ofArray(new byte[DATA.length - 1]);
        assertThrows(IOException.class, () -> ZstdDecoder.decodeInJava(source, little, Deadline.after(60)));
        MemorySegment cut = source.asSlice(0, source.byteSize() - 1);
        assertThrows(
                IOException.class,
                () -> ZstdDecoder.decodeInJava(cut, MemorySegment.ofArray(result), Deadline.after(60)));
        Deadline over = Deadline.after(0, new AtomicLong()::getAndIncrement);
        assertThrows(IOException.class, () -> ZstdDecoder.decodeInJava(source, MemorySegment.ofArray(result), over));
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "LZO")
    void stopsABombThatDeclaresLittle(KernelRecipe recipe) {
        byte[] bytes = recipe.compress(new byte[8 << 20]);
        putTrailer(bytes, 1 << 16);
        AtomicLong allocated = new AtomicLong();
        try (Arena arena = Arena.ofConfined()) {
            SegmentAllocator counting = (size, alignment) -> {
                allocated.addAndGet(size);
                return arena.allocate(size, alignment);
            };
            assertThrows(
                    ImageException.class, () -> recipe.payload(bytes).decompress(counting, LIMIT, KernelCache.NONE));
        }
        assertEquals(1 << 16, allocated.get());
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "LZO")
    void refusesEveryTruncation(KernelRecipe recipe) {
        byte[] bytes = compressed(recipe);
        for (int length = 0; length < bytes.length; length += 1 + bytes.length / 20) {
            byte[] cut = Arrays.copyOf(bytes, length);
            if (length >= 4) {
                putTrailer(cut, DATA.length);
            }
            failure(recipe, cut);
        }
    }

    @ParameterizedTest
    // The bzip2 decoder looks for another stream, and reads to the end to find none.
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"LZO", "BZIP2"})
    void refusesTrailingData(KernelRecipe recipe) {
        byte[] bytes = compressed(recipe);
        byte[] longer = Arrays.copyOf(bytes, bytes.length + 5);
        putTrailer(longer, DATA.length);
        failure(recipe, longer);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "LZO")
    void refusesAWrongMagic(KernelRecipe recipe) {
        byte[] bytes = compressed(recipe);
        bytes[0] ^= 0x40;
        assertEquals(null, PayloadFormat.of(recipe.payload(bytes).file(), 0, bytes.length));
    }

    @ParameterizedTest
    @EnumSource(
            value = KernelRecipe.class,
            names = {"GZIP", "BZIP2", "XZ"})
    void verifiesTheChecksum(KernelRecipe recipe) {
        byte[] bytes = compressed(recipe);
        int offset =
                switch (recipe) {
                    case GZIP -> bytes.length - 8;
                    case BZIP2 -> 10; // the first block's
                    case XZ -> bytes.length - 4 - 12 - 8 - 4; // before index and footer
                    default -> throw new AssertionError(recipe);
                };
        bytes[offset] ^= 1;
        failure(recipe, bytes);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "LZO")
    void survivesMutation(KernelRecipe recipe) {
        byte[] original = compressed(recipe);
        int rounds = recipe.format() == PayloadFormat.XZ ? 50 : 200; // its dictionary is 32 MiB each time
        SplittableRandom random = new SplittableRandom(7);
        assertTimeout(Duration.ofSeconds(20), () -> {
            for (int round = 0; round < rounds; round++) {
                byte[] bytes = original.clone();
                for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
                    // Half of them in the first bytes, where the headers are.
                    int bound = random.nextBoolean() ? Math.min(64, bytes.length) : bytes.length;
                    bytes[random.nextInt(bound)] = (byte) random.nextInt();
                }
                try {
                    decompress(recipe, bytes, 1 << 20);
                } catch (ImageException e) {
                    assertFalse(String.valueOf(e.getMessage()).contains("\n"), e.getMessage());
                }
            }
        });
    }

    @Test
    void speaksOfDamageNotOfIndices() throws IOException {
        try (InputStream input =
                getClass().getResourceAsStream("Bzip2PayloadFuzzTestInputs/decompresses/index-out-of-bounds")) {
            byte[] bytes = Objects.requireNonNull(input).readAllBytes();
            assertTrue(failure(KernelRecipe.BZIP2, bytes).endsWith("can't be decompressed: damaged data"));
        }
    }

    @Test
    void saysThatLzoIsNotSupported() {
        byte[] header = {(byte) 0x89, 'L', 'Z', 'O', 0, 0x0D, 0x0A, 0x1A, 0x0A, 0x10, 0x40, 1, 0, 0, 0};
        assertEquals(
                PayloadFormat.LZO,
                PayloadFormat.of(KernelRecipe.LZO.payload(header).file(), 0, header.length));
        assertTrue(failure(KernelRecipe.LZO, header).endsWith("LZO is not supported on the host"));
    }

    @Test
    void anLzmaHeaderWithASizeIsAccepted() {
        byte[] bytes = compressed(KernelRecipe.LZMA);
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(5, DATA.length);
        assertArrayEquals(DATA, decompress(KernelRecipe.LZMA, bytes, LIMIT));
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(5, DATA.length - 1);
        assertTrue(failure(KernelRecipe.LZMA, bytes).contains("its header says 69999 bytes, its trailer 70000"));
    }

    @Test
    void gzipHeadersMayCarryMore() {
        byte[] plain = compressed(KernelRecipe.GZIP);
        byte[] extra = {0x1F, (byte) 0x8B, 8, 0x1E, 0, 0, 0, 0, 0, 3, 2, 0, 9, 9, 'n', 0, 'c', 0, 7, 7};
        byte[] bytes = Arrays.copyOf(extra, extra.length + plain.length - 10);
        System.arraycopy(plain, 10, bytes, extra.length, plain.length - 10);
        assertArrayEquals(DATA, decompress(KernelRecipe.GZIP, bytes, LIMIT));
    }

    @Test
    void lz4FramesMayFollowEachOther() {
        byte[] one = compressed(KernelRecipe.LZ4);
        byte[] bytes = Arrays.copyOf(one, 2 * one.length - 4);
        System.arraycopy(one, 0, bytes, one.length - 4, one.length);
        putTrailer(bytes, 2 * DATA.length);
        byte[] twice = Arrays.copyOf(DATA, 2 * DATA.length);
        System.arraycopy(DATA, 0, twice, DATA.length, DATA.length);
        assertArrayEquals(twice, decompress(KernelRecipe.LZ4, bytes, LIMIT));
    }
}
