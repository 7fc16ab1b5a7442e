package io.javisor.machine.matrix;

import io.javisor.core.engine.EngineProvider;
import io.javisor.machine.matrix.MatrixCase.Register;
import io.javisor.machine.matrix.MatrixGuest.Mode;
import io.javisor.testkit.junit.MachineTest;
import io.javisor.testkit.junit.NotInEmulatedHost;
import java.util.List;
import org.junit.jupiter.api.Timeout;

/** Call gates: who may use them, whose stack is next, what is on it (SDM vol. 3A §5.8.2 to §5.8.6). */
@Timeout(600)
class CallGateTest {
    private static final int GATE = 0x80;
    private static final int TARGET = 0x90;
    private static final int STACK = 0xA0;
    private static final int CALL_GATE16 = 4;
    private static final int CALL_GATE32 = 12;
    private static final int CODE = 0x1A;
    private static final int CONFORMING = 0x1E;
    private static final int[] PARAMETERS = {0x1111_1111, 0x2222_2222, 0x3333_3333, 0x4444_4444};

    private record Gate(int type, int present, int dpl, int selector, int count) {
        Gate(int type, int present, int dpl) {
            this(type, present, dpl, TARGET, 0);
        }
    }

    /** The model: what SDM vol. 2A, CALL and JMP, ask for, in their order. */
    private static String outcome(
            boolean call, int cpl, int rpl, Gate gate, int targetType, int targetDpl, int present) {
        int used = GATE | rpl;
        if (gate.dpl < Math.max(cpl, rpl)) {
            return SegmentModel.gp(used);
        }
        if (gate.present == 0) {
            return SegmentModel.np(used);
        }
        if (SegmentModel.isNull(gate.selector)) {
            return SegmentModel.gp(0);
        }
        boolean conforming = (targetType & 0x1C) == 0x1C;
        if ((targetType & 0x18) != 0x18 || targetDpl > cpl || (!call && !conforming && targetDpl != cpl)) {
            return SegmentModel.gp(gate.selector);
        }
        if (present == 0) {
            return SegmentModel.np(gate.selector);
        }
        int level = conforming ? cpl : targetDpl;
        return "ok " + Integer.toHexString(TARGET | level);
    }

    @MachineTest
    void whoMayUseThem(EngineProvider engine) throws InterruptedException {
        gates(engine, false);
    }

    /** In QEMU a jump to absent code is #GP, and a call of conforming code leaves CS with another RPL than the level. */
    @MachineTest
    @NotInEmulatedHost
    void whereTheyLead(EngineProvider engine) throws InterruptedException {
        gates(engine, true);
    }

    private static void gates(EngineProvider engine, boolean targets) throws InterruptedException {
        for (Mode mode : Mode.values()) {
            MatrixTable.check(engine, mode, (table, guest) -> {
                for (int type : mode == Mode.LONG ? new int[] {CALL_GATE32} : new int[] {CALL_GATE16, CALL_GATE32}) {
                    for (int cpl = 0; cpl <= 3; cpl += 3) {
                        for (boolean call : new boolean[] {false, true}) {
                            if (targets) {
                                targets(table, guest, call, type, cpl);
                            } else {
                                gates(table, guest, call, type, cpl);
                            }
                        }
                    }
                }
            });
        }
    }

    private static void gates(MatrixTable table, MatrixGuest guest, boolean call, int type, int cpl) {
        for (int dpl = 0; dpl < 4; dpl++) {
            for (int rpl : new int[] {0, 2, 3}) {
                use(table, guest, call, cpl, rpl, new Gate(type, 1, dpl), CODE, cpl, 1);
            }
        }
        use(table, guest, call, cpl, 0, new Gate(type, 0, 3), CODE, cpl, 1);
        use(table, guest, call, cpl, 0, new Gate(type, 0, 0), CODE, cpl, 1);
        use(table, guest, call, cpl, 0, new Gate(type, 1, 3, 3, 0), CODE, cpl, 1);
    }

