package io.javisor.emulator.mmu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The TLB's two ways as emitted code looks at them, against a model of objects. */
final class TlbTest {
    private static final long NOTHING = -1;

    /** Pages that share an index, in several parts of the address space; neighbours, for large pages. */
    private static final int[] INDEXES = {0, 1, 2, 513, Tlb.ENTRIES - 1};

    private static final long[] BASES = {
        0,
        1L << 23,
        1L << 24,
        1L << 30,
        0x5555_4000_0000L,
        0x7FFF_C000_0000L,
        -1L << 47,
        (-1L << 47) + (1 << 23),
        -1L << 31
    };
    private static final int FRAMES = 6;

    private final Tlb tlb = new Tlb(Arena.ofAuto().allocate(Tlb.SIZE, 64));
    private final Slot[][][] model = new Slot[Tlb.SETS][INDEXES.length][2];

    private record Slot(long page, boolean writable, long hostPage, long gpa, int shift, boolean global) {
        boolean covers(long linear) {
            return (page ^ linear) >>> shift == 0;
        }

        Slot protectedOne() {
            return new Slot(page, false, hostPage, gpa, shift, global);
        }
    }

    private static long page(int base, int index) {
        return BASES[base] + (long) INDEXES[index] * HostMemory.PAGE_SIZE;
    }

    /** As OperandCode and MissCode do it. */
    private long translate(int set, long linear, int size, boolean write) {
        int tag = write ? Tlb.WRITE_TAG_OFFSET : Tlb.READ_TAG_OFFSET;
        long found = NOTHING;
        for (int way = 0; way < 2; way++) {
            long entry = Tlb.entryHva(tlb.setHva(set), linear) + (long) way * Tlb.SECOND_WAY;
            long t = linear ^ HostMemory.getLong(entry + tag);
            if (Long.compareUnsigned(t, 0x1001 - size) < 0) {
                assertEquals(NOTHING, found, "a page is in both ways");
                found = t + HostMemory.getLong(entry + Tlb.HOST_PAGE_OFFSET);
            }
        }
        return found;
    }

    private void fill(int set, int index, Slot slot) {
        tlb.fill(set, slot.page() + 0x123, slot.writable(), slot.hostPage(), slot.gpa(), slot.shift(), slot.global());
        @Nullable Slot[] ways = model[set][index];
        if (ways[0] != null && ways[0].page() != slot.page()) {
            ways[1] = ways[0];
        } else if (ways[1] != null && ways[1].page() == slot.page()) {
            ways[1] = null;
        }
        ways[0] = slot;
    }

    private void promote(int set, int index, long page, boolean write) {
        Slot[] ways = model[set][index];
        Slot second = ways[1];
        boolean has = second != null && second.page() == page && (!write || second.writable());
        assertEquals(has, tlb.promote(set, page + 0xFFF, write));
        if (has) {
            ways[1] = ways[0];
            ways[0] = second;
        }
    }

    private void drop(int sets, Predicate<Slot> dropped) {
        replace(sets, slot -> dropped.test(slot) ? null : slot);
    }

    private void replace(int sets, UnaryOperator<@Nullable Slot> by) {
        for (int set = 0; set < sets; set++) {
            for (@Nullable Slot[] ways : model[set]) {
                Arrays.setAll(ways, way -> ways[way] == null ? null : by.apply(ways[way]));
            }
        }
    }

    private void check() {
        for (int set = 0; set < Tlb.SETS; set++) {
            for (int index = 0; index < INDEXES.length; index++) {
                for (int base = 0; base < BASES.length; base++) {
                    long page = page(base, index);
                    long read = NOTHING;
                    long write = NOTHING;
                    for (Slot slot : model[set][index]) {
                        if (slot != null && slot.page() == page) {
                            read = slot.hostPage();
                            write = slot.writable() ? slot.hostPage() : NOTHING;
                        }
                    }
                    assertEquals(read, translate(set, page, 1, false));
                    assertEquals(write, translate(set, page, 1, true));
                }
            }
        }
    }

