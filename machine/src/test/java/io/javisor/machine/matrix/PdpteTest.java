package io.javisor.machine.matrix;

import io.javisor.core.engine.EngineProvider;
import io.javisor.machine.matrix.MatrixCase.Register;
import io.javisor.machine.matrix.MatrixGuest.Mode;
import io.javisor.testkit.junit.MachineTest;
import io.javisor.testkit.junit.NotInEmulatedHost;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Timeout;

/**
 * The four PDPTEs of PAE paging: which bits are reserved, when they are loaded, and that they are not read again (SDM vol. 3A §4.4.1). Not in the
 * emulated host: QEMU's processor reads them at each walk, as AMD's may, and checks no bit when CR3 is loaded.
 */
@Timeout(600)
class PdpteTest {
    private static final int PAGING = 0x8000_0031;
    private static final int CACHE_DISABLE = 1 << 30;
    private static final int WRITE_PROTECT = 1 << 16;
    private static final int TSD = 1 << 2;
    private static final int PSE = 1 << 4;
    private static final int PAE = 1 << 5;
    private static final int PGE = 1 << 7;
    private static final int SMEP = 1 << 20;
    private static final String GP0 = MatrixResult.fault(13, 0);

    // Not at a multiple of a page: of 32 bytes.
    private static final int POINTERS = 0x3_8020;
    private static final int DIRECTORY = 0x3_A000;
    private static final int OTHER_DIRECTORY = 0x3_B000;
    private static final int FRAME = 0x20_0128;
    private static final int OTHER_FRAME = 0x40_0128;
    private static final int LINEAR = 0x4000_0128;
    private static final int CONTENT = 0x1111_2222;
    private static final int OTHER_CONTENT = 0x3333_4444;

