package io.javisor.core.bus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressBusTest {
    /** Remembers accesses; reads give the offset plus a base. */
    private static class Recorder implements BusDevice {
        final List<String> accesses = new ArrayList<>();
        final long base;

        Recorder(long base) {
            this.base = base;
        }

        @Override
        public long read(long offset, int size) {
            accesses.add("r" + size + "@" + offset);
            return base + offset;
        }

        @Override
        public void write(long offset, int size, long value) {
            accesses.add("w" + size + "@" + offset + "=" + Long.toHexString(value));
        }
    }

    private final AddressBus ports = AddressBus.ports();

    @Test
    void accessReachesTheDeviceWithItsOffset() {
        Recorder device = new Recorder(0x10);
        ports.register("device", 0x3F8, 8, device);
        assertEquals(0x13, ports.read(0x3FB, 1));
        ports.write(0x3FC, 2, 0xABCD);
        assertEquals(List.of("r1@3", "w2@4=abcd"), device.accesses);
    }

    @ParameterizedTest
    @CsvSource({"1, 0xFF", "2, 0xFFFF", "4, 0xFFFFFFFF", "8, -1", "3, 0xFFFFFF"})
    void unclaimedReadsAreAllOnesAndCounted(int size, String expected) {
        assertEquals(Long.decode(expected), ports.read(0x100, size));
        assertEquals(1, ports.unclaimedReads());
    }

    @Test
    void unclaimedWritesAreDroppedAndCounted() {
        ports.write(0x100, 4, 1);
        ports.writeString(0x100, 1, MemorySegment.ofArray(new byte[] {1, 2}), 0, 2);
        assertEquals(3, ports.unclaimedWrites());
    }

    @Test
    void readsAreCutToTheirWidth() {
        ports.register("wide", 0x10, 8, new Recorder(0x1_2345_6789L));
        assertEquals(0x89, ports.read(0x10, 1));
        assertEquals(0x6789, ports.read(0x10, 2));
        assertEquals(0x2345_6789L, ports.read(0x10, 4));
    }

    @Test
    void writesAreCutToTheirWidth() {
        Recorder device = new Recorder(0);
        ports.register("device", 0, 8, device);
        ports.write(0, 1, 0x1FF);
        ports.write(0, 4, -1L);
        ports.write(0, 8, -1L);
        assertEquals(List.of("w1@0=ff", "w4@0=ffffffff", "w8@0=ffffffffffffffff"), device.accesses);
    }

    @Test
    void accessAcrossTwoDevicesGoesByteByByte() {
        Recorder low = new Recorder(0x20);
        Recorder high = new Recorder(0x40);
        ports.register("low", 0x10, 2, low);
        ports.register("high", 0x12, 2, high);
        assertEquals(0x4140_2120L, ports.read(0x10, 4));
        ports.write(0x11, 2, 0xBBAA);
        assertEquals(List.of("r1@1", "r1@0", "w1@1=aa"), low.accesses);
        assertEquals(List.of("r1@1", "r1@0", "w1@0=bb"), high.accesses);
        assertEquals(0, ports.unclaimedReads() + ports.unclaimedWrites());
    }

    @Test
    void accessThatOnlyEndsInADeviceReadsOnesForTheRest() {
        ports.register("device", 0x12, 1, new Recorder(0x55));
        assertEquals(0xFF55FFFFL, ports.read(0x10, 4));
        assertEquals(0, ports.unclaimedReads());
    }

    @Test
    void stringsReachTheDeviceAsOneCall() {
        List<Integer> counts = new ArrayList<>();
        ports.register("string", 0x10, 1, new BusDevice() {
            @Override
            public long read(long offset, int size) {
                return 0;
            }

            @Override
            public void write(long offset, int size, long value) {}

            @Override
            public void writeString(long offset, int size, MemorySegment data, long dataOffset, int count) {
                counts.add(count);
            }
        });
        ports.writeString(0x10, 1, MemorySegment.ofArray(new byte[64]), 0, 64);
        assertEquals(List.of(64), counts);
    }

    @Test
    void stringsFallBackToSingleAccessesInOrder() {
        Recorder device = new Recorder(0);
        ports.register("device", 0x10, 4, device);
        byte[] data = {1, 2, 3, 4};
        ports.writeString(0x10, 2, MemorySegment.ofArray(data), 0, 2);
        assertEquals(List.of("w2@0=201", "w2@0=403"), device.accesses);
        byte[] in = new byte[4];
        ports.readString(0x13, 1, MemorySegment.ofArray(in), 1, 2);
        assertEquals(List.of((byte) 0, (byte) 3, (byte) 3, (byte) 0), List.of(in[0], in[1], in[2], in[3]));
    }

    @Test
    void unclaimedStringReadsAreAllOnes() {
        byte[] in = new byte[6];
        ports.readString(0x80, 2, MemorySegment.ofArray(in), 0, 3);
        for (byte b : in) {
            assertEquals(-1, b);
        }
        assertEquals(3, ports.unclaimedReads());
    }

    @ParameterizedTest
    @CsvSource({"0x10, 1", "0x0F, 2", "0x1F, 5", "0x00, 0x10000", "0x18, 1"})
    void overlapsAreRefusedByName(String start, String length) {
        ports.register("first", 0x10, 0x10, new Recorder(0));
        IllegalArgumentException refusal = assertThrows(
                IllegalArgumentException.class,
                () -> ports.register("second", Long.decode(start), Long.decode(length), new Recorder(0)));
        assertTrue(refusal.toString().contains("first"), refusal::toString);
        assertTrue(refusal.toString().contains("second"), refusal::toString);
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "-1, 1", "0x10000, 1", "0xFFFF, 2", "0, -5", "1, 0x7FFFFFFFFFFFFFFF"})
    void rangesOutsideTheSpaceAreRefused(String start, String length) {
        assertThrows(
                IllegalArgumentException.class,
                () -> ports.register("bad", Long.decode(start), Long.decode(length), new Recorder(0)));
    }

    @Test
    void theLastPortCanBeClaimed() {
        ports.register("last", 0xFFFF, 1, new Recorder(7));
        assertEquals(7, ports.read(0xFFFF, 1));
    }

    @Test
    void aRangeCanBeTakenBackOnce() {
        AddressBus.Claim registration = ports.register("device", 0x10, 1, new Recorder(7));
        registration.close();
        registration.close();
        assertEquals(0xFF, ports.read(0x10, 1));
        ports.register("again", 0x10, 1, new Recorder(8));
        assertEquals(8, ports.read(0x10, 1));
    }

    @Test
    void everyAddressFindsItsDeviceAmongMany() {
        AddressBus memory = AddressBus.deviceMemory();
        Random random = new Random(1);
        long start = 0;
        List<AddressBus.Range> expected = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            start += random.nextInt(3) * 0x1000L;
            long length = 1L + random.nextInt(0x2000);
            memory.register("d" + i, start, length, new Recorder((long) i * 0x100000));
            expected.add(new AddressBus.Range("d" + i, start, length, new Recorder(0)));
            start += length;
        }
        for (int i = 0; i < expected.size(); i++) {
            AddressBus.Range range = expected.get(i);
            assertEquals((long) i * 0x100000, memory.read(range.start(), 8 > range.length() ? 1 : 8) & ~0xFFL);
            assertEquals((range.length() - 1) & 0xFF, memory.read(range.last(), 1));
        }
    }

    @Test
    void lookupsGoOnWhileRangesComeAndGo() throws InterruptedException {
        ports.register("fixed", 0x100, 1, new Recorder(5) {
            @Override
            public long read(long offset, int size) {
                return 5;
            }
        });
        AtomicBoolean done = new AtomicBoolean();
        Thread changer = Thread.ofPlatform().start(() -> {
            for (int i = 0; i < 2000; i++) {
                ports.register("moving", 0x80, 0x40, new Recorder(0)).close();
            }
            done.set(true);
        });
        while (!done.get()) {
            assertEquals(5, ports.read(0x100, 1));
        }
        changer.join();
    }

    @ParameterizedTest
    @CsvSource({"1", "2", "3", "4", "5", "6", "7", "8"})
    void littleEndianRoundTripsAtAnyWidthAndAlignment(int size) {
        MemorySegment segment = MemorySegment.ofArray(new byte[32]);
        long value = 0x8877_6655_4433_2211L;
        long expected = size == 8 ? value : value & ((1L << (8 * size)) - 1);
        for (int offset = 0; offset < 8; offset++) {
            segment.fill((byte) 0);
            LittleEndian.put(segment, offset, size, value);
            assertEquals(expected, LittleEndian.get(segment, offset, size));
            assertEquals(expected, LittleEndian.get(segment, offset, 8));
        }
    }
}
