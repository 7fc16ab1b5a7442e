package io.javisor.machine.matrix;

import io.javisor.core.engine.EngineProvider;
import io.javisor.machine.matrix.MatrixCase.Register;
import io.javisor.machine.matrix.MatrixGuest.Mode;
import io.javisor.testkit.junit.MachineTest;
import io.javisor.testkit.junit.NotInEmulatedHost;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;

/** Loads of segment registers: types, levels and presence of descriptors, and where they lie. */
@Timeout(600)
// Not in the emulated host: QEMU's processor sets no accessed flag in a far jump, and takes a null selector of any
// level for SS.
class SegmentLoadTest {
    private static final int GDT_SLOT = 0x80;
    private static final int LDT_SLOT = 0x0C;
    private static final int BEYOND_GDT = 0x180;
    private static final int BEYOND_LDT = 0x24;
    private static final int ZERO_FLAG = 0x40;
    private static final long MARKER = 0x5A5A_5A5AL;

    private enum Way {
        MOV_DS,
        MOV_FS,
        MOV_SS,
        JMP_FAR,
        CALL_FAR,
        RET_FAR,
        RET_INTERRUPT,
        LAR_,
        LSL_,
        VERR_,
        VERW_;

        boolean asks() {
            return compareTo(LAR_) >= 0;
        }

        boolean loadsCode() {
            return compareTo(JMP_FAR) >= 0 && !asks();
        }

        boolean returns() {
            return this == RET_FAR || this == RET_INTERRUPT;
        }

        String stub() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** A selector and what it selects; null if that lies beyond the table. */
    private record Choice(int selector, @Nullable Long raw) {}

    @MachineTest
    @NotInEmulatedHost
    void typesAndLevelsInProtectedMode(EngineProvider engine) throws InterruptedException {
        for (Way way : Way.values()) {
            typesAndLevels(engine, Mode.PROTECTED, way);
        }
    }

    @MachineTest
    @NotInEmulatedHost
    void typesAndLevelsIn64BitMode(EngineProvider engine) throws InterruptedException {
        for (Way way : Way.values()) {
            typesAndLevels(engine, Mode.LONG, way);
        }
    }

    private static void typesAndLevels(EngineProvider engine, Mode mode, Way way) throws InterruptedException {
        MatrixTable.check(engine, mode, (table, guest) -> {
            for (int cpl = 0; cpl <= 3; cpl += 3) {
                for (Choice choice : choices(guest, way, cpl)) {
                    add(table, guest, way, cpl, choice);
                }
            }
        });
    }

    private static List<Choice> choices(MatrixGuest guest, Way way, int cpl) {
        List<Choice> choices = new ArrayList<>();
        for (int type = 0; type < 32; type++) {
            // Of types that differ in the accessed flag alone, one goes through all levels.
            boolean all = type >= 0x10 && (type & 1) == 0;
            for (int dpl : all ? new int[] {0, 1, 3} : new int[] {0, 3}) {
                for (int rpl : all ? new int[] {0, 1, 3} : type < 0x10 ? new int[] {0, 3} : new int[] {cpl}) {
                    choices.add(new Choice(GDT_SLOT | rpl, descriptor(guest, way, 1, dpl, type)));
                }
            }
            choices.add(new Choice(GDT_SLOT | cpl, descriptor(guest, way, 0, cpl, type)));
        }
        for (int rpl = 0; rpl < 4; rpl++) {
            choices.add(new Choice(rpl, null));
            choices.add(new Choice(LDT_SLOT | rpl, descriptor(guest, way, 1, cpl, way.loadsCode() ? 0x1A : 0x12)));
            choices.add(new Choice(BEYOND_GDT | rpl, null));
            choices.add(new Choice(BEYOND_LDT | rpl, null));
        }
        return choices;
    }

    /** Flat, of the processor's mode; what expands down has nearly all. */
    private static long descriptor(MatrixGuest guest, Way way, int present, int dpl, int type) {
        int access = Descriptor.access(present, dpl, type);
        if ((type & 0x1C) == 0x14) {
            return Descriptor.segment(0, 0, access, Descriptor.BIG);
        }
        boolean long64 = guest.mode() == Mode.LONG && way.loadsCode() && (type & 0x18) == 0x18;
        return Descriptor.segment(
                0, 0xF_FFFF, access, Descriptor.GRANULAR | (long64 ? Descriptor.LONG : Descriptor.BIG));
    }

