package io.javisor.machine.matrix;

import io.javisor.core.engine.EngineProvider;
import io.javisor.machine.matrix.MatrixGuest.Mode;
import io.javisor.machine.matrix.TaskCase.Way;
import io.javisor.testkit.junit.MachineTest;
import io.javisor.testkit.junit.NotInEmulatedHost;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;

/**
 * Task switches with TSSs of 16 and 32 bits: who may make them, what they do, and what goes wrong on the way (SDM vol. 3A §8.2 and §8.3, vol. 2A
 * CALL, INT n, IRET and JMP). Not in the emulated host: QEMU's processor checks in another order, and less.
 */
@Timeout(600)
class TaskSwitchTest {
    private static final int NP = 11;
    private static final int TS = 10;
    private static final int SS = 12;
    private static final int GP = 13;
    private static final int BEYOND = 0x180;
    private static final int VIRTUAL_8086 = 1 << 17;

    @MachineTest
    @NotInEmulatedHost
    void whatTheyDo(EngineProvider engine) throws InterruptedException {
        MatrixTable.check(engine, Mode.PROTECTED, (table, guest) -> {
            for (Way way : Way.values()) {
                for (int bits = 0; bits < 4; bits++) {
                    boolean old32 = (bits & 1) != 0;
                    boolean new32 = (bits & 2) != 0;
                    succeeds(table, guest, way, old32, new32, 0);
                    if (!way.isDirect()) {
                        succeeds(table, guest, way, old32, new32, 3);
                    }
                }
                toLevel0(table, guest, way);
                flags(table, guest, way);
            }
        });
    }

    private static void succeeds(MatrixTable table, MatrixGuest guest, Way way, boolean old32, boolean new32, int cpl) {
        TaskCase task = new TaskCase(guest, way, old32, new32);
        task.cpl = cpl;
        if (!new32 && way == Way.CONTRIBUTORY) {
            smallStack(task, 0xFFFF);
        }
        task.succeeds(table, "all of it");
        task = new TaskCase(guest, way, old32, new32);
        task.cpl = cpl;
        task.flags = 0x4003; // NT, which a task that calls keeps
        if (way != Way.CONTRIBUTORY || new32) {
            task.succeeds(table, "from a task that is nested");
        }
    }

    /** A stack of 16 bits: with a TSS of 16 bits the upper half of ESP is nobody's. */
    private static void smallStack(TaskCase task, int limit) {
        task.sees = false;
        task.segments[2] = TaskCase.SEGMENT | 3;
        task.poke(
                task.guest.address("gdt") + TaskCase.SEGMENT,
                Descriptor.segment(0, limit, Descriptor.access(1, 3, 0x13), 0));
    }

    private static void toLevel0(MatrixTable table, MatrixGuest guest, Way way) {
        for (int cpl = 0; cpl <= 3; cpl += 3) {
            if (cpl == 0 || !way.isDirect()) {
                TaskCase task = TaskCase.of32(guest, way).toLevel0();
                task.cpl = cpl;
                task.segments[3] = MatrixCase.data(1);
                task.succeeds(table, "to level 0");
            }
        }
    }

    private static void flags(MatrixTable table, MatrixGuest guest, Way way) {
        for (int flags : new int[] {0, -1 & ~(1 << 8 | 1 << 9 | VIRTUAL_8086 | TaskCase.RESUME)}) {
            TaskCase task = TaskCase.of32(guest, way);
            task.eflags = flags & 0x3F_7FD7;
            task.succeeds(table, "flags " + Integer.toHexString(flags));
        }
    }

