package io.javisor.machine.matrix;

import io.javisor.core.cpu.CpuidEntry;
import io.javisor.core.memory.GpaRange;
import io.javisor.machine.matrix.MatrixCase.Register;
import io.javisor.machine.matrix.PagingModel.Access;
import io.javisor.machine.matrix.PagingModel.Mode;
import io.javisor.machine.matrix.PagingModel.Settings;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Makes cases of accesses by page tables, for what the guest's processor has. */
final class PagingCases {
    /** Memory for pages of 1 GiB, and one beyond 4 GiB. */
    static final GpaRange GIB = new GpaRange(0x4000_0000, 16 << 20);

    static final GpaRange HIGH = new GpaRange(0x1_0040_0000L, 0x1_0000);

    /** Indices that differ from level to level; in 32-bit mode the lower bits of it. */
    static final long LINEAR4 = (3L << 39) | (1L << 30) | (5L << 21) | (7L << 12) | 0x128;

    static final long LINEAR32 = (3L << 22) | (7L << 12) | 0x128;

    static final int NX_BIT = 63;

    /** PWT, PCD, accessed, dirty, and ignored ones, with four levels at least. */
    static final Set<Integer> HARMLESS = Set.of(3, 4, 5, 6, 9, 11, 52, 58);

    // Bits 13 to 21 of the last are 0, so that it may be taken for a page of 4 MiB.
    private static final long POINTERS = 0x2_0000;
    private static final long DIRECTORY = 0x2_1000;
    private static final long TABLE = 0x2_2000;
    private static final long TABLE32 = 0x40_1000;
    private static final long[] FRAMES = {0x3_0000, 0x20_0000, 0x40_0000, 0x4000_0000};

    // INT 0x81, and what tells the frames apart.
    private static final int CONTENT = 0x81CD;
    private static final long WRITTEN = 0x4321;
    private static final int PAGING = 0x8000_0031;

    private final MatrixGuest guest;
    private final Mode mode;
    private final MatrixTable table = new MatrixTable();
    final int physicalBits;
    final boolean pse36;
    final boolean pages1G;
    final boolean hasNx;
    final boolean hasSmep;
    final boolean hasSmap;

    PagingCases(MatrixGuest guest, Mode mode) {
        this.guest = guest;
        this.mode = mode;
        CpuidEntry extended = guest.cpuid(0x8000_0001);
        CpuidEntry features = guest.cpuid(7);
        physicalBits = guest.cpuid(0x8000_0008).eax() & 0xFF;
        pse36 = (guest.cpuid(1).edx() >>> 17 & 1) != 0;
        pages1G = (extended.edx() >>> 26 & 1) != 0;
        hasNx = (extended.edx() >>> 20 & 1) != 0;
        hasSmep = (features.ebx() >>> 7 & 1) != 0;
        hasSmap = (features.ebx() >>> 20 & 1) != 0;
        contents().forEach((address, content) -> {
            if (guest.memory().isRam(address, 8)) {
                guest.memory().putLong(address, content);
            }
        });
    }

    /** Of 8 bytes, with an NX flag. */
    boolean hasWideEntries() {
        return mode != Mode.BITS32;
    }

    MatrixTable table() {
        return table;
    }

    /** Settings by the bits of a number, without what the processor lacks. */
    Settings settings(int bits) {
        return new Settings(
                (bits & 1) != 0,
                (bits & 2) != 0,
                (bits & 4) != 0 && hasNx,
                (bits & 8) != 0 && hasSmep,
                (bits & 16) != 0 && hasSmap,
                (bits & 32) != 0 && hasSmap);
    }

    /** The address that is accessed. */
    long linear() {
        return switch (mode) {
            case LEVEL4 -> LINEAR4;
            case PAE -> LINEAR4 & 0x7FFF_FFFF;
            case BITS32 -> LINEAR32;
        };
    }

    /** Where the entries lie that lead to a page of 2 to the power of {@code shift}, with what they hold if all is allowed. */
    Map<Long, Long> tables(int shift) {
        long linear = linear();
        Map<Long, Long> entries = new LinkedHashMap<>();
        if (mode == Mode.BITS32) {
            long directoryEntry = guest.address("directory") + (linear >>> 22) * 4;
            entries.put(directoryEntry, shift == 22 ? FRAMES[2] | 0x87 : TABLE32 | 7);
            if (shift == 12) {
                entries.put(TABLE32 + (linear >>> 12 & 0x3FF) * 4, FRAMES[0] | 7);
            }
            return entries;
        }
        if (mode == Mode.LEVEL4) {
            entries.put(guest.address("pml4") + (linear >>> 39) * 8, POINTERS | 7);
            entries.put(POINTERS + (linear >>> 30 & 0x1FF) * 8, shift == 30 ? FRAMES[3] | 0x87 : DIRECTORY | 7);
        }
        if (shift < 30) {
            entries.put(DIRECTORY + (linear >>> 21 & 0x1FF) * 8, shift == 21 ? FRAMES[1] | 0x87 : TABLE | 7);
        }
        if (shift == 12) {
            entries.put(TABLE + (linear >>> 12 & 0x1FF) * 8, FRAMES[0] | 7);
        }
        return entries;
    }

    /** Bits of an entry to try: flags, ignored ones, and addresses' that are reserved. */
    List<Integer> bits(boolean large) {
        List<Integer> bits = new ArrayList<>(List.of(0, 1, 2, 3, 4, 5, 6, 7, 9, 11));
        if (mode == Mode.BITS32) {
            // As an address, bit 13 is bit 32.
            bits.addAll(large && pse36 ? List.of(8, 13, 21) : List.of(8));
            return bits;
        }
        if (large) {
            bits.addAll(List.of(8, 13, 20));
        }
        if (physicalBits < 52) {
            bits.addAll(List.of(physicalBits, 51));
        }
        bits.addAll(List.of(52, 58, 62, NX_BIT));
        return bits;
    }

