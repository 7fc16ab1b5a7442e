package io.javisor.emulator.mmu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.javisor.core.bus.BusDevice;
import io.javisor.emulator.state.Bits;
import io.javisor.emulator.state.CpuFault;
import io.javisor.emulator.state.SegmentAttributes;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LinearMemoryTest {
    private static final long DEVICE_GPA = 0xE000_0000L;
    private static final long PAGE_TABLE = 0x4000;
    private static final long FOUR_LEVELS = Bits.CR0_PE | Bits.CR0_PG | Bits.CR0_WP;

    private final List<String> deviceLog = new ArrayList<>();
    private final List<Long> watched = new ArrayList<>();
    private final List<String> writes = new ArrayList<>();
    private Runnable meanwhile = () -> {};
    private final MmuFixture fixture = new MmuFixture(0x10_0000, 46, true, true, new WriteWatch() {
        @Override
        public boolean isWatched(long pageGpa) {
            return watched.contains(pageGpa);
        }

        @Override
        public void written(long gpa, int size) {
            writes.add(Long.toHexString(gpa) + "+" + size);
            meanwhile.run();
            meanwhile = () -> {};
        }
    });

    LinearMemoryTest() {
        fixture.devices.register("device", DEVICE_GPA, 0x1000, new BusDevice() {
            @Override
            public long read(long offset, int size) {
                deviceLog.add("r" + size + "@" + Long.toHexString(offset));
                return 0x1122_3344_5566_7788L;
            }

            @Override
            public void write(long offset, int size, long value) {
                deviceLog.add("w" + size + "@" + Long.toHexString(offset) + "=" + Long.toHexString(value));
            }
        });
        // One address space: PML4 0x1000, PDPT 0x2000, PD 0x3000, PT 0x4000; the first 2 MiB one to one, all of it the
        // user's.
        fixture.memory.putLong(0x1000, 0x2007);
        fixture.memory.putLong(0x2000, 0x3007);
        fixture.memory.putLong(0x3000, 0x4007);
        for (int i = 0; i < 512; i++) {
            map(i, i * 4096L, 7);
        }
        fixture.cpu.setSegment(1, 8, 0, -1, SegmentAttributes.LONG);
        fixture.paging(FOUR_LEVELS, 0x1000, Bits.CR4_PAE | Bits.CR4_PGE, Bits.EFER_LMA | Bits.EFER_NXE);
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private void map(int page, long gpa, long bits) {
        fixture.memory.putLong(PAGE_TABLE + 8L * page, gpa | bits);
    }

    private long bits(int page) {
        return fixture.memory.getLong(PAGE_TABLE + 8L * page) & 0xFFF;
    }

    @Test
    void crossesPagesThatDoNotAdjoinInMemory() {
        map(0x10, 0x30000, 7);
        map(0x11, 0x20000, 7);
        fixture.linear.write(0x10FFD, 8, 0x8877_6655_4433_2211L);
        assertEquals(0x3322_11, fixture.memory.getInt(0x30FFD) & 0xFF_FFFF);
        assertEquals(0x88_7766_5544L, fixture.memory.getLong(0x20000));
        assertEquals(0x8877_6655_4433_2211L, fixture.linear.read(0x10FFD, 8));
    }

    @Test
    void writesNothingIfTheSecondPageFaults() {
        map(0x11, 0x20000, 5);
        fixture.memory.putLong(0x10FF8, -1);
        CpuFault fault = assertThrows(CpuFault.class, () -> fixture.linear.write(0x10FFD, 8, 0));
        assertEquals(0x11000, fault.linear());
        assertEquals(3, fault.errorCode());
        assertEquals(-1, fixture.memory.getLong(0x10FF8));
    }

    @Test
    void setsDirtyAtTheFirstWriteAfterAReadOnly() {
        long before = fixture.linear.read(0x10000, 8);
        assertEquals(0, before);
        assertEquals(0x27, bits(0x10));
        fixture.linear.write(0x10000, 8, 1);
        assertEquals(0x67, bits(0x10));
    }

    @Test
    void keepsTranslationsUntilTheyAreDropped() {
        fixture.memory.putLong(0x10000, 1);
        fixture.memory.putLong(0x20000, 2);
        assertEquals(1, fixture.linear.read(0x10000, 8));
        long walks = fixture.mmu.walks();
        map(0x10, 0x20000, 7);
        assertEquals(1, fixture.linear.read(0x10000, 8));
        assertEquals(walks, fixture.mmu.walks());
        fixture.mmu.invalidate(0x10FFF);
        assertEquals(2, fixture.linear.read(0x10000, 8));
    }

    @Test
    void keepsGlobalPagesWhenCr3IsWritten() {
        map(0x10, 0x10000, 0x107);
        fixture.linear.read(0x10000, 8);
        fixture.linear.read(0x11000, 8);
        long walks = fixture.mmu.walks();
        fixture.mmu.flush(false);
        fixture.linear.read(0x10000, 8);
        assertEquals(walks, fixture.mmu.walks());
        fixture.linear.read(0x11000, 8);
        assertEquals(walks + 1, fixture.mmu.walks());
        fixture.mmu.flush(true);
        fixture.linear.read(0x10000, 8);
        assertEquals(walks + 2, fixture.mmu.walks());
    }

    @Test
    void invalidationDropsAllPiecesOfALargePageAndNoOtherPage() {
        fixture.memory.putLong(0x3008, 0x87); // 2 MiB at linear 0x200000, global or not
        fixture.linear.read(0x20_0000, 8);
        fixture.linear.read(0x20_5000, 8);
        fixture.linear.read(0xF_6000, 8);
        long walks = fixture.mmu.walks();
        fixture.mmu.invalidate(0x21_3456);
        fixture.linear.read(0xF_6000, 8);
        assertEquals(walks, fixture.mmu.walks());
        fixture.linear.read(0x20_0000, 8);
        fixture.linear.read(0x20_5000, 8);
        assertEquals(walks + 2, fixture.mmu.walks());
    }

    @Test
    void theFirstAndLastPagesOfTheAddressSpaceAreNotInAnEmptyTlb() {
        fixture.memory.putLong(0x1FF8, 0);
        fixture.memory.putLong(0x4000, 0);
        for (int set = 0; set < 2; set++) {
            fixture.privilege(set == 0 ? 0 : 3, false);
            assertThrows(CpuFault.class, () -> fixture.linear.read(0, 1));
            assertThrows(CpuFault.class, () -> fixture.linear.read(-1, 1));
            assertThrows(CpuFault.class, () -> fixture.linear.fetch(-4096));
        }
    }

    @Test
    void deviceMemoryIsReadAndWrittenInPieces() {
        map(0x10, DEVICE_GPA, 7);
        assertEquals(0x5566_7788L, fixture.linear.read(0x10010, 4));
        fixture.linear.write(0x10010, 2, 0xABCD);
        fixture.linear.open(0, 0x10020, 16, LinearMemory.READ);
        assertEquals(List.of("r4@10", "w2@10=abcd", "r8@20", "r8@28"), deviceLog);
        deviceLog.clear();
        fixture.linear.read(0x10FFD, 8);
        assertEquals(List.of("r3@ffd"), deviceLog);
    }

    @Test
    void aReadModifyWriteOfDeviceMemoryReadsOnceAndWritesOnce() {
        map(0x10, DEVICE_GPA, 7);
        long hva = fixture.linear.open(1, 0x10010, 4, LinearMemory.READ_WRITE);
        HostMemory.put(hva, 4, HostMemory.get(hva, 4) + 1);
        fixture.linear.commit(1);
        assertEquals(List.of("r4@10", "w4@10=55667789"), deviceLog);
    }

    @Test
    void anOperandThatIsOnlyWrittenIsNotReadFromTheDevice() {
        map(0x10, DEVICE_GPA, 7);
        long hva = fixture.linear.open(0, 0x10010, 4, LinearMemory.WRITE);
        assertEquals(List.of(), deviceLog);
        HostMemory.put(hva, 4, 5);
        fixture.linear.commit(0);
        assertEquals(List.of("w4@10=5"), deviceLog);
    }

    @Test
    void anOperandInRamIsUsedInPlaceAndOneAcrossPagesIsCopied() {
        long direct = fixture.linear.open(0, 0x10008, 64, LinearMemory.READ_WRITE);
        assertEquals(fixture.memory.regions().getFirst().segment().address() + 0x10008, direct);
        map(0x12, 0x40000, 7);
        long bounce = fixture.linear.open(1, 0x11FE0, 64, LinearMemory.READ_WRITE);
        assertNotEquals(fixture.memory.regions().getFirst().segment().address() + 0x11FE0, bounce);
        HostMemory.put(bounce + 31, 2, 0xBEEF);
        fixture.linear.commit(0);
        fixture.linear.commit(1);
        assertEquals((byte) 0xEF, fixture.memory.getByte(0x11FFF));
        assertEquals((byte) 0xBE, fixture.memory.getByte(0x40000));
    }

    @Test
    void writesToWatchedPagesAreToldHoweverTheyAreMade() {
        watched.add(0x10000L);
        fixture.linear.write(0x10008, 8, 1);
        fixture.linear.write(0x10008, 4, 1);
        fixture.linear.open(0, 0x10010, 16, LinearMemory.WRITE);
        fixture.linear.commit(0);
        fixture.linear.write(0xFFFE, 8, 1);
        fixture.linear.write(0x11000, 8, 1);
        assertEquals(List.of("10008+8", "10008+4", "10010+16", "10000+6"), writes);
    }

    @Test
    void protectionOfAPageTakesTheRightToWriteUnasked() {
        map(0x50, 0x10000, 7);
        fixture.linear.write(0x10000, 8, 1);
        fixture.linear.write(0x50000, 8, 1);
        watched.add(0x10000L);
        fixture.mmu.protect(0x10000);
        fixture.linear.write(0x10000, 8, 1);
        fixture.linear.write(0x50010, 8, 1);
        assertEquals(List.of("10000+8", "10010+8"), writes);
    }

    @Test
    void addressesWrapAroundAt4GiBOutside64BitMode() {
        fixture.cpu.setSegment(1, 8, 0, -1, SegmentAttributes.BIG);
        fixture.paging(Bits.CR0_PE, 0, 0, 0);
        fixture.memory.putInt(0, 0x1234_5678);
        assertEquals(0x5678_FFFFL, fixture.linear.read(0xFFFF_FFFEL, 4));
    }

    @Test
    void aFetchTellsThePageAndKnowsDeviceMemory() {
        map(0x10, 0x20000, 7);
        map(0x11, DEVICE_GPA, 7);
        assertEquals(fixture.memory.regions().getFirst().segment().address() + 0x20123, fixture.linear.fetch(0x10123));
        assertEquals(0x20123, fixture.linear.fetchedGpa());
        fixture.linear.fetch(0x10456);
        assertEquals(0x20456, fixture.linear.fetchedGpa());
        assertEquals(HostMemory.NOT_RAM, fixture.linear.fetch(0x11000));
        assertEquals(DEVICE_GPA, fixture.linear.fetchedGpa());
    }

    @Test
    void tablesOnDeviceMemoryReadAsAllOnesAndAskNoDevice() {
        fixture.memory.putLong(0x3000, DEVICE_GPA | 7);
        CpuFault fault = assertThrows(CpuFault.class, () -> fixture.linear.read(0x10000, 8));
        assertEquals(9, fault.errorCode());
        assertEquals(List.of(), deviceLog);
    }

    @Test
    void aTableThatMapsItselfIsWrittenLikeAnyPage() {
        map(4, PAGE_TABLE, 7);
        fixture.linear.write(PAGE_TABLE + 8 * 0x10, 8, 0x20007);
        fixture.memory.putLong(0x20000, 77);
        assertEquals(77, fixture.linear.read(0x10000, 8));
    }

    @Test
    void anAddressThatIsNotCanonicalFaultsAndIsNotTakenForAnother() {
        fixture.linear.read(0x1000, 1);
        for (long linear : new long[] {0x0001_0000_0000_1000L, 0x0000_8000_0000_1000L, 0x8000_0000_0000_1000L}) {
            assertEquals(
                    13,
                    assertThrows(CpuFault.class, () -> fixture.linear.readImplicit(linear, 8))
                            .vector());
            assertEquals(
                    13,
                    assertThrows(CpuFault.class, () -> fixture.linear.fetch(linear))
                            .vector());
        }
    }

    /** The watch is told just before a flag is set: what it does then, another processor may do. */
    @Test
    void anEntryThatChangesMeanwhileIsReadAgain() {
        watched.add(PAGE_TABLE);
        meanwhile = () -> map(0x10, 0x30000, 7);
        fixture.memory.putLong(0x30000, 77);
        assertEquals(77, fixture.linear.read(0x10000, 8));
        assertEquals(0x27, bits(0x10));
        meanwhile = () -> map(0x11, 0, 0);
        CpuFault fault = assertThrows(CpuFault.class, () -> fixture.linear.write(0x11000, 8, 1));
        assertEquals(2, fault.errorCode());
        assertEquals(0, bits(0x11));
    }
}
