package io.javisor.emulator.mmu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.javisor.emulator.mmu.ReferenceWalker.Access;
import io.javisor.emulator.mmu.ReferenceWalker.Mode;
import io.javisor.emulator.mmu.ReferenceWalker.Result;
import io.javisor.emulator.mmu.ReferenceWalker.Setup;
import io.javisor.emulator.state.Bits;
import io.javisor.emulator.state.CpuFault;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The walker, the TLB and plain accesses against {@link ReferenceWalker}: results, error codes, and what the tables are afterwards. */
class PagingMatrixTest {
    private static final int RAM_SIZE = 0x2_0000;
    private static final long ROOT = 0x1000;

    /** A linear address whose indices differ from level to level. */
    private static final long LINEAR = (3L << 39) | (1L << 30) | (5L << 21) | (7L << 12) | 0x128;

    /** WP, PSE with PGE, SMEP, SMAP and NXE, each on and off. */
    private static final int SETTINGS = 1 << 5;

    private static final int[] LEVEL_SHIFTS_4 = {39, 30, 21, 12};

    @Test
    void eachBitOfEachLevelOfFourLevels() {
        int cases = 0;
        try (Model model = new Model(46, true, true)) {
            // The walk ends at a page of 4 KiB, 2 MiB or 1 GiB.
            for (int last = 1; last < 4; last++) {
                for (int level = 0; level <= last; level++) {
                    for (int bit = 0; bit < 64; bit++) {
                        model.clear();
                        model.tables4(last);
                        model.flip(level, bit);
                        cases += model.allAccesses(Mode.FOUR_LEVEL, LINEAR);
                    }
                }
            }
        }
        assertEquals((2 + 3 + 4) * 64 * SETTINGS * (12 + 8), cases);
    }

    @Test
    void eachBitOfEachLevelOfPae() {
        try (Model model = new Model(36, true, true)) {
            for (int last = 2; last < 4; last++) {
                for (int level = 2; level <= last; level++) {
                    for (int bit = 0; bit < 64; bit++) {
                        model.clear();
                        model.tablesPae(last);
                        model.flip(level, bit);
                        model.allAccesses(Mode.PAE, LINEAR & 0xFFFF_FFFFL);
                    }
                }
            }
        }
    }

    @Test
    void eachBitOfEachLevelOf32Bits() {
        // Without PSE-36 the width of physical addresses does not count.
        eachBitOf32Bits(46, false);
        eachBitOf32Bits(32, true);
        eachBitOf32Bits(36, true);
        eachBitOf32Bits(46, true);
    }

    private static void eachBitOf32Bits(int physicalBits, boolean pse36) {
        try (Model model = new Model(physicalBits, true, pse36)) {
            for (int last = 0; last < 2; last++) {
                for (int level = 0; level <= last; level++) {
                    for (int bit = 0; bit < 32; bit++) {
                        model.clear();
                        model.tables32(last);
                        model.flip(level, bit);
                        model.allAccesses(Mode.LEGACY, LINEAR & 0xFFFF_FFFFL);
                    }
                }
            }
        }
    }

    /** Tables at random, hundreds of accesses each with the TLB left alone: it must not be seen but for its speed. */
    @ParameterizedTest
    @EnumSource(Mode.class)
    void randomTablesAndAccesses(Mode mode) {
        for (int seed = 0; seed < 1000; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            try (Model model = new Model(36 + random.nextInt(17), random.nextBoolean(), random.nextBoolean())) {
                model.randomTables(random, mode);
                model.configure(mode, random.nextInt(SETTINGS));
                for (int i = 0; i < 100; i++) {
                    model.privilege(random.nextBoolean(), random.nextInt(4) == 0);
                    int kind = random.nextInt(3);
                    String what = "seed " + seed + " access " + i;
                    model.access(model.randomLinear(random, mode), kind, () -> what);
                    if (random.nextInt(20) == 0) {
                        model.product.mmu.flush(random.nextBoolean());
                    }
                }
                model.compareMemory("seed " + seed);
            }
        }
    }

    /** The product beside the reference, each with a memory of its own. */
    private static final class Model implements AutoCloseable {
        private final Arena arena = Arena.ofConfined();
        private final MemorySegment shadow = arena.allocate(RAM_SIZE, 4096);
        private final MmuFixture product;
        private final MemorySegment ram;
        private final int physicalBits;
        private final boolean gbPages;
        private final boolean pse36;
        private final long[] entryGpas = new long[4];
        private int entrySize = 8;
        private Setup setup;
        private boolean user;
        private boolean ac;

        Model(int physicalBits, boolean gbPages, boolean pse36) {
            this.physicalBits = physicalBits;
            this.gbPages = gbPages;
            this.pse36 = pse36;
            product = new MmuFixture(RAM_SIZE, physicalBits, gbPages, pse36, WriteWatch.NONE);
            ram = product.memory.regions().getFirst().segment();
            setup = setup(Mode.OFF, 0);
        }