    private static void targets(MatrixTable table, MatrixGuest guest, boolean call, int type, int cpl) {
        // A handler of level 2 has a stack in the 32-bit harness only.
        for (int targetDpl : guest.mode() == Mode.LONG ? new int[] {0, 1, 3} : new int[] {0, 1, 2, 3}) {
            for (int targetType : new int[] {CODE, CONFORMING, 0x18, 0x12, 0x02}) {
                use(table, guest, call, cpl, 0, new Gate(type, 1, 3), targetType, targetDpl, 1);
                use(table, guest, call, cpl, 0, new Gate(type, 1, 3, TARGET | 3, 0), targetType, targetDpl, 0);
            }
        }
    }

    private static void use(
            MatrixTable table,
            MatrixGuest guest,
            boolean call,
            int cpl,
            int rpl,
            Gate gate,
            int targetType,
            int targetDpl,
            int present) {
        String expected = outcome(call, cpl, rpl, gate, targetType, targetDpl, present);
        // Level 3 sees the target at another address.
        int level = expected.startsWith("ok") ? expected.charAt(expected.length() - 1) & 3 : 0;
        int access = Descriptor.access(present, targetDpl, targetType);
        MatrixCase input = through(guest, call, cpl, GATE | rpl, gate, guest.address("landing", level), access);
        String name = (call ? "call" : "jump") + " by level " + cpl + ", RPL " + rpl + ", " + gate + " to type "
                + Integer.toHexString(targetType) + " of level " + targetDpl + ", present " + present;
        table.add(
                name,
                input,
                expected,
                result -> result.finished() ? "ok " + Integer.toHexString(result.cs()) : result.outcome());
    }

    private static MatrixCase through(
            MatrixGuest guest, boolean call, int cpl, int selector, Gate gate, long offset, int targetAccess) {
        boolean longMode = guest.mode() == Mode.LONG;
        long gdt = guest.address("gdt");
        long pointer = 0x800;
        int flags = Descriptor.GRANULAR | (longMode ? Descriptor.LONG : Descriptor.BIG);
        return MatrixCase.at(guest, call ? "call_far" : "jmp_far", cpl)
                .set(Register.RBX, guest.stackTop(cpl) - pointer)
                .poke(guest.stackTop(0) - pointer, (long) selector << 32)
                .poke(
                        gdt + GATE,
                        Descriptor.gate(
                                gate.selector,
                                offset,
                                Descriptor.access(gate.present, gate.dpl, gate.type),
                                gate.count))
                .poke(gdt + GATE + 8, offset >>> 32)
                .poke(gdt + TARGET, Descriptor.segment(0, 0xF_FFFF, targetAccess, flags));
    }

    /** From level 3 to each level within: the words on the new stack, from its top down. */
    @MachineTest
    void parametersAreCopied(EngineProvider engine) throws InterruptedException {
        MatrixTable.check(engine, Mode.PROTECTED, (table, guest) -> {
            for (int count = 0; count <= 4; count++) {
                for (int level = 0; level < 3; level++) {
                    frame32(table, guest, level, count);
                    frame16(table, guest, level, count);
                }
            }
        });
    }

    private static MatrixCase withParameters(MatrixGuest guest, int type, int level, int count) {
        int access = Descriptor.access(1, level, CODE);
        long top = guest.stackTop(3) - 0x40;
        return through(guest, true, 3, GATE | 3, new Gate(type, 1, 3, TARGET, count), guest.address("landing"), access)
                .set(Register.RSP, top)
                .poke(top, PARAMETERS[0] | (long) PARAMETERS[1] << 32)
                .poke(top + 8, PARAMETERS[2] | (long) PARAMETERS[3] << 32);
    }

    private static long stackTop(MatrixGuest guest, int level) {
        return guest.address(level == 0 ? "stack_top" : "stack" + level + "_top");
    }

