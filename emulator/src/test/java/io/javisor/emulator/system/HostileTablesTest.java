package io.javisor.emulator.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.emulator.mmu.LinearMemory;
import io.javisor.emulator.state.Bits;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.CpuFault;
import io.javisor.emulator.state.SegmentAttributes;
import io.javisor.emulator.state.StateLayout;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Random descriptors, gates, task states, page tables and operands: whatever the guest does, the answer is a fault or a state that a
 * processor can be in.
 */
class HostileTablesTest {
    private static final int SEEDS = 400;
    private static final int OPERATIONS = 120;
    private static final int MODES = 5;
    private static final int LAST_OPERATION = 30;

    private int performed;
    private int faulted;

    @Test
    void everyAnswerIsAFaultOrALegalState() {
        for (int seed = 0; seed < SEEDS; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            try (SystemFixture f = new SystemFixture(random.nextBoolean())) {
                enter(f, seed % MODES, random.nextInt(4) == 0 ? 0 : 3);
                scramble(f, random);
                for (int i = 0; i < OPERATIONS; i++) {
                    String what = "seed " + seed + " operation " + i;
                    perform(f, random, what);
                    assertLegal(f.cpu, what);
                    if (f.cpu.activity() == CpuBlock.SHUTDOWN) {
                        break;
                    }
                }
            }
        }
        assertTrue(performed > SEEDS * 10 && faulted > SEEDS, performed + " performed, " + faulted + " faulted");
    }

    private static void enter(SystemFixture f, int mode, int cpl) {
        switch (mode) {
            case 0 -> f.protectedMode(cpl);
            case 1 -> f.longMode(cpl);
            case 2 -> f.compatibilityMode(cpl);
            case 3 -> f.v86(cpl);
            default -> {
                // Real-address mode, as the fixture is.
            }
        }
    }

    /** Half-way sensible entries, so that checks are passed now and then. */
    private static void scramble(SystemFixture f, SplittableRandom random) {
        for (int selector = 0x48; selector < 0x400; selector += 8) {
            long entry = random.nextInt(3) == 0
                    ? random.nextLong()
                    : SystemFixture.descriptor(
                            random.nextInt(8) * 0x1000L,
                            random.nextInt(0x100000),
                            (random.nextInt(0x10000) & 0xF0FF) | (random.nextInt(8) == 0 ? 0 : 0x80));
            if (random.nextInt(3) == 0) {
                int type = new int[] {4, 5, 6, 7, 12, 14, 15, 1, 9}[random.nextInt(9)];
                int target = random.nextBoolean() ? SystemFixture.CODE0 : random.nextInt(0x400);
                entry = SystemFixture.gate(
                        target, random.nextInt(), 0x80 | type | random.nextInt(4) << 5, random.nextInt(32));
            }
            f.memory.putLong(SystemFixture.GDT + selector, entry);
        }
        for (int vector = 0; vector < 256; vector++) {
            if (random.nextInt(3) != 0) {
                int type = new int[] {5, 6, 7, 14, 15, 3}[random.nextInt(6)];
                int target = random.nextInt(3) == 0
                        ? random.nextInt(0x400)
                        : f.cpu.longMode() ? SystemFixture.CODE64 : SystemFixture.CODE0;
                f.idt(vector, target, random.nextInt(0x10000), 0x80 | type | random.nextInt(4) << 5, random.nextInt(8));
            }
        }
        for (long gpa = SystemFixture.TSS; gpa < SystemFixture.TSS + 0x200; gpa += 4) {
            if (random.nextInt(4) == 0) {
                f.memory.putInt(gpa, random.nextInt(0x10000));
            }
        }
    }

    private void perform(SystemFixture f, SplittableRandom random, String what) {
        int operation = random.nextInt(LAST_OPERATION + 1);
        try {
            execute(f, random, operation);
            performed++;
        } catch (CpuFault fault) {
            faulted++;
            assertTrue(fault.vector() < 32 && fault.errorCode() >= CpuFault.NO_CODE, what);
            f.unit.exceptions().deliver(fault);
        }
    }

