package io.javisor.machine.matrix;

import io.javisor.core.engine.EngineProvider;
import io.javisor.machine.matrix.PagingModel.Mode;
import io.javisor.testkit.junit.MachineTest;
import io.javisor.testkit.junit.NotInEmulatedHost;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Timeout;

/** Page faults, permissions, accessed and dirty flags as the processor's own walks make them. */
@Timeout(600)
// Not in the emulated host: QEMU's processor leaves P out of the error code of a reserved bit, and more.
class PagingMatrixTest {
    // Of PagingCases.settings.
    private static final int PSE = 2;
    private static final int NXE = 4;
    private static final List<Integer> SOME_SETTINGS = List.of(0, 8, 1 + NXE, 1 + NXE + 8 + 16 + 32);

    @MachineTest
    @NotInEmulatedHost
    void eachBitOfEachLevelOfFourLevels(EngineProvider engine) throws InterruptedException {
        try (MatrixGuest guest = MatrixGuest.of(engine, MatrixGuest.Mode.LONG, PagingCases.GIB)) {
            PagingCases cases = new PagingCases(guest, Mode.LEVEL4);
            for (int shift : cases.pages1G ? new int[] {12, 21, 30} : new int[] {12, 21}) {
                eachBit(cases, shift, 0);
            }
            cases.table().check(guest);
        }
    }

    @MachineTest
    @NotInEmulatedHost
    void permissionsOfFourLevels(EngineProvider engine) throws InterruptedException {
        try (MatrixGuest guest = MatrixGuest.of(engine, MatrixGuest.Mode.LONG, PagingCases.GIB)) {
            PagingCases cases = new PagingCases(guest, Mode.LEVEL4);
            permissions(cases, 12, 0, 0, 1, 8, 16, 48, 25, 57);
            cases.table().check(guest);
        }
    }

    @MachineTest
    @NotInEmulatedHost
    void eachBitOfEachLevelOfPae(EngineProvider engine) throws InterruptedException {
        try (MatrixGuest guest = MatrixGuest.of(engine, MatrixGuest.Mode.PROTECTED)) {
            PagingCases cases = new PagingCases(guest, Mode.PAE);
            eachBit(cases, 12, 0);
            eachBit(cases, 21, 0);
            permissions(cases, 12, 0, 0, 25, 57);
            cases.table().check(guest);
        }
    }

    @MachineTest
    @NotInEmulatedHost
    void eachBitOfEachLevelOf32Bits(EngineProvider engine) throws InterruptedException {
        try (MatrixGuest guest = MatrixGuest.of(engine, MatrixGuest.Mode.PROTECTED, PagingCases.HIGH)) {
            PagingCases cases = new PagingCases(guest, Mode.BITS32);
            eachBit(cases, 12, 0);
            eachBit(cases, 12, PSE);
            eachBit(cases, 22, PSE);
            permissions(cases, 12, PSE, 0, 1, 25, 57);
            cases.table().check(guest);
        }
    }

    private static void eachBit(PagingCases cases, int shift, int more) {
        Map<Long, Long> entries = cases.tables(shift);
        long last = List.copyOf(entries.keySet()).getLast();
        int level = 0;
        for (Map.Entry<Long, Long> each : entries.entrySet()) {
            long address = each.getKey();
            for (int bit : cases.bits(address == last && shift > 12)) {
                Map<Long, Long> changed = new LinkedHashMap<>(entries);
                changed.put(address, each.getValue() ^ (1L << bit));
                String name = "page of 2^" + shift + ", level " + level + ", bit " + bit;
                for (int i = 0; i < SOME_SETTINGS.size(); i++) {
                    // Flags that no rule asks for are tried with one of them.
                    if (!PagingCases.HARMLESS.contains(bit) || i == bit % SOME_SETTINGS.size()) {
                        cases.allAccesses(name, changed, cases.settings(SOME_SETTINGS.get(i) | more));
                    }
                }
            }
            level++;
        }
    }

    /** Who may what is the sum of all levels: of the first and the last here. */
    private static void permissions(PagingCases cases, int shift, int more, int... settings) {
        Map<Long, Long> entries = cases.tables(shift);
        List<Long> addresses = List.copyOf(entries.keySet());
        for (int taken = 0; taken < 64; taken++) {
            if (!cases.hasWideEntries() && (taken & 0x24) != 0) {
                continue;
            }
            Map<Long, Long> changed = new LinkedHashMap<>(entries);
            take(changed, addresses.getFirst(), taken & 7);
            take(changed, addresses.getLast(), taken >> 3);
            for (int bits : settings) {
                String name = "page of 2^" + shift + ", rights taken " + taken;
                cases.allAccesses(name, changed, cases.settings(bits | NXE | more));
            }
        }
    }

    private static void take(Map<Long, Long> entries, long address, int rights) {
        entries.compute(address, (_, entry) -> without(Objects.requireNonNull(entry), rights));
    }

    private static long without(long entry, int rights) {
        long kept = entry & ~((rights & 3L) << 1);
        return (rights & 4) == 0 ? kept : kept | 1L << PagingCases.NX_BIT;
    }
}
