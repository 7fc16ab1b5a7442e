package io.javisor.machine.matrix;

import io.javisor.core.engine.EngineProvider;
import io.javisor.machine.matrix.MatrixCase.Register;
import io.javisor.machine.matrix.MatrixGuest.Mode;
import io.javisor.machine.matrix.TaskCase.Way;
import io.javisor.testkit.junit.MachineTest;
import io.javisor.testkit.junit.NotInEmulatedHost;
import org.junit.jupiter.api.Timeout;

/** Task switches where there is paging: TSSs that are not there, and CR3 (SDM vol. 3A §8.3). Not in the emulated host, as {@link TaskSwitchTest}. */
@Timeout(600)
class TaskPagingTest {
    private static final int PAGING = 0x8001_0031;
    private static final int PSE = 0x10;
    private static final int PRESENT = 1;
    private static final int PRESENT_AND_WRITABLE = 3;
    private static final int WRITE = 2;
    private static final int OLD_PAGE = 0x38;
    private static final int NEW_PAGE = 0x3A;

    /** EIP is in the first page, the selectors are in the second. */
    private static final int AT = 0xFC0;

    /** Of the new task only the T flag is in the second. */
    private static final int AT_TRAP = 0xF9C;

    private static final int OTHER_DIRECTORY = 0x3_C000;
    private static final int LINEAR = 0x80_0128;
    private static final int FRAME = 0x40_0128;
    private static final int CONTENT = 0x5A5A_1234;

    /** What faults does so before anything has changed; of the new TSS only its link is written. */
    @MachineTest
    @NotInEmulatedHost
    void pagesOfTheTasks(EngineProvider engine) throws InterruptedException {
        MatrixTable.check(engine, Mode.PROTECTED, (table, guest) -> {
            for (Way way : Way.values()) {
                if (way == Way.CONTRIBUTORY) {
                    continue; // its #PF is #DF, whose CR2 no manual promises
                }
                for (int rights : new int[] {0, PRESENT, PRESENT_AND_WRITABLE}) {
                    boolean written = rights == PRESENT_AND_WRITABLE;
                    boolean read = rights != 0;
                    pages(table, guest, way, AT, true, 0, rights, written);
                    pages(table, guest, way, AT, true, 1, rights, written);
                    pages(table, guest, way, AT, false, 0, rights, way.nests() ? written : read);
                    pages(table, guest, way, AT, false, 1, rights, read);
                    pages(table, guest, way, AT_TRAP, false, 1, rights, read);
                }
            }
        });
    }

    // Where a TSS begins in its first page.
    private static void pages(
            MatrixTable table,
            MatrixGuest guest,
            Way way,
            int at,
            boolean old,
            int second,
            int rights,
            boolean allowed) {
        TaskCase task = TaskCase.of32(guest, way).toLevel0();
        task.sees = false;
        task.at((OLD_PAGE << 12) + AT, (NEW_PAGE << 12) + at);
        task.cr3 = (int) guest.address("directory");
        paged(task, task.cr3);
        int page = (old ? OLD_PAGE : NEW_PAGE) + second;
        task.poke(guest.address("low") + (page & ~1) * 4L, entries(page & ~1, page, rights));
        String expected = allowed
                ? "ok"
                : "#PF at page " + Integer.toHexString(page) + ", P " + (rights & PRESENT)
                        + " in task " + Integer.toHexString(TaskCase.OLD) + " old " + busy(true) + " new "
                        + busy(way == Way.RETURN);
        int oldAt = task.placeOf(guest.address("gdt") + TaskCase.OLD);
        int newAt = task.placeOf(guest.address("gdt") + TaskCase.NEW);
        table.add(
                (old ? "old" : "new") + " task's page " + second + " has rights " + rights + ", " + way,
                task.input(),
                expected,
                result -> result.finished()
                        ? "ok"
                        : (result.vector() == 14 ? "#PF" : result.outcome()) + " at page "
                                + Long.toHexString(result.cr2() >>> 12) + ", P " + (result.error() & PRESENT)
                                + " in task " + Integer.toHexString(result.tr()) + " old "
                                + busy(isBusy(result.peeks().get(oldAt))) + " new "
                                + busy(isBusy(result.peeks().get(newAt))));
    }

    private static String busy(boolean busy) {
        return busy ? "busy" : "free";
    }

    private static boolean isBusy(long raw) {
        return (Descriptor.type(raw) & TaskCase.BUSY) != 0;
    }

    private static long entries(int first, int changed, int rights) {
        long entries = 0;
        for (int i = 1; i >= 0; i--) {
            int page = first + i;
            entries = entries << 32 | (long) page << 12 | (page == changed ? rights : PRESENT | WRITE);
        }
        return entries;
    }

    private static void paged(TaskCase task, int cr3) {
        task.set(Register.CR0, PAGING).set(Register.CR3, cr3).set(Register.CR4, PSE);
    }

    @MachineTest
    @NotInEmulatedHost
    void pageDirectories(EngineProvider engine) throws InterruptedException {
        MatrixTable.check(engine, Mode.PROTECTED, (table, guest) -> {
            int directory = (int) guest.address("directory");
            for (Way way : Way.values()) {
                for (boolean new32 : new boolean[] {false, true}) {
                    for (boolean paging : new boolean[] {false, true}) {
                        if (new32) {
                            TaskCase task = TaskCase.of32(guest, way).toLevel0();
                            task.cr3 = directory | 0x18;
                            directory(table, task, directory, paging, paging ? task.cr3 : 0);
                        }
                    }
                }
            }
            otherMemory(table, guest);
        });
    }

    private static void directory(MatrixTable table, TaskCase task, int now, boolean paging, int expected) {
        if (paging) {
            paged(task, now);
        }
        table.add(
                "paging " + paging + ", " + task.way,
                task.input(),
                "ok cr3 " + Integer.toHexString(expected),
                result -> result.outcome() + " cr3 " + Integer.toHexString(result.cr3()));
    }

    // The address was used before the switch, so that it is in the TLB.
    private static void otherMemory(MatrixTable table, MatrixGuest guest) {
        int directory = (int) guest.address("directory");
        TaskCase task = TaskCase.of32(guest, Way.JUMP).toLevel0();
        task.sees = false;
        task.cr3 = OTHER_DIRECTORY;
        task.eip = (int) guest.address("read");
        task.registers[3] = LINEAR;
        paged(task, directory);
        task.set(Register.RIP, guest.address("read_and_jump")).set(Register.RCX, LINEAR);
        task.poke(directory + 8, 0x80_0083);
        task.poke(OTHER_DIRECTORY, guest.address("low") | PRESENT_AND_WRITABLE);
        task.poke(OTHER_DIRECTORY + 8, 0x40_0083);
        task.poke(FRAME, CONTENT);
        table.add(
                "another directory",
                task.input(),
                "ok " + Integer.toHexString(CONTENT),
                result -> result.outcome() + " " + Long.toHexString(result.rax()));
    }
}