    @MachineTest
    @NotInEmulatedHost
    void virtual8086Tasks(EngineProvider engine) throws InterruptedException {
        MatrixTable.check(engine, Mode.PROTECTED, (table, guest) -> {
            for (Way way : Way.values()) {
                TaskCase task = TaskCase.of32(guest, way);
                if (way == Way.CONTRIBUTORY) {
                    continue; // no handler for an error code runs in virtual-8086 mode
                }
                task.segments[1] = 0xF00;
                task.segments[2] = 0x400;
                task.eip = (int) guest.address("landing") - 0xF000;
                task.eflags = VIRTUAL_8086 | 0x3002;
                table.add(
                        "virtual 8086 " + way,
                        task.input(),
                        "ok at f00:" + Long.toHexString(task.eip + 2L) + " flags "
                                + Integer.toHexString(task.eflags | (way.nests() ? TaskCase.NESTED : 0)),
                        result -> result.outcome() + " at " + Integer.toHexString(result.cs()) + ":"
                                + Long.toHexString(result.rip()) + " flags "
                                + Long.toHexString(result.rflags() & 0xFFFF_FFFFL));
            }
        });
    }

    @MachineTest
    @NotInEmulatedHost
    void whoMayMakeThem(EngineProvider engine) throws InterruptedException {
        MatrixTable.check(engine, Mode.PROTECTED, (table, guest) -> {
            for (Way way : Way.values()) {
                for (int cpl = 0; cpl <= 3; cpl += 3) {
                    for (int rpl = 0; rpl < 4; rpl += 3) {
                        for (int dpl = 0; dpl < 4; dpl++) {
                            privilege(table, guest, way, cpl, rpl, dpl);
                        }
                    }
                }
                gateThatIsAbsent(table, guest, way);
            }
        });
    }

    private static void privilege(MatrixTable table, MatrixGuest guest, Way way, int cpl, int rpl, int dpl) {
        TaskCase task = TaskCase.of32(guest, way);
        task.sees = false;
        task.cpl = cpl;
        task.rpl = rpl;
        // What is not asked for is at the other end.
        task.newDescriptor = TaskCase.tss(true, way == Way.RETURN ? TaskCase.BUSY : 0, way.isDirect() ? dpl : 0, 1);
        task.gate = Descriptor.gate(TaskCase.NEW, 0, Descriptor.access(1, dpl, TaskCase.TASK_GATE), 0);
        boolean allowed =
                switch (way) {
                    case JUMP, CALL, JUMP_BY_GATE, CALL_BY_GATE -> dpl >= Math.max(cpl, rpl);
                    case INTERRUPT -> dpl >= cpl;
                    case BENIGN, CONTRIBUTORY, RETURN -> true;
                };
        String name = "RPL " + rpl + ", DPL " + dpl;
        if (!allowed) {
            task.refused(table, name, MatrixResult.fault(GP, way.isEvent() ? task.idtCode() : task.used() & ~3));
        } else if (!way.isDirect() || rpl == 0) { // with which RPL it is in TR no manual says
            task.succeeds(table, name);
        }
    }

    private static void gateThatIsAbsent(MatrixTable table, MatrixGuest guest, Way way) {
        if (way.isByGate() || way.isEvent()) {
            for (int dpl = 0; dpl < 4; dpl += 3) {
                TaskCase task = TaskCase.of32(guest, way);
                task.sees = false;
                task.cpl = 3;
                task.gate = Descriptor.gate(TaskCase.NEW, 0, Descriptor.access(0, dpl, TaskCase.TASK_GATE), 0);
                boolean allowed = dpl == 3 || way.isException();
                int code = way.isEvent() ? task.idtCode() : TaskCase.GATE;
                task.refused(table, "absent, DPL " + dpl, task.fault(allowed ? NP : GP, code));
            }
        }
    }