        void clear() {
            // Only the tables: the rest is never written here.
            ram.asSlice(0, 0x8000).fill((byte) 0);
        }

        void tables4(int last) {
            entrySize = 8;
            long table = ROOT;
            for (int level = 0; level <= last; level++) {
                int shift = LEVEL_SHIFTS_4[level];
                entryGpas[level] = table + 8 * (LINEAR >>> shift & 0x1FF);
                long next = level == last ? 0 : table + 0x1000;
                put(entryGpas[level], next | (level == last && last < 3 ? 0x87 : 7));
                table = next;
            }
        }

        void tablesPae(int last) {
            entrySize = 8;
            put(ROOT + 8 * (LINEAR >>> 30 & 3), 0x2001);
            long table = 0x2000;
            for (int level = 2; level <= last; level++) {
                entryGpas[level] = table + 8 * (LINEAR >>> LEVEL_SHIFTS_4[level] & 0x1FF);
                long next = level == last ? 0 : table + 0x1000;
                put(entryGpas[level], next | (level == last && last < 3 ? 0x87 : 7));
                table = next;
            }
        }

        void tables32(int last) {
            entrySize = 4;
            long linear = LINEAR & 0xFFFF_FFFFL;
            entryGpas[0] = ROOT + 4 * (linear >>> 22);
            put(entryGpas[0], last == 0 ? 0x87 : 0x2007);
            entryGpas[1] = 0x2000 + 4 * (linear >>> 12 & 0x3FF);
            put(entryGpas[1], 7);
        }

        void flip(int level, int bit) {
            put(entryGpas[level], get(ram, entryGpas[level], entrySize) ^ (1L << bit));
        }

        int allAccesses(Mode mode, long linear) {
            int cases = 0;
            // All combinations of what is switched on; the tables are as they were before each access.
            MemorySegment.copy(ram, 0, shadow, 0, RAM_SIZE);
            long[] before = new long[4];
            for (int i = 0; i < 4; i++) {
                before[i] = get(ram, entryGpas[i], entrySize);
            }
            for (int switches = 0; switches < SETTINGS; switches++) {
                configure(mode, switches);
                for (int who = 0; who < 4; who++) {
                    for (int kind = 0; kind < 3; kind++) {
                        restore(before);
                        privilege((who & 1) != 0, (who & 2) != 0);
                        access(linear, kind, this::toString);
                        for (long gpa : entryGpas) {
                            assertEquals(get(shadow, gpa, entrySize), get(ram, gpa, entrySize));
                        }
                        cases++;
                    }
                }
            }
            cases += implicitAccesses(mode, linear, before);
            restore(before);
            compareMemory("nothing but the entries was written");
            return cases;
        }

        /** Accesses of the processor itself: supervisor's at every CPL, and AC does not get them past SMAP. */
        private int implicitAccesses(Mode mode, long linear, long[] before) {
            int cases = 0;
            for (int switches = 0; switches < SETTINGS; switches++) {
                configure(mode, switches);
                for (int who = 0; who < 8; who++) {
                    boolean write = (who & 4) != 0;
                    restore(before);
                    privilege((who & 1) != 0, (who & 2) != 0);
                    Result expected = reference(linear, new Access(write, false, false, false));
                    Result seen = new Result(expected.gpa(), 0);
                    try {
                        if (write) {
                            product.linear.checkWrite(linear, 1, true);
                        } else {
                            product.linear.checkRead(linear, 1, true);
                        }
                    } catch (CpuFault fault) {
                        seen = new Result(-1, fault.errorCode());
                    }
                    assertEquals(expected, seen, () -> "implicit, " + this);
                    cases++;
                }
            }
            return cases;
        }

        private void restore(long[] entries) {
            for (int i = 0; i < 4; i++) {
                set(ram, entryGpas[i], entrySize, entries[i]);
                set(shadow, entryGpas[i], entrySize, entries[i]);
            }
            product.mmu.flush(true);
        }

        void configure(Mode mode, int switches) {
            setup = setup(mode, switches);
            long cr4 = (setup.pse() ? Bits.CR4_PSE : 0)
                    | (setup.pge() ? Bits.CR4_PGE : 0)
                    | (setup.smep() ? Bits.CR4_SMEP : 0)
                    | (setup.smap() ? Bits.CR4_SMAP : 0)
                    | (mode == Mode.PAE || mode == Mode.FOUR_LEVEL ? Bits.CR4_PAE : 0);
            product.paging(
                    (mode == Mode.OFF ? 0 : Bits.CR0_PG) | Bits.CR0_PE | (setup.wp() ? Bits.CR0_WP : 0),
                    ROOT,
                    cr4,
                    (setup.nxe() ? Bits.EFER_NXE : 0) | (mode == Mode.FOUR_LEVEL ? Bits.EFER_LMA | Bits.EFER_LME : 0));
        }

