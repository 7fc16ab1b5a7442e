package io.javisor.machine.matrix;

import io.javisor.core.engine.EngineProvider;
import io.javisor.machine.matrix.GateModel.Source;
import io.javisor.machine.matrix.MatrixCase.Register;
import io.javisor.machine.matrix.MatrixGuest.Mode;
import io.javisor.testkit.junit.MachineTest;
import io.javisor.testkit.junit.NotInEmulatedHost;
import java.util.Locale;
import org.junit.jupiter.api.Timeout;

/** Gates of the IDT: who may use them, and what faults while an event is delivered (SDM vol. 3A §6.11 to §6.15). */
@Timeout(600)
class EventDeliveryTest {
    private static final int TARGET = 0x90;
    private static final int CODE = 0x1A;
    private static final int CONFORMING = 0x1E;
    private static final int DOUBLE_FAULT = 8;
    private static final int PAGE_FAULT = 14;

    @MachineTest
    void gatesForInstructions(EngineProvider engine) throws InterruptedException {
        gatesAndTargets(engine, Mode.PROTECTED, Source.INT_90, Source.BREAKPOINT);
    }

    /** QEMU's error codes do not have EXT. */
    @MachineTest
    @NotInEmulatedHost
    void gatesForExceptions(EngineProvider engine) throws InterruptedException {
        gatesAndTargets(engine, Mode.PROTECTED, Source.UNDEFINED, Source.DIVIDE);
    }

    /** In QEMU error codes have the gate's number times 16. */
    @MachineTest
    @NotInEmulatedHost
    void gatesIn64BitMode(EngineProvider engine) throws InterruptedException {
        gatesAndTargets(engine, Mode.LONG, Source.values());
    }

    private static void gatesAndTargets(EngineProvider engine, Mode mode, Source... sources)
            throws InterruptedException {
        MatrixTable.check(engine, mode, (table, guest) -> {
            for (Source source : sources) {
                for (int cpl = 0; cpl <= 3; cpl += 3) {
                    gates(table, guest, source, cpl);
                    targets(table, guest, source, cpl);
                }
            }
        });
    }

    private static void gates(MatrixTable table, MatrixGuest guest, Source source, int cpl) {
        boolean longMode = guest.mode() == Mode.LONG;
        int flags = codeFlags(longMode);
        for (int type = 0; type < 32; type++) {
            // A task gate leads to a task, another matter.
            if (type == 5 && !longMode) {
                continue;
            }
            for (int dpl = 0; dpl <= 3; dpl += 3) {
                for (int present = 0; present < 2; present++) {
                    add(
                            table,
                            guest,
                            new GateModel(longMode, source, cpl, type, present, dpl, TARGET, CODE, 1, 0, flags));
                }
            }
        }
    }

    private static void targets(MatrixTable table, MatrixGuest guest, Source source, int cpl) {
        boolean longMode = guest.mode() == Mode.LONG;
        int flags = codeFlags(longMode);
        for (int selector : new int[] {0, 3, TARGET, TARGET | 3, 0x180}) {
            int type = selector == 0x180 ? -1 : CODE;
            add(table, guest, new GateModel(longMode, source, cpl, 14, 1, 3, selector, type, 1, 0, flags));
        }
        for (int type : new int[] {0x02, 0x0B, 0x12, 0x18, CODE, CONFORMING}) {
            for (int dpl = 0; dpl < 4; dpl++) {
                // A handler of level 1 or 2 has a stack in the 32-bit harness only.
                if (longMode && dpl == 2) {
                    continue;
                }
                for (int present = 0; present < 2; present++) {
                    add(
                            table,
                            guest,
                            new GateModel(longMode, source, cpl, 14, 1, 3, TARGET, type, present, dpl, flags));
                }
            }
        }
        if (longMode) {
            for (int wrong : new int[] {0, Descriptor.BIG, Descriptor.LONG | Descriptor.BIG}) {
                add(table, guest, new GateModel(true, source, cpl, 14, 1, 3, TARGET, CODE, 1, 0, wrong));
                add(table, guest, new GateModel(true, source, cpl, 14, 1, 3, TARGET, CODE, 0, 0, wrong));
            }
        }
    }

    private static int codeFlags(boolean longMode) {
        return longMode ? Descriptor.LONG : Descriptor.BIG;
    }

    private static void add(MatrixTable table, MatrixGuest guest, GateModel model) {
        String expected = model.outcome();
        long offset = guest.address("landing", expected.startsWith("ok") ? model.level() : 0);
        MatrixCase input = start(guest, model.source(), model.cpl());
        long gate = Descriptor.gate(
                model.selector(), offset, Descriptor.access(model.present(), model.dpl(), model.type()), 0);
        pokeGate(guest, input, model.source().vector, gate);
        if (model.targetType() >= 0) {
            int access = Descriptor.access(model.targetPresent(), model.targetDpl(), model.targetType());
            int flags = Descriptor.GRANULAR | model.targetFlags();
            input.poke(guest.address("gdt") + TARGET, Descriptor.segment(0, 0xF_FFFF, access, flags));
        }
        table.add(model.toString(), input, expected, result -> outcome(result));
    }

