package io.javisor.machine.matrix;

import io.javisor.core.engine.EngineProvider;
import io.javisor.machine.matrix.MatrixCase.Register;
import io.javisor.machine.matrix.MatrixGuest.Mode;
import io.javisor.testkit.junit.MachineTest;
import io.javisor.testkit.junit.NotInEmulatedHost;
import org.junit.jupiter.api.Timeout;

/** LLDT, LTR, LGDT and LIDT (SDM vol. 2A). */
@Timeout(600)
class TableRegisterTest {
    private static final int SLOT = 0x80;
    private static final int LAST_SLOT = 0x178;
    private static final String GP0 = MatrixResult.fault(13, 0);
    private static final long OPERAND = 0x3_8000;

    /** QEMU's processor takes a null selector for LTR, so not in the emulated host. */
    @MachineTest
    @NotInEmulatedHost
    void descriptorsOfLdtAndTss(EngineProvider engine) throws InterruptedException {
        for (Mode mode : Mode.values()) {
            MatrixTable.check(engine, mode, (table, guest) -> {
                for (boolean task : new boolean[] {false, true}) {
                    for (int type = 0; type < 32; type++) {
                        for (int present = 0; present < 2; present++) {
                            add(table, guest, task, 0, SLOT | (type & 3), type, present, 0);
                        }
                        add(table, guest, task, 3, SLOT | 3, type, 1, 0);
                    }
                    for (int rpl = 0; rpl < 4; rpl++) {
                        if (!task) {
                            add(table, guest, false, 0, rpl, -1, 1, 0);
                        }
                        add(table, guest, task, 0, 0x180 | rpl, -1, 1, 0);
                        add(table, guest, task, 0, 0x0C | rpl, task ? 9 : 2, 1, 0);
                    }
                    if (mode == Mode.LONG) {
                        // 16 bytes, of which the second half is the base's.
                        add(table, guest, task, 0, LAST_SLOT, task ? 9 : 2, 1, 0);
                        add(table, guest, task, 0, SLOT, task ? 9 : 2, 1, 0x8000);
                        if (!task) { // a TSS that is not mapped is of no use to the harness
                            add(table, guest, false, 0, SLOT, 2, 1, 0xFFFF_8000L);
                        }
                    }
                }
            });
        }
    }

    /** QEMU takes it. */
    @MachineTest
    @NotInEmulatedHost
    void aNullTask(EngineProvider engine) throws InterruptedException {
        for (Mode mode : Mode.values()) {
            MatrixTable.check(engine, mode, (table, guest) -> {
                for (int rpl = 0; rpl < 4; rpl++) {
                    add(table, guest, true, 0, rpl, -1, 1, 0);
                }
            });
        }
    }

    private static String outcome(
            boolean longMode, boolean task, int cpl, int selector, int type, int present, long upper) {
        if (cpl != 0) {
            return GP0;
        }
        if (SegmentModel.isNull(selector)) {
            return task ? GP0 : "ok";
        }
        boolean fits = task ? type == 9 || (type == 1 && !longMode) : type == 2;
        // The base's upper half, of which bits 15 to 31 are alike in a canonical one.
        boolean canonical = upper >>> 15 == 0 || upper >>> 15 == 0x1_FFFF;
        if ((selector & 4) != 0 || !fits || !canonical || (longMode && (selector & ~7) == LAST_SLOT)) {
            return SegmentModel.gp(selector);
        }
        return present == 0 ? SegmentModel.np(selector) : "ok";
    }

    private static void add(
            MatrixTable table,
            MatrixGuest guest,
            boolean task,
            int cpl,
            int selector,
            int type,
            int present,
            long upper) {
        boolean longMode = guest.mode() == Mode.LONG;
        String outcome = outcome(longMode, task, cpl, selector, type, present, upper);
        MatrixCase input = MatrixCase.at(guest, task ? "ltr_" : "lldt_", cpl).set(Register.RAX, selector);
        long raw = 0;
        boolean poked = type >= 0;
        if (poked) {
            raw = Descriptor.segment(guest.address("tss"), 0x67, Descriptor.access(present, 0, type), 0);
            boolean local = (selector & 4) != 0;
            long at = guest.address(local ? "ldt" : "gdt") + (selector & ~7);
            input.poke(at, raw);
            if (longMode && (selector & ~7) != LAST_SLOT) {
                input.poke(at + 8, upper);
            }
        }
        // LTR sets the busy flag.
        long after = task && outcome.equals("ok") ? raw | 2L << 40 : raw;
        String expected = outcome + (poked ? " " + Long.toHexString(after) : "");
        table.add(
                (task ? "LTR " : "LLDT ") + Integer.toHexString(selector) + " type " + type + " present " + present
                        + " upper " + Long.toHexString(upper) + " by level " + cpl,
                input,
                expected,
                result -> result.outcome()
                        + (poked ? " " + Long.toHexString(result.peeks().get(0)) : ""));
    }

    @MachineTest
    void basesAndLimits(EngineProvider engine) throws InterruptedException {
        MatrixTable.check(engine, Mode.PROTECTED, (table, guest) -> {
            table(table, guest, "lgdt_", 0, 0x8765_4321L, "1234 87654321");
            // With operands of 16 bits the base has 24.
            table(table, guest, "lgdt16_", 0, 0x8765_4321L, "1234 654321");
            table(table, guest, "lgdt_", 3, 0x8765_4321L, GP0);
        });
        MatrixTable.check(engine, Mode.LONG, (table, guest) -> {
            for (String stub : new String[] {"lgdt_", "lidt_"}) {
                table(table, guest, stub, 0, 0x1234_8765_4321L, "1234 123487654321");
                table(table, guest, stub, 0, 0xFFFF_8000_0000_0000L, "1234 ffff800000000000");
                table(table, guest, stub, 3, 0x1000, GP0);
            }
        });
    }

    /** QEMU takes it. */
    @MachineTest
    @NotInEmulatedHost
    void aBaseThatIsNotCanonical(EngineProvider engine) throws InterruptedException {
        MatrixTable.check(engine, Mode.LONG, (table, guest) -> {
            table(table, guest, "lgdt_", 0, 0x8000_0000_0000L, GP0);
            table(table, guest, "lidt_", 0, 0xFFFF_7FFF_FFFF_FFFFL, GP0);
        });
    }

    private static void table(MatrixTable table, MatrixGuest guest, String stub, int cpl, long base, String expected) {
        // At level 3 it is refused whatever it names; the operand is where the level may read, as others fault by
        // paging.
        long operand = cpl == 0 ? OPERAND : guest.stackTop(3) - 0x800;
        MatrixCase input = MatrixCase.at(guest, stub, cpl)
                .set(Register.RBX, operand)
                .poke(OPERAND, 0x1234 | base << 16)
                .poke(OPERAND + 8, base >>> 48)
                .poke(OPERAND + 32, 0)
                .poke(OPERAND + 40, 0);
        table.add(stub + " by level " + cpl + " " + Long.toHexString(base), input, expected, result -> {
            if (!result.finished()) {
                return result.outcome();
            }
            long low = result.peeks().get(2);
            long stored = low >>> 16 | result.peeks().get(3) << 48;
            return Long.toHexString(low & 0xFFFF) + " " + Long.toHexString(stored);
        });
    }
}