    @Test
    void doesAsTheModel() {
        Random random = new Random(20_26);
        for (int turn = 0; turn < 20_000; turn++) {
            int set = random.nextInt(Tlb.SETS);
            int index = random.nextInt(INDEXES.length);
            long page = page(random.nextInt(BASES.length), index);
            long gpa = (1L + random.nextInt(FRAMES)) << 12;
            boolean some = random.nextBoolean();
            switch (random.nextInt(40)) {
                case 0 -> {
                    tlb.flush(some);
                    drop(Tlb.SETS, slot -> some || !slot.global());
                }
                case 1, 2, 3 -> {
                    tlb.invalidate(page + 0x800);
                    drop(Tlb.SETS, slot -> slot.covers(page));
                }
                case 4, 5 -> {
                    tlb.protect(gpa);
                    replace(Tlb.FETCH_USER, slot -> slot.gpa() == gpa ? slot.protectedOne() : slot);
                }
                case 6, 7, 8, 9, 10, 11 -> promote(set, index, page, some);
                default -> {
                    int shift = random.nextInt(4) != 0 ? 12 : some ? 21 : 30;
                    boolean writable = random.nextBoolean();
                    fill(set, index, new Slot(page, writable, gpa << 20, gpa, shift, random.nextBoolean()));
                }
            }
            check();
        }
    }

    @Test
    void emptyEntriesAllowNoAccess() {
        for (int turn = 0; turn < 2; turn++) {
            for (int set = 0; set < Tlb.SETS; set++) {
                for (int index = 0; index < Tlb.ENTRIES; index++) {
                    for (long base : BASES) {
                        long page = base + (long) index * HostMemory.PAGE_SIZE;
                        assertEquals(NOTHING, translate(set, page, 1, false));
                        assertEquals(NOTHING, translate(set, page + 0xFFF, 1, true));
                        assertEquals(NOTHING, translate(set, page + 0xFFF, 32, false));
                    }
                }
                for (int i = 0; turn == 0 && i < 3 * Tlb.ENTRIES; i++) {
                    tlb.fill(set, (long) i << 12, true, 1L << 30, 1L << 20, 12, (i & 8) != 0);
                }
            }
            assertTrue(turn == 1 || translate(0, 0x1000 + Tlb.SECOND_WAY / 32L * 4096, 8, true) != NOTHING);
            tlb.flush(true);
        }
    }

    @Test
    void anAccessBeyondThePagesEndIsNotAllowedInEitherWay() {
        tlb.fill(0, 0x5000, true, 1L << 30, 0x9000, 12, false);
        for (int way = 0; way < 2; way++) {
            assertEquals((1L << 30) + 0xFF8, translate(0, 0x5FF8, 8, true));
            assertEquals(NOTHING, translate(0, 0x5FF9, 8, true));
            tlb.fill(0, 0x5000 + Tlb.ENTRIES * 4096L, true, 1L << 31, 0xA000, 12, false);
        }
    }

    /** A kernel's INVLPG of a program's page leaves alone what it has of large pages. */
    @Test
    void dropsPiecesOfLargePagesInBothWays() {
        long large = -1L << 47;
        for (int i = 0; i < 3; i++) {
            tlb.fill(Tlb.SUPERVISOR, large + i * 0x1000L, true, 1L << 30, 1L << 20, 21, true);
            tlb.fill(Tlb.SUPERVISOR, large + i * 0x1000L + Tlb.ENTRIES * 4096L, true, 1L << 31, 1L << 21, 12, true);
        }
        tlb.invalidate(0x1000);
        assertEquals(1L << 30, translate(Tlb.SUPERVISOR, large + 0x1000, 1, true));
        tlb.invalidate(large + 0x1F_F000);
        for (int i = 0; i < 3; i++) {
            assertEquals(NOTHING, translate(Tlb.SUPERVISOR, large + i * 0x1000L, 1, false));
            assertEquals(1L << 31, translate(Tlb.SUPERVISOR, large + i * 0x1000L + Tlb.ENTRIES * 4096L, 1, true));
        }
    }
}