    /** Table 8-1, down to the limit. */
    @MachineTest
    @NotInEmulatedHost
    void whatIsNoTask(EngineProvider engine) throws InterruptedException {
        MatrixTable.check(engine, Mode.PROTECTED, (table, guest) -> {
            for (Way way : Way.values()) {
                for (int type = 0; type < 32; type++) {
                    for (int present = 0; present < 2; present++) {
                        type(table, guest, way, type, present);
                    }
                }
                if (!way.isDirect()) {
                    for (int selector : new int[] {0, 3, TaskCase.NEW | 4, 0x0C, BEYOND, BEYOND | 3, 0xFFF8}) {
                        selector(table, guest, way, selector);
                    }
                }
                for (int limit : new int[] {0, 0x2A, 0x2B, 0x66, 0x67, 0x68, 0xF_FFFF}) {
                    limit(table, guest, way, limit, false);
                    limit(table, guest, way, limit, true);
                }
            }
        });
    }

    private static int vector(Way way) {
        return way == Way.RETURN ? TS : GP;
    }

    private static void type(MatrixTable table, MatrixGuest guest, Way way, int type, int present) {
        int busy = way == Way.RETURN ? TaskCase.BUSY : 0;
        boolean fits = type == (TaskCase.TSS32 | busy) || type == (TaskCase.TSS16 | busy);
        if ((fits && present != 0) || (way.isDirect() && (type & 0x18) == 0x18)) {
            return; // is tried elsewhere, or is code
        }
        if (way.isDirect() && (type == 4 || type == 5 || type == 12)) {
            return; // a gate
        }
        TaskCase task = TaskCase.of32(guest, way);
        task.sees = false;
        task.newDescriptor = Descriptor.segment(TaskCase.NEW_TSS, 0x67, Descriptor.access(present, 3, type), 0);
        task.refused(
                table,
                "type " + Integer.toHexString(type) + ", present " + present,
                task.fault(fits ? NP : vector(way), TaskCase.NEW | task.external()));
    }

    private static void selector(MatrixTable table, MatrixGuest guest, Way way, int selector) {
        TaskCase task = TaskCase.of32(guest, way);
        task.sees = false;
        task.newSelector = selector;
        task.gate = Descriptor.gate(selector, 0, Descriptor.access(1, 3, TaskCase.TASK_GATE), 0);
        task.refused(
                table,
                "selector " + Integer.toHexString(selector),
                task.fault(vector(way), (selector & ~3) | task.external()));
    }

    private static void limit(MatrixTable table, MatrixGuest guest, Way way, int limit, boolean new32) {
        TaskCase task = new TaskCase(guest, way, true, new32);
        task.sees = false;
        int type = (new32 ? TaskCase.TSS32 : TaskCase.TSS16) | (way == Way.RETURN ? TaskCase.BUSY : 0);
        task.newDescriptor = Descriptor.segment(TaskCase.NEW_TSS, limit, Descriptor.access(1, 0, type), 0);
        String name = "limit " + Integer.toHexString(limit);
        if (limit < (new32 ? 0x67 : 0x2B)) {
            task.refused(table, name, task.fault(TS, TaskCase.NEW | task.external()));
        } else if (new32 || way != Way.CONTRIBUTORY) {
            task.succeeds(table, name);
        }
    }

    @MachineTest
    @NotInEmulatedHost
    void segmentsOfTheNewTask(EngineProvider engine) throws InterruptedException {
        MatrixTable.check(engine, Mode.PROTECTED, (table, guest) -> {
            for (Way way : Way.values()) {
                for (boolean new32 : new boolean[] {false, true}) {
                    if (new32 || way != Way.CONTRIBUTORY) {
                        segments(table, guest, way, new32);
                    }
                }
            }
        });
    }

    private static void segments(MatrixTable table, MatrixGuest guest, Way way, boolean new32) {
        for (int segment = 0; segment < (new32 ? 6 : 4); segment++) {
            for (int selector : new int[] {0, 3, 0x0F, BEYOND | 3}) {
                segment(table, guest, new TaskCase(guest, way, true, new32), segment, selector, -1, 1, 3);
            }
            boolean each = way == Way.JUMP || way == Way.BENIGN;
            for (int type = 0; type < 32; type++) {
                for (int dpl = each ? 0 : 3; dpl < 4; dpl++) {
                    for (int rpl = each ? 1 : 3; rpl < 4; rpl++) {
                        for (int present = each ? 0 : 1; present < 2; present++) {
                            TaskCase task = new TaskCase(guest, way, true, new32);
                            segment(table, guest, task, segment, TaskCase.SEGMENT | rpl, type, present, dpl);
                        }
                    }
                }
            }
        }
    }

