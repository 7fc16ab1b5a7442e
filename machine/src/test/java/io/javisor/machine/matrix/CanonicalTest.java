package io.javisor.machine.matrix;

import io.javisor.core.engine.EngineProvider;
import io.javisor.machine.matrix.MatrixCase.Register;
import io.javisor.machine.matrix.MatrixGuest.Mode;
import io.javisor.testkit.junit.MachineTest;
import io.javisor.testkit.junit.NotInEmulatedHost;
import org.junit.jupiter.api.Timeout;

/** What segmentation leaves in 64-bit mode: canonical addresses, bases of FS and GS, null SS, L with D (SDM vol. 1 §3.3.7.1, vol. 3A §5.2.1). */
@Timeout(600)
class CanonicalTest {
    private static final int FS_BASE = 0xC000_0100;
    private static final int COMPATIBLE0 = 0x58;
    private static final String GP0 = MatrixResult.fault(13, 0);
    private static final String SS0 = MatrixResult.fault(12, 0);
    private static final long LOW_END = 0x8000_0000_0000L;
    private static final long HIGH_START = 0xFFFF_8000_0000_0000L;

    @MachineTest
    void operands(EngineProvider engine) throws InterruptedException {
        MatrixTable.check(engine, Mode.LONG, (table, guest) -> {
            for (int cpl = 0; cpl <= 3; cpl += 3) {
                for (String stub : new String[] {"read8", "write8", "fs_read", "gs_write"}) {
                    accesses(table, guest, stub, cpl, GP0);
                }
            }
        });
    }

    /** By RSP and RBP it is #SS. In QEMU it is #GP. */
    @MachineTest
    @NotInEmulatedHost
    void operandsOnTheStack(EngineProvider engine) throws InterruptedException {
        MatrixTable.check(engine, Mode.LONG, (table, guest) -> {
            for (int cpl = 0; cpl <= 3; cpl += 3) {
                for (String stub : new String[] {"stack_read", "frame_read", "stack_pop", "stack_ret"}) {
                    accesses(table, guest, stub, cpl, SS0);
                }
                for (String stub : new String[] {"stack_push", "stack_call"}) {
                    // They write below.
                    access(table, guest, stub, cpl, LOW_END + 9, SS0);
                    access(table, guest, stub, cpl, HIGH_START + 7, SS0);
                    access(table, guest, stub, cpl, LOW_END, pageFault(cpl, true, LOW_END - 8));
                }
            }
        });
    }

    private static void accesses(MatrixTable table, MatrixGuest guest, String stub, int cpl, String fault) {
        int size = stub.endsWith("8") || stub.endsWith("pop") || stub.endsWith("ret") ? 8 : 4;
        boolean write = stub.contains("write");
        for (long wrong : new long[] {LOW_END, HIGH_START - 8, Long.MIN_VALUE, LOW_END << 8, HIGH_START - 1}) {
            access(table, guest, stub, cpl, wrong, fault);
        }
        // Canonical, and not mapped.
        access(table, guest, stub, cpl, LOW_END - size, pageFault(cpl, write, LOW_END - size));
        access(table, guest, stub, cpl, HIGH_START, pageFault(cpl, write, HIGH_START));
    }

    /** An operand of which the last bytes are not canonical. QEMU looks at the first only. */
    @MachineTest
    @NotInEmulatedHost
    void operandsAcrossTheEdge(EngineProvider engine) throws InterruptedException {
        MatrixTable.check(engine, Mode.LONG, (table, guest) -> {
            access(table, guest, "read8", 3, LOW_END - 7, GP0);
            access(table, guest, "write8", 0, LOW_END - 1, GP0);
            access(table, guest, "stack_read", 3, LOW_END - 3, SS0);
        });
    }

    private static String pageFault(int cpl, boolean write, long address) {
        return MatrixResult.fault(14, (write ? 2 : 0) | (cpl == 3 ? 4 : 0)) + " " + Long.toHexString(address);
    }

    private static void access(MatrixTable table, MatrixGuest guest, String stub, int cpl, long at, String expected) {
        MatrixCase input = MatrixCase.at(guest, stub, cpl).set(Register.RBX, at);
        table.add(stub + " by level " + cpl + " at " + Long.toHexString(at), input, expected, CanonicalTest::outcome);
    }

    private static String outcome(MatrixResult result) {
        return result.vector() == 14 ? result.outcome() + " " + Long.toHexString(result.cr2()) : result.outcome();
    }

    /** QEMU takes any base. */
    @MachineTest
    @NotInEmulatedHost
    void basesOfFsAndGs(EngineProvider engine) throws InterruptedException {
        MatrixTable.check(engine, Mode.LONG, (table, guest) -> {
            long landing = guest.address("landing");
            for (int msr = FS_BASE; msr < FS_BASE + 3; msr++) {
                for (long wrong : new long[] {LOW_END, HIGH_START - 1, Long.MIN_VALUE}) {
                    base(table, guest, "wrmsr_", msr, wrong, 0, GP0);
                }
            }
            base(table, guest, "with_fs", FS_BASE, landing, 0, "ok");
            base(table, guest, "with_fs", FS_BASE, LOW_END - 0x1000, 0x1000, GP0);
            base(table, guest, "with_fs", FS_BASE, LOW_END - 4, 0, pageFault(0, false, LOW_END - 4));
            // The sum goes around.
            base(table, guest, "with_fs", FS_BASE, HIGH_START, LOW_END + landing, "ok");
            base(table, guest, "with_fs", FS_BASE, -0x1000, landing + 0x1000, "ok");
            base(table, guest, "with_fs", FS_BASE, HIGH_START, -1, GP0);
        });
    }