    private static void frame32(MatrixTable table, MatrixGuest guest, int level, int count) {
        long caller = guest.stackTop(3) - 0x40;
        long returnTo = guest.address("call_far") + 2;
        int[] frame = new int[4 + count];
        frame[0] = (int) returnTo;
        frame[1] = MatrixCase.code(3);
        System.arraycopy(PARAMETERS, 0, frame, 2, count);
        frame[2 + count] = (int) caller;
        frame[3 + count] = MatrixCase.data(3);
        long top = stackTop(guest, level);
        MatrixCase input = withParameters(guest, CALL_GATE32, level, count);
        int first = input.pokes().size();
        for (int i = 1; i <= 4; i++) {
            input.poke(top - 8L * i, 0);
        }
        StringBuilder expected = new StringBuilder();
        for (int i = 1; i <= frame.length; i++) {
            expected.append(Integer.toHexString(frame[frame.length - i])).append(' ');
        }
        expected.append("at ").append(Long.toHexString(top - 4L * frame.length)).append(" ss ");
        expected.append(Integer.toHexString(MatrixCase.data(level)));
        table.add("32-bit, " + count + " to level " + level, input, expected.toString(), result -> {
            StringBuilder text = new StringBuilder();
            for (int i = 1; i <= frame.length; i++) {
                long eight = result.peeks().get(first + (i - 1) / 2);
                text.append(Integer.toHexString((int) (i % 2 == 1 ? eight >>> 32 : eight)))
                        .append(' ');
            }
            return text + where(result);
        });
    }

    private static void frame16(MatrixTable table, MatrixGuest guest, int level, int count) {
        long caller = guest.stackTop(3) - 0x40;
        short[] frame = new short[4 + count];
        frame[0] = (short) (guest.address("call_far") + 2);
        frame[1] = (short) MatrixCase.code(3);
        for (int i = 0; i < count; i++) {
            frame[2 + i] = (short) (PARAMETERS[i / 2] >> (16 * (i % 2)));
        }
        frame[2 + count] = (short) caller;
        frame[3 + count] = (short) MatrixCase.data(3);
        long top = stackTop(guest, level);
        MatrixCase input = withParameters(guest, CALL_GATE16, level, count);
        int first = input.pokes().size();
        input.poke(top - 8, 0).poke(top - 16, 0);
        StringBuilder expected = new StringBuilder();
        for (int i = 1; i <= frame.length; i++) {
            expected.append(Integer.toHexString(frame[frame.length - i] & 0xFFFF))
                    .append(' ');
        }
        expected.append("at ").append(Long.toHexString(top - 2L * frame.length)).append(" ss ");
        expected.append(Integer.toHexString(MatrixCase.data(level)));
        table.add("16-bit, " + count + " to level " + level, input, expected.toString(), result -> {
            StringBuilder text = new StringBuilder();
            for (int i = 1; i <= frame.length; i++) {
                long eight = result.peeks().get(first + (i - 1) / 4);
                text.append(Long.toHexString((eight >>> (16 * (3 - (i - 1) % 4))) & 0xFFFF))
                        .append(' ');
            }
            return text + where(result);
        });
    }

    private static String where(MatrixResult result) {
        return "at " + Long.toHexString(result.rsp()) + " ss " + Integer.toHexString(result.ss());
    }

    @MachineTest
    void aReturnReleasesThemOnBothStacks(EngineProvider engine) throws InterruptedException {
        MatrixTable.check(engine, Mode.PROTECTED, (table, guest) -> {
            long top = guest.stackTop(3) - 0x40;
            for (int level = 0; level < 3; level++) {
                Gate gate = new Gate(CALL_GATE32, 1, 3, TARGET, 2);
                int access = Descriptor.access(1, level, CODE);
                MatrixCase input = through(guest, true, 3, GATE | 3, gate, guest.address("gate_back"), access)
                        .set(Register.RSP, top);
                String expected = "ok at " + Long.toHexString(top + 8) + " ss 43";
                table.add("from level " + level, input, expected, result -> result.outcome() + " " + where(result));
            }
        });
    }