    private static void add(MatrixTable table, MatrixGuest guest, Way way, int cpl, Choice choice) {
        boolean longMode = guest.mode() == Mode.LONG;
        SegmentModel model = new SegmentModel(cpl, longMode, longMode);
        String outcome = outcome(model, way, choice);
        if (outcome == null) {
            return;
        }
        int level = way.returns() && outcome.equals(SegmentModel.OK) ? choice.selector & 3 : cpl;
        MatrixCase input = input(guest, way, cpl, choice);
        boolean ok = outcome.equals(SegmentModel.OK);
        long flags = table.size() % 2 == 0 ? 0 : ZERO_FLAG;
        StringBuilder expected = new StringBuilder(outcome);
        if (way.asks()) {
            input.set(Register.RFLAGS, 2 | flags).set(Register.RCX, MARKER);
            expected.append(answer(model, way, choice));
        } else if (ok) {
            int selector = way.loadsCode() ? (choice.selector & ~3) | level : choice.selector;
            expected.append(' ').append(Integer.toHexString(selector));
        }
        Long raw = choice.raw;
        boolean poked = raw != null;
        if (raw != null) {
            boolean touched = ok && !way.asks();
            long after = touched ? Descriptor.accessed(raw) : raw;
            expected.append(' ').append(Long.toHexString(after));
        }
        String name = way + " " + Integer.toHexString(choice.selector) + " by level " + cpl + ", descriptor "
                + (raw != null ? Long.toHexString(raw) : "none");
        table.add(name, input, expected.toString(), result -> observed(result, way, poked));
    }

    private static @Nullable String outcome(SegmentModel model, Way way, Choice choice) {
        return switch (way) {
            case MOV_DS, MOV_FS -> model.data(choice.selector, choice.raw);
            case MOV_SS -> model.stack(choice.selector, choice.raw);
            case JMP_FAR, CALL_FAR -> model.direct(choice.selector, choice.raw);
            case RET_FAR, RET_INTERRUPT -> model.back(choice.selector, choice.raw);
            case LAR_, LSL_, VERR_, VERW_ -> SegmentModel.OK;
        };
    }

    private static String answer(SegmentModel model, Way way, Choice choice) {
        boolean yes =
                switch (way) {
                    case LAR_ -> model.hasRights(choice.selector, choice.raw);
                    case LSL_ -> model.hasLimit(choice.selector, choice.raw);
                    case VERR_ -> model.mayRead(choice.selector, choice.raw);
                    default -> model.mayWrite(choice.selector, choice.raw);
                };
        long value = MARKER;
        if (yes && way == Way.LAR_) {
            value = Objects.requireNonNull(choice.raw) >>> 32 & 0xF0_FF00;
        } else if (yes && way == Way.LSL_) {
            value = Descriptor.limit(Objects.requireNonNull(choice.raw));
        }
        return (yes ? " yes " : " no ") + Long.toHexString(value);
    }

    private static MatrixCase input(MatrixGuest guest, Way way, int cpl, Choice choice) {
        MatrixCase input = MatrixCase.at(guest, way.stub(), cpl).set(Register.RAX, choice.selector);
        if (choice.raw != null) {
            boolean local = (choice.selector & 4) != 0;
            input.poke(guest.address(local ? "ldt" : "gdt") + (choice.selector & ~7), choice.raw);
        }
        if (way.returns()) {
            int level = Math.max(cpl, choice.selector & 3);
            input.set(Register.RBX, guest.address("landing", level))
                    .set(Register.RCX, guest.stackTop(level))
                    .set(Register.RDX, MatrixCase.data(level));
        } else if (way.loadsCode()) {
            // A far pointer where the level can read it: at the stack's far end.
            long pointer = guest.stackTop(cpl) - 0x800;
            long inMemory = guest.stackTop(0) - 0x800;
            input.poke(inMemory, guest.address("landing", cpl) | (long) choice.selector << 32)
                    .set(Register.RBX, pointer);
        }
        return input;
    }

    private static String observed(MatrixResult result, Way way, boolean poked) {
        StringBuilder text = new StringBuilder(result.outcome());
        if (way.asks()) {
            // Of LAR, bits 16 to 19 are not defined.
            long value = way == Way.LAR_ && result.rcx() != MARKER ? result.rcx() & 0xF0_FF00 : result.rcx();
            text.append((result.rflags() & ZERO_FLAG) != 0 ? " yes " : " no ").append(Long.toHexString(value));
        } else if (result.finished()) {
            int selector =
                    switch (way) {
                        case MOV_DS -> result.ds();
                        case MOV_FS -> result.fs();
                        case MOV_SS -> result.ss();
                        default -> result.cs();
                    };
            text.append(' ').append(Integer.toHexString(selector));
        }
        if (poked) {
            text.append(' ').append(Long.toHexString(result.peeks().get(0)));
        }
        return text.toString();
    }
}