    private static void base(
            MatrixTable table, MatrixGuest guest, String stub, int msr, long base, long offset, String expected) {
        MatrixCase input = MatrixCase.at(guest, stub, 0)
                .set(Register.RAX, base & 0xFFFF_FFFFL)
                .set(Register.RDX, base >>> 32)
                .set(Register.RCX, Integer.toUnsignedLong(msr))
                .set(Register.RBX, offset);
        String name = stub + Integer.toHexString(msr) + " " + Long.toHexString(base) + " + " + Long.toHexString(offset);
        table.add(name, input, expected, CanonicalTest::outcome);
    }

    /** IRETQ and RETFQ: to which level, in which mode, with which SS. QEMU does not ask for the RPL, nor for the mode. */
    @MachineTest
    @NotInEmulatedHost
    void nullStackSegments(EngineProvider engine) throws InterruptedException {
        MatrixTable.check(engine, Mode.LONG, (table, guest) -> {
            for (int ss = 0; ss < 4; ss++) {
                back(table, guest, "ret_interrupt", MatrixCase.code(0), ss, ss == 0 ? "ok 8 0" : GP0);
                back(table, guest, "ret_interrupt", MatrixCase.code(1), ss, ss == 1 ? "ok 19 1" : GP0);
                back(table, guest, "ret_interrupt", MatrixCase.code(3), ss, GP0);
                back(table, guest, "ret_interrupt", COMPATIBLE0, ss, GP0);
                back(table, guest, "ret_interrupt", 0x4B, ss, GP0);
                back(table, guest, "ret_far", MatrixCase.code(1), ss, ss == 1 ? "ok 19 1" : GP0);
                back(table, guest, "ret_far", MatrixCase.code(3), ss, GP0);
            }
            back(table, guest, "ret_interrupt", 0x4B, MatrixCase.data(3), "ok 4b 43");
            back(table, guest, "ret_far", 0x53, MatrixCase.data(3), "ok 53 43");
            back(table, guest, "ret_interrupt", COMPATIBLE0, MatrixCase.data(0), "ok 58 10");
        });
    }

    private static void back(MatrixTable table, MatrixGuest guest, String stub, int code, int ss, String expected) {
        int level = code == MatrixCase.code(3) ? 3 : 0;
        MatrixCase input = MatrixCase.at(guest, stub, 0)
                .set(Register.RAX, code)
                .set(Register.RBX, guest.address("landing", level))
                .set(Register.RCX, guest.stackTop(0))
                .set(Register.RDX, ss);
        table.add(
                stub + " to " + Integer.toHexString(code) + " with SS " + ss,
                input,
                expected,
                result -> result.finished()
                        ? "ok " + Integer.toHexString(result.cs()) + " " + Integer.toHexString(result.ss())
                        : result.outcome());
    }

    /** Of code with L and D both set, and of offsets. QEMU checks neither in full. */
    @MachineTest
    @NotInEmulatedHost
    void codeSegments(EngineProvider engine) throws InterruptedException {
        MatrixTable.check(engine, Mode.LONG, (table, guest) -> {
            long landing = guest.address("landing");
            for (String stub : new String[] {"jmp_far", "call_far", "ret_far", "ret_interrupt"}) {
                for (int present = 0; present < 2; present++) {
                    code(table, guest, stub, 6, present, 0xF_FFFF, landing, SegmentModel.gp(0x80));
                }
                // In 64-bit mode limits do not count, in compatibility mode they do.
                code(table, guest, stub, Descriptor.LONG, 1, 0, landing, "ok");
                code(table, guest, stub, Descriptor.BIG, 1, landing + 1, landing, "ok");
                code(table, guest, stub, Descriptor.BIG, 1, landing - 1, landing, GP0);
                code(table, guest, stub, 0, 1, 0xFFFF, landing, "ok");
            }
            code(table, guest, "ret_far", Descriptor.LONG, 1, 0, LOW_END, GP0);
            code(table, guest, "ret_interrupt", Descriptor.LONG, 1, 0, LOW_END, GP0);
            access(table, guest, "jump", 0, LOW_END, GP0);
            access(table, guest, "jump", 3, HIGH_START - 1, GP0);
        });
    }

    private static void code(
            MatrixTable table,
            MatrixGuest guest,
            String stub,
            int flags,
            int present,
            long limit,
            long offset,
            String expected) {
        long pointer = guest.stackTop(0) - 0x800;
        long raw = Descriptor.segment(0, limit, Descriptor.access(present, 0, 0x1B), flags);
        MatrixCase input = MatrixCase.at(guest, stub, 0).poke(guest.address("gdt") + 0x80, raw);
        if (stub.startsWith("ret")) {
            input.set(Register.RAX, 0x80)
                    .set(Register.RBX, offset)
                    .set(Register.RCX, guest.stackTop(0))
                    .set(Register.RDX, MatrixCase.data(0));
        } else {
            input.set(Register.RBX, pointer).poke(pointer, offset | 0x80L << 32);
        }
        table.add(
                stub + " to " + Long.toHexString(raw) + " at " + Long.toHexString(offset),
                input,
                expected,
                MatrixResult::outcome);
    }
}