    /** Level 1's stack is wrong, level 0's, for the handler, is not. In QEMU an absent one is #TS, and one too short is none of its business. */
    @MachineTest
    @NotInEmulatedHost
    void aStackThatWillNotDo(EngineProvider engine) throws InterruptedException {
        MatrixTable.check(engine, Mode.PROTECTED, (table, guest) -> {
            int stack = STACK | 1;
            stack(table, guest, 0, 0, 0x1000, SegmentModel.ts(0));
            stack(table, guest, 0x181, 0, 0x1000, SegmentModel.ts(0x180));
            for (int type : List.of(0x10, 0x12, 0x1A, 0x02)) {
                for (int dpl = 0; dpl < 4; dpl++) {
                    for (int rpl = 0; rpl < 4; rpl++) {
                        boolean fits = type == 0x12 && dpl == 1 && rpl == 1;
                        int selector = (stack & ~3) | rpl;
                        long raw = stackSegment(1, dpl, type);
                        stack(table, guest, selector, raw, 0xC000, fits ? "ok" : SegmentModel.ts(selector));
                    }
                }
            }
            stack(table, guest, stack, stackSegment(0, 1, 0x12), 0xC000, SegmentModel.ss(stack));
            stack(table, guest, stack, stackSegment(0, 2, 0x12), 0xC000, SegmentModel.ts(stack));
            // Four words of 4 bytes.
            stack(table, guest, stack, stackSegment(1, 1, 0x12), 16, "ok");
            stack(table, guest, stack, stackSegment(1, 1, 0x12), 15, SegmentModel.ss(stack));
            stack(table, guest, stack, stackSegment(1, 1, 0x12), 0x10_0000, "ok");
            stack(table, guest, stack, stackSegment(1, 1, 0x12), 0x10_0001, SegmentModel.ss(stack));
        });
    }

    // Its base is far from what the harness needs.
    private static long stackSegment(int present, int dpl, int type) {
        return Descriptor.segment(0x30_0000, 0xF_FFFF, Descriptor.access(present, dpl, type), Descriptor.BIG);
    }

    private static void stack(
            MatrixTable table, MatrixGuest guest, int selector, long raw, long pointer, String expected) {
        int access = Descriptor.access(1, 1, CODE);
        MatrixCase input = through(
                        guest, true, 3, GATE | 3, new Gate(CALL_GATE32, 1, 3), guest.address("landing"), access)
                .poke(guest.address("gdt") + STACK, raw)
                .poke(guest.address("tss") + 12, pointer | (long) selector << 32);
        table.add(
                "ss1 " + Integer.toHexString(selector) + " " + Long.toHexString(raw) + " esp1 "
                        + Long.toHexString(pointer),
                input,
                expected,
                MatrixResult::outcome);
    }

    @MachineTest
    void aTaskStateThatEndsEarly(EngineProvider engine) throws InterruptedException {
        MatrixTable.check(engine, Mode.PROTECTED, (table, guest) -> {
            int access = Descriptor.access(1, 1, CODE);
            // SS1 is in bytes 16 and 17; QEMU wants those behind it too.
            for (int limit : new int[] {11, 15, 16, 19, 0x67}) {
                MatrixCase input = through(
                                guest, true, 3, GATE | 3, new Gate(CALL_GATE32, 1, 3), guest.address("landing"), access)
                        .poke(guest.address("gdt") + 0x60, Descriptor.segment(guest.address("tss"), limit, 0x89, 0));
                String expected = limit < 17 ? SegmentModel.ts(0x60) : "ok";
                table.add("limit " + limit, input, expected, MatrixResult::outcome);
            }
        });
    }
}