    private static String outcome(MatrixResult result) {
        return result.finished() ? "ok " + Integer.toHexString(result.cs()) : result.outcome();
    }

    private static MatrixCase start(MatrixGuest guest, Source source, int cpl) {
        return MatrixCase.at(guest, source.name().toLowerCase(Locale.ROOT), cpl);
    }

    private static void pokeGate(MatrixGuest guest, MatrixCase input, int vector, long gate) {
        int size = guest.mode() == Mode.LONG ? 16 : 8;
        input.poke(guest.address("idt") + (long) vector * size, gate);
        if (size == 16) {
            input.poke(guest.address("idt") + (long) vector * size + 8, 0);
        }
    }

    /** QEMU names the wrong gate in 64-bit mode. */
    @MachineTest
    @NotInEmulatedHost
    void vectorsBeyondTheTable(EngineProvider engine) throws InterruptedException {
        for (Mode mode : Mode.values()) {
            MatrixTable.check(engine, mode, (table, guest) -> {
                for (int cpl = 0; cpl <= 3; cpl += 3) {
                    table.add(
                            mode + " by level " + cpl,
                            MatrixCase.at(guest, "int_f0", cpl),
                            MatrixResult.fault(13, 0xF0 << 3 | 2),
                            MatrixResult::outcome);
                }
            });
        }
    }

    /** The stacks that the TSS names in IA-32e mode. */
    @MachineTest
    void stacksThatWillNotDo(EngineProvider engine) throws InterruptedException {
        MatrixTable.check(engine, Mode.LONG, (table, guest) -> {
            long unmapped = 0x500_0000;
            stack(table, guest, Source.INT_90, unmapped, MatrixResult.fault(PAGE_FAULT, 2) + " 4fffff8");
            stack(table, guest, Source.UNDEFINED, unmapped, MatrixResult.fault(PAGE_FAULT, 2) + " 4fffff8");
            // Table 6-5: a page fault after a contributory exception is delivered as it is.
            stack(table, guest, Source.DIVIDE, unmapped, MatrixResult.fault(PAGE_FAULT, 2) + " 4fffff8");
            MatrixCase input = MatrixCase.at(guest, "read", 3).set(Register.RBX, unmapped + 0x1000);
            pokeGate(guest, input, PAGE_FAULT, gate(guest, 0));
            input.poke(guest.address("tss") + 4, unmapped);
            table.add(
                    "page fault", input, MatrixResult.fault(DOUBLE_FAULT, 0) + " 4fffff8", EventDeliveryTest::withCr2);
        });
    }

    /** QEMU's error code does not have EXT. */
    @MachineTest
    @NotInEmulatedHost
    void stacksThatAreNotCanonical(EngineProvider engine) throws InterruptedException {
        MatrixTable.check(engine, Mode.LONG, (table, guest) -> {
            long wrong = 0x8000_0000_0000_0100L;
            stack(table, guest, Source.INT_90, wrong, MatrixResult.fault(12, 0) + " 0");
            stack(table, guest, Source.UNDEFINED, wrong, MatrixResult.fault(12, 1) + " 0");
            stack(table, guest, Source.DIVIDE, wrong, MatrixResult.fault(DOUBLE_FAULT, 0) + " 0");
        });
    }

    private static long gate(MatrixGuest guest, int ist) {
        return Descriptor.gate(MatrixCase.code(0), guest.address("landing"), Descriptor.access(1, 3, 14), ist);
    }

    private static void stack(MatrixTable table, MatrixGuest guest, Source source, long rsp0, String expected) {
        MatrixCase input = start(guest, source, 3).poke(guest.address("tss") + 4, rsp0);
        pokeGate(guest, input, source.vector, gate(guest, 0));
        table.add(source + " with rsp0 " + Long.toHexString(rsp0), input, expected, EventDeliveryTest::withCr2);
    }

    private static String withCr2(MatrixResult result) {
        return result.outcome() + " " + Long.toHexString(result.cr2());
    }

    /** QEMU's error code does not have EXT. */
    @MachineTest
    @NotInEmulatedHost
    void aHandlerThatIsNotCanonical(EngineProvider engine) throws InterruptedException {
        MatrixTable.check(engine, Mode.LONG, (table, guest) -> {
            for (Source source : new Source[] {Source.INT_90, Source.UNDEFINED}) {
                for (int cpl = 0; cpl <= 3; cpl += 3) {
                    MatrixCase input = start(guest, source, cpl);
                    pokeGate(guest, input, source.vector, gate(guest, 0));
                    input.poke(guest.address("idt") + 16L * source.vector + 8, 0x8000);
                    String expected = MatrixResult.fault(13, source.isSoftware() ? 0 : 1);
                    table.add(source + " by level " + cpl, input, expected, MatrixResult::outcome);
                }
            }
        });
    }
}