    // Segments are ES, CS, SS, DS, FS and GS. What its stack is if the level is another is the test's business.
    private static void segment(
            MatrixTable table,
            MatrixGuest guest,
            TaskCase task,
            int segment,
            int selector,
            int type,
            int present,
            int dpl) {
        task.sees = false;
        task.segments[segment] = selector;
        if (segment == 1) {
            task.segments[2] = MatrixCase.data(selector & 3);
            if ((selector & 3) == 0) {
                return; // what the handler's stack is then no manual says
            }
        }
        Long raw = null;
        if (type >= 0) {
            boolean code = (type & 0x18) == 0x18;
            // One that expands down has all but its first page.
            raw = Descriptor.segment(
                    0,
                    (type & 0x1C) == 0x14 ? 0 : 0xF_FFFF,
                    Descriptor.access(present, dpl, code || type >= 0x10 ? type | 1 : type),
                    Descriptor.GRANULAR | Descriptor.BIG);
            task.poke(guest.address("gdt") + TaskCase.SEGMENT, raw);
        }
        String name = "segment " + segment + " is " + Integer.toHexString(selector) + " of type "
                + Integer.toHexString(type) + ", DPL " + dpl + ", present " + present;
        int cpl = task.segments[1] & 3;
        String outcome =
                switch (segment) {
                    case 1 -> code(task, selector, raw);
                    case 2 -> stack(task, selector, raw);
                    default -> data(task, cpl, selector, raw);
                };
        if (outcome.equals("ok")) {
            task.succeeds(table, name);
        } else {
            task.faultsInside(table, name, outcome);
        }
    }

    private static String wrong(TaskCase task, int vector, int selector) {
        return task.fault(vector, (selector & ~3) | task.external());
    }

    private static String code(TaskCase task, int selector, @Nullable Long raw) {
        int rpl = selector & 3;
        if (raw == null
                || !Descriptor.isCode(raw)
                || (Descriptor.isConforming(raw) ? Descriptor.dpl(raw) > rpl : Descriptor.dpl(raw) != rpl)) {
            return wrong(task, TS, selector);
        }
        return Descriptor.present(raw) ? "ok" : wrong(task, NP, selector);
    }

    private static String stack(TaskCase task, int selector, @Nullable Long raw) {
        if (raw == null || !Descriptor.isWritable(raw) || Descriptor.dpl(raw) != 3 || (selector & 3) != 3) {
            return wrong(task, TS, selector);
        }
        return Descriptor.present(raw) ? "ok" : wrong(task, SS, selector);
    }

    private static String data(TaskCase task, int cpl, int selector, @Nullable Long raw) {
        if (SegmentModel.isNull(selector)) {
            return "ok";
        }
        if (raw == null
                || !Descriptor.isReadable(raw)
                || (!Descriptor.isConforming(raw) && Math.max(cpl, selector & 3) > Descriptor.dpl(raw))) {
            return wrong(task, TS, selector);
        }
        return Descriptor.present(raw) ? "ok" : wrong(task, NP, selector);
    }