    private static void execute(SystemFixture f, SplittableRandom random, int operation) {
        SystemUnit unit = f.unit;
        CpuBlock cpu = f.cpu;
        int size = cpu.code64() ? 8 : random.nextBoolean() ? 2 : 4;
        int selector = random.nextInt(6) == 0 ? random.nextInt(0x10000) : random.nextInt(0x400);
        long offset = random.nextInt(4) == 0 ? random.nextLong() : random.nextInt(0x10000);
        int segment = new int[] {CpuBlock.ES, CpuBlock.SS, CpuBlock.DS, CpuBlock.FS, CpuBlock.GS}[random.nextInt(5)];
        switch (operation) {
            case 0, 1, 2 -> unit.segments().load(segment, selector);
            case 3, 4 -> unit.far().jump(selector, offset, size, 0x7002);
            case 5, 6 -> unit.far().call(selector, offset, size, 0x7002);
            case 7, 8 -> unit.far().ret(size, random.nextInt(64));
            case 9, 10 -> unit.interruptReturn().iret(size, 0x7002);
            case 11 -> unit.exceptions().software(random.nextInt(256), 0x7002);
            case 12 -> unit.exceptions().interrupt(random.nextInt(256));
            case 13 -> unit.exceptions().nmi();
            case 14 -> unit.controls().write(0, random.nextInt() & 0xE005_003FL);
            case 15 -> unit.controls().write(4, random.nextInt() & 0x37_0FFFL);
            case 16 -> unit.controls().write(3, random.nextInt(4) * 0x1000L + SystemFixture.PML4);
            case 17 -> unit.fastCalls().syscall(0x7002);
            case 18 -> unit.fastCalls().sysret(size);
            case 19 -> unit.fastCalls().sysenter();
            case 20 -> unit.fastCalls().sysexit(size);
            case 21 -> unit.tableRegisters().loadLdt(selector);
            case 22 -> unit.tableRegisters().loadTask(selector);
            case 23 -> unit.msrs().write(0xC000_0080 + random.nextInt(5), random.nextLong() >>> random.nextInt(64));
            case 24 -> unit.flags().pop(random.nextLong(), size);
            case 25 -> unit.selectorChecks().accessRights(selector);
            case 26 -> unit.portPermission().check(random.nextInt(0x10000), 4);
            case 27 -> {
                long linear = unit.addressing().linear(segment, offset & (cpu.code64() ? -1L : 0xFFFF_FFFFL), 8, true);
                f.fixture.linear.write(linear, 8, random.nextLong());
            }
            case 28 -> {
                long linear =
                        unit.addressing().linear(segment, offset & (cpu.code64() ? -1L : 0xFFFF_FFFFL), 64, false);
                long _ = f.fixture.linear.open(0, linear, 64, LinearMemory.READ);
            }
            case 29 -> unit.debug().write(random.nextInt(9), random.nextInt() & 0xFFFF_FFFFL);
            default -> cpu.setGpr(CpuBlock.RSP, offset & (cpu.code64() ? -1L : 0xFFFF_FFFFL));
        }
    }

    private static void assertLegal(CpuBlock cpu, String what) {
        int cpl = cpu.cpl();
        assertEquals(Bits.RFLAGS_FIXED, cpu.rflags() & Bits.RFLAGS_FIXED, what);
        assertEquals(0, cpu.rflags() & ~(InterruptReturn.ALL_FLAGS | 2), what);
        if (!cpu.protectedMode()) {
            assertEquals(0, cpl, what);
            assertEquals(0, cpu.cr0() & Bits.CR0_PG, what);
        }
        if (cpu.v86()) {
            assertTrue(cpu.protectedMode() && !cpu.longMode() && cpl == 3, what);
        }
        assertEquals(cpl, SegmentAttributes.dpl(cpu.attributes(CpuBlock.SS)), what);
        boolean paging = (cpu.cr0() & Bits.CR0_PG) != 0;
        assertEquals(paging && (cpu.efer() & Bits.EFER_LME) != 0, cpu.longMode(), what);
        if (cpu.longMode()) {
            assertTrue((cpu.cr4() & Bits.CR4_PAE) != 0, what);
        }
        if (cpu.code64()) {
            assertTrue(CpuBlock.isCanonical(cpu.rip()), what);
        } else if (cpu.protectedMode()) {
            assertEquals(0, cpu.rip() >>> 32, what);
        }
        for (int segment = 0; segment < 8; segment++) {
            boolean wide = segment == CpuBlock.FS || segment == CpuBlock.GS || segment >= CpuBlock.LDTR;
            assertTrue(wide ? CpuBlock.isCanonical(cpu.base(segment)) : cpu.base(segment) >>> 32 == 0, what);
        }
        assertEquals(0, cpu.getLong(StateLayout.DR6_OFFSET) >>> 32, what);
    }
}