    private static List<Integer> bits(MatrixGuest guest) {
        List<Integer> bits = new ArrayList<>(List.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 62, 63));
        int physicalBits = guest.cpuid(0x8000_0008).eax() & 0xFF;
        if (physicalBits < 52) {
            bits.add(physicalBits);
            bits.add(51);
        }
        bits.add(52);
        return bits;
    }

    private static boolean isReserved(int bit) {
        return bit >= 12 || bit == 1 || bit == 2 || (bit >= 5 && bit <= 8);
    }

    private static MatrixCase withPointers(MatrixGuest guest, String stub, int changed, long entry) {
        MatrixCase input = MatrixCase.at(guest, stub, 0);
        for (int i = 0; i < 4; i++) {
            long usual = (i == 0 ? guest.address("pae_directory") : DIRECTORY) | 1;
            input.poke(POINTERS + 8L * i, i == changed ? entry : usual);
        }
        return input;
    }

    private static MatrixCase paged(MatrixCase input, int cr3, int cr4) {
        return input.set(Register.CR0, PAGING).set(Register.CR3, cr3).set(Register.CR4, cr4);
    }

    @MachineTest
    @NotInEmulatedHost
    void reservedBits(EngineProvider engine) throws InterruptedException {
        MatrixTable.check(engine, Mode.PROTECTED, (table, guest) -> {
            int good = (int) guest.address("pointers");
            for (int i = 0; i < 4; i++) {
                for (int bit : bits(guest)) {
                    long directory = i == 0 ? guest.address("pae_directory") : DIRECTORY;
                    long entry = directory | 1 | 1L << bit;
                    String name = "PDPTE " + i + ", bit " + bit;
                    boolean reserved = isReserved(bit);
                    // Paging begins.
                    add(
                            table,
                            name + ", CR0",
                            withPointers(guest, "set_paging", i, entry)
                                    .set(Register.RAX, PAGING)
                                    .set(Register.RBX, POINTERS)
                                    .set(Register.RCX, PAE),
                            reserved,
                            guest.address("set_cr0"),
                            POINTERS);
                    // Another table.
                    add(
                            table,
                            name + ", CR3",
                            paged(withPointers(guest, "set_cr3", i, entry), good, PAE)
                                    .set(Register.RAX, POINTERS | 0x1F),
                            reserved,
                            guest.address("set_cr3"),
                            reserved ? good : POINTERS | 0x1F);
                    meanwhile(table, guest, i, entry, name, reserved);
                }
            }
        });
    }

    /** What the processor may do while it uses the PDPTEs: an instruction with its operand, and whether it loads them. */
    private record Meanwhile(String instruction, int operand, boolean loads) {}

    private static List<Meanwhile> all(MatrixGuest guest) {
        List<Meanwhile> all = new ArrayList<>(List.of(
                new Meanwhile("nothing", 0, false),
                new Meanwhile("invlpg", 0, false),
                new Meanwhile("cr0", PAGING, false),
                new Meanwhile("cr0", PAGING | WRITE_PROTECT, false),
                new Meanwhile("cr0", PAGING | CACHE_DISABLE, true),
                new Meanwhile("cr3", POINTERS, true),
                new Meanwhile("cr4", PAE, false),
                new Meanwhile("cr4", PAE | TSD, false),
                new Meanwhile("cr4", PAE | PSE, true),
                new Meanwhile("cr4", PAE | PGE, true)));
        if ((guest.cpuid(7).ebx() & 1 << 7) != 0) {
            all.add(new Meanwhile("cr4", PAE | SMEP, true));
        }
        return all;
    }

    private static MatrixCase written(MatrixGuest guest, Meanwhile what, int index, long entry, boolean upperHalf) {
        return paged(withPointers(guest, "meanwhile_" + what.instruction, -1, 0), POINTERS, PAE)
                .set(Register.RAX, upperHalf ? entry >>> 32 : entry & 0xFFFF_FFFFL)
                .set(Register.RBX, LINEAR)
                .set(Register.RCX, POINTERS + 8L * index + (upperHalf ? 4 : 0))
                .set(Register.RDX, what.operand)
                .poke(DIRECTORY, 0x20_0083)
                .poke(OTHER_DIRECTORY, 0x40_0083)
                .poke(FRAME, CONTENT)
                .poke(OTHER_FRAME, OTHER_CONTENT);
    }

    // A reserved bit that is set while the PDPTEs are in use.
    private static void meanwhile(
            MatrixTable table, MatrixGuest guest, int index, long entry, String name, boolean reserved) {
        for (Meanwhile what : all(guest)) {
            boolean faults = reserved && what.loads;
            add(
                    table,
                    name + ", meanwhile " + what,
                    written(guest, what, index, entry, entry >>> 32 != 0),
                    faults,
                    guest.address("meanwhile_" + what.instruction) + 2,
                    POINTERS);
        }
    }

    /** A PDPTE that is changed counts when the processor loads it, and not before. */
    @MachineTest
    @NotInEmulatedHost
    void whenTheyAreLoaded(EngineProvider engine) throws InterruptedException {
        MatrixTable.check(engine, Mode.PROTECTED, (table, guest) -> {
            for (Meanwhile what : all(guest)) {
                for (long entry : new long[] {OTHER_DIRECTORY | 1, OTHER_DIRECTORY | 0x18, 0}) {
                    boolean present = (entry & 1) != 0;
                    String expected = !what.loads
                            ? "ok " + Integer.toHexString(CONTENT)
                            : present
                                    ? "ok " + Integer.toHexString(OTHER_CONTENT)
                                    : "#PF(0) at " + Integer.toHexString(LINEAR);
                    table.add(
                            what + ", " + Long.toHexString(entry),
                            written(guest, what, 1, entry, false),
                            expected,
                            result -> result.outcome()
                                    + (result.finished()
                                            ? " " + Long.toHexString(result.rax())
                                            : " at " + Long.toHexString(result.cr2())));
                }
            }
        });
    }

    private static void add(
            MatrixTable table, String name, MatrixCase input, boolean faults, long instruction, int cr3) {
        table.add(
                name,
                input,
                (faults ? GP0 + " at " + Long.toHexString(instruction) : "ok") + " cr3 " + Integer.toHexString(cr3),
                result -> result.outcome() + (result.finished() ? "" : " at " + Long.toHexString(result.rip()))
                        + " cr3 " + Integer.toHexString(result.cr3()));
    }
}