        private Setup setup(Mode mode, int switches) {
            return new Setup(
                    mode,
                    ROOT,
                    (switches & 1) != 0,
                    (switches & 2) != 0,
                    (switches & 2) != 0,
                    (switches & 4) != 0,
                    (switches & 8) != 0,
                    (switches & 16) != 0,
                    pse36,
                    gbPages,
                    physicalBits);
        }

        void privilege(boolean newUser, boolean newAc) {
            user = newUser;
            ac = newAc;
            product.privilege(user ? 3 : 0, ac);
        }

        /** Kind 0 reads, 1 writes the value that is there, 2 fetches. */
        void access(long linear, int kind, Supplier<String> what) {
            Access access = new Access(kind == 1, user, kind == 2, ac);
            Result expected = reference(linear, access);
            long[] gpa = {-1};
            Runnable run =
                    switch (kind) {
                        case 0 -> () -> product.linear.read(linear, 1);
                        case 1 -> () -> product.linear.checkWrite(linear, 1, false);
                        default ->
                            () -> {
                                product.linear.fetch(linear);
                                gpa[0] = product.linear.fetchedGpa();
                            };
                    };
            try {
                run.run();
                assertEquals(0, expected.errorCode(), what);
                assertEquals(true, expected.gpa() >= 0, what);
                if (kind == 2) {
                    assertEquals(expected.gpa(), gpa[0], what);
                }
                assertEquals(expected.gpa(), product.mmu.probe(linear), what);
            } catch (CpuFault fault) {
                assertEquals(-1, expected.gpa(), () -> what.get() + " at " + Long.toHexString(linear) + ": " + fault);
                assertEquals(expected.errorCode(), fault.errorCode(), what);
                assertEquals(linear, fault.linear(), what);
            }
        }

        private Result reference(long linear, Access access) {
            return ReferenceWalker.translate(
                    setup,
                    new ReferenceWalker.Memory() {
                        @Override
                        public long load(long gpa, int size) {
                            if (gpa >= MmuFixture.HIGH_GPA && gpa < MmuFixture.HIGH_GPA + 0x10000) {
                                return 0;
                            }
                            return gpa < RAM_SIZE ? get(shadow, gpa, size) : size == 4 ? 0xFFFF_FFFFL : -1L;
                        }

                        @Override
                        public void store(long gpa, int size, long value) {
                            if (gpa < RAM_SIZE) {
                                set(shadow, gpa, size, value);
                            }
                        }
                    },
                    linear,
                    access);
        }

        /** Eight pages of entries that mostly point at each other. */
        void randomTables(SplittableRandom random, Mode mode) {
            entrySize = mode == Mode.LEGACY ? 4 : 8;
            for (long gpa = ROOT; gpa < 0x9000; gpa += entrySize) {
                long entry = (ROOT + 0x1000L * random.nextInt(8)) | 7 | (random.nextInt() & 0xF60);
                if (random.nextInt(12) == 0) {
                    entry ^= 1L << random.nextInt(entrySize * 8);
                }
                if (random.nextInt(12) == 0) {
                    entry |= 0x80;
                }
                if (random.nextInt(20) == 0) {
                    entry ^= 1L << (random.nextBoolean() ? 1 : 2);
                }
                if (mode == Mode.PAE && gpa < ROOT + 32) {
                    entry &= 0xF001L;
                }
                put(gpa, entry);
            }
            MemorySegment.copy(ram, 0, shadow, 0, RAM_SIZE);
        }

        long randomLinear(SplittableRandom random, Mode mode) {
            // Few pages, so that the TLB is hit and its entries collide.
            long page = (long) random.nextInt(3) << 30
                    | (long) random.nextInt(3) << 22
                    | (long) random.nextInt(3) << 21
                    | (long) random.nextInt(3) << 12;
            if (mode == Mode.FOUR_LEVEL) {
                page |= (long) random.nextInt(4) << 39;
                page |= random.nextInt(8) == 0 ? 0xFFFF_8000_0000_0000L : 0;
            }
            return page | random.nextInt(4096);
        }

        void compareMemory(String what) {
            assertEquals(-1, ram.mismatch(shadow), what);
        }

        private void put(long gpa, long value) {
            set(ram, gpa, entrySize, value);
        }

        private static long get(MemorySegment segment, long offset, int size) {
            return size == 4
                    ? Integer.toUnsignedLong(segment.get(ValueLayout.JAVA_INT, offset))
                    : segment.get(ValueLayout.JAVA_LONG, offset);
        }

        private static void set(MemorySegment segment, long offset, int size, long value) {
            if (size == 4) {
                segment.set(ValueLayout.JAVA_INT, offset, (int) value);
            } else {
                segment.set(ValueLayout.JAVA_LONG, offset, value);
            }
        }

        @Override
        public String toString() {
            return setup + (user ? " user" : " supervisor") + (ac ? " AC" : "");
        }

        @Override
        public void close() {
            product.close();
            arena.close();
        }
    }
}