    @MachineTest
    @NotInEmulatedHost
    void theLocalDescriptorTable(EngineProvider engine) throws InterruptedException {
        MatrixTable.check(engine, Mode.PROTECTED, (table, guest) -> {
            for (Way way : Way.values()) {
                for (int selector : new int[] {0, 3, 0x0C, BEYOND}) {
                    localTable(table, guest, way, selector, -1, 1);
                }
                for (int type = 0; type < 32; type++) {
                    localTable(table, guest, way, TaskCase.SEGMENT, type, 0);
                    localTable(table, guest, way, TaskCase.SEGMENT | (type & 3), type, 1);
                }
                TaskCase task = TaskCase.of32(guest, way);
                task.sees = false;
                task.ldt = 0x68;
                task.segments[4] = 0x0F;
                task.poke(guest.address("ldt") + 8, Descriptor.segment(0, 0xFF, Descriptor.access(1, 3, 0x13), 0));
                task.succeeds(table, "a segment of it");
            }
        });
    }

    private static void localTable(MatrixTable table, MatrixGuest guest, Way way, int selector, int type, int present) {
        TaskCase task = TaskCase.of32(guest, way);
        task.sees = false;
        task.ldt = selector;
        if (type >= 0) {
            task.poke(
                    guest.address("gdt") + TaskCase.SEGMENT,
                    Descriptor.segment(0x3_A000, 0xFF, Descriptor.access(present, 0, type), 0));
        }
        String name = "LDT " + Integer.toHexString(selector) + " of type " + Integer.toHexString(type) + ", present "
                + present;
        if (SegmentModel.isNull(selector) || (type == 2 && present == 1)) {
            task.succeeds(table, name);
        } else {
            task.faultsInside(table, name, wrong(task, TS, selector));
        }
    }

    @MachineTest
    @NotInEmulatedHost
    void theFirstInstruction(EngineProvider engine) throws InterruptedException {
        MatrixTable.check(engine, Mode.PROTECTED, (table, guest) -> {
            for (Way way : Way.values()) {
                for (int less = 0; less < 2; less++) {
                    TaskCase task = TaskCase.of32(guest, way);
                    task.sees = false;
                    task.segments[1] = TaskCase.SEGMENT | 3;
                    task.poke(
                            guest.address("gdt") + TaskCase.SEGMENT,
                            Descriptor.segment(
                                    0, task.eip + 1 - 2 * less, Descriptor.access(1, 3, 0x1B), Descriptor.BIG));
                    if (less == 0) {
                        task.succeeds(table, "it fits");
                    } else {
                        task.faultsLast(table, "it is beyond the limit", task.fault(GP, task.external()));
                    }
                }
                for (int trap = 0; trap < 2; trap++) {
                    TaskCase task = TaskCase.of32(guest, way);
                    task.trap = trap;
                    table.add(
                            "T flag " + trap + " " + way,
                            task.input(),
                            trap == 0 ? "ok " + (task.eip + 2) : "#DB(0) " + task.eip,
                            result -> result.outcome() + " " + result.rip());
                }
            }
            errorCode(table, guest);
        });
    }

    private static void errorCode(MatrixTable table, MatrixGuest guest) {
        for (boolean new32 : new boolean[] {false, true}) {
            for (int room = 1; room <= 4; room++) {
                TaskCase task = new TaskCase(guest, Way.CONTRIBUTORY, true, new32);
                smallStack(task, 0xFFFF);
                task.registers[4] = 0x1_0000 | room;
                long at = (long) room - (new32 ? 4 : 2);
                if (at < 0) {
                    at += 0x1_0000;
                }
                boolean fits = at + (new32 ? 4 : 2) <= 0x1_0000;
                String expected = fits ? "ok " + Integer.toHexString(TaskCase.BAD_SELECTOR) : "#DF(0) 0";
                int size = new32 ? 4 : 2;
                task.poke(at & ~7, 0).poke((at & ~7) + 8, 0);
                long shift = (at & 7) * 8;
                int place = task.placeOf(at & ~7);
                table.add("an error code at " + at + " of " + size, task.input(), expected, result -> {
                    long eight = result.peeks().get(place) >>> shift;
                    return result.outcome() + " " + Long.toHexString(eight & (size == 4 ? 0xFFFF_FFFFL : 0xFFFF));
                });
            }
        }
    }
}