    /** All accesses by both levels with tables that hold these entries. */
    void allAccesses(String name, Map<Long, Long> entries, Settings settings) {
        for (Access access : Access.values()) {
            for (int cpl = 0; cpl <= 3; cpl += 3) {
                add(name, entries, settings, access, cpl);
            }
        }
    }

    private void add(String name, Map<Long, Long> entries, Settings settings, Access access, int cpl) {
        Map<Long, Long> memory = contents();
        memory.putAll(entries);
        PagingModel model = new PagingModel(mode, physicalBits, pages1G, settings);
        PagingModel.Result wanted =
                model.access(address -> memory.getOrDefault(address, 0L), root(), linear(), access, cpl == 3);
        String stub = access.name().toLowerCase(Locale.ROOT);
        MatrixCase input = controls(MatrixCase.at(guest, stub, cpl), settings)
                .set(Register.RIP, guest.address(stub) + alias(cpl))
                .set(Register.RBX, linear());
        entries.forEach(input::poke);
        boolean written = access == Access.WRITE && wanted.error() < 0 && wanted.physical() < MatrixGuest.RAM_SIZE;
        input.set(Register.RAX, written ? WRITTEN : CONTENT);
        if (written) {
            input.poke(wanted.physical(), memory.getOrDefault(wanted.physical(), 0L));
        }
        String expected = wanted.error() >= 0
                ? MatrixResult.fault(14, wanted.error()) + " at " + Long.toHexString(linear())
                : "ok" + content(access, memory.getOrDefault(wanted.physical(), 0L), written);
        table.add(
                name + " " + settings + " " + access + " by level " + cpl,
                input,
                expected + state(entries, wanted),
                result -> observed(result, access, written, List.copyOf(entries.keySet())));
    }

    private static String content(Access access, long value, boolean written) {
        return switch (access) {
            case READ -> " " + Long.toHexString(value);
            case WRITE -> written ? " " + Long.toHexString((value & ~0xFFFFL) | WRITTEN) : "";
            case FETCH -> "";
        };
    }

    private String state(Map<Long, Long> entries, PagingModel.Result wanted) {
        Map<Long, Long> after = new LinkedHashMap<>(entries);
        wanted.used().forEach(entry -> after.put(entry.address(), entry.value()));
        StringBuilder text = new StringBuilder();
        entries.keySet()
                .forEach(
                        address -> text.append(entry(Objects.requireNonNull(after.get(address)), wanted.error() >= 0)));
        return text.toString();
    }

    // A walk that ends in a fault may have set accessed flags, or not (SDM vol. 3A §4.8).
    private String entry(long value, boolean faulted) {
        long visible = mode == Mode.BITS32 ? value & 0xFFFF_FFFFL : value;
        return " " + Long.toHexString(faulted ? visible & ~0x20L : visible);
    }

    private String observed(MatrixResult result, Access access, boolean written, List<Long> addresses) {
        StringBuilder text = new StringBuilder(result.outcome());
        if (!result.finished()) {
            text.append(" at ").append(Long.toHexString(result.cr2()));
        } else if (access == Access.READ) {
            text.append(' ').append(Long.toHexString(result.rax()));
        } else if (access == Access.FETCH && result.rip() != linear() + 2) {
            text.append(" fetched elsewhere");
        } else if (written) {
            text.append(' ').append(Long.toHexString(result.peeks().get(addresses.size())));
        }
        for (int i = 0; i < addresses.size(); i++) {
            text.append(entry(result.peeks().get(i), !result.finished()));
        }
        return text.toString();
    }

    /** Has a case run by the tables, and with these settings. */
    MatrixCase controls(MatrixCase input, Settings settings) {
        long efer = (mode == Mode.LEVEL4 ? 0x500 : 0) | (settings.nxe() ? 0x800 : 0);
        long cr4 = (mode == Mode.BITS32 ? 0 : 0x20)
                | (settings.pse() ? 0x10 : 0)
                | (settings.smep() ? 1 << 20 : 0)
                | (settings.smap() ? 1 << 21 : 0);
        return input.set(Register.CR0, Integer.toUnsignedLong(PAGING) | (settings.wp() ? 0x1_0000 : 0))
                .set(Register.CR3, mode == Mode.PAE ? guest.address("pointers") : root())
                .set(Register.CR4, cr4)
                .set(Register.EFER, efer)
                .set(Register.RFLAGS, settings.ac() ? 0x4_0002 : 2);
    }

    // Of PAE, the directory of the second GiB.
    private long root() {
        return switch (mode) {
            case LEVEL4 -> guest.address("pml4");
            case PAE -> DIRECTORY;
            case BITS32 -> guest.address("directory");
        };
    }

    private long alias(int cpl) {
        return cpl == 0 ? 0 : mode == Mode.LEVEL4 ? MatrixGuest.USER_LONG : MatrixGuest.USER_PAGED;
    }

    private Map<Long, Long> contents() {
        Map<Long, Long> contents = new LinkedHashMap<>();
        for (int i = 0; i < FRAMES.length; i++) {
            long mask = i == 0 ? 0xFFF : i == 1 ? 0x1F_FFFF : i == 2 ? 0x3F_FFFF : 0x3FFF_FFFF;
            contents.put(FRAMES[i] | (linear() & mask), CONTENT | 0x1111_0000L * (i + 1));
        }
        contents.put(HIGH.startGpa() | (linear() & 0x3F_FFFF), CONTENT | 0x5555_0000L);
        return contents;
    }
}
