package io.javisor.machine.matrix;

import io.javisor.core.engine.EngineProvider;
import io.javisor.machine.matrix.MatrixCase.Register;
import io.javisor.machine.matrix.MatrixGuest.Mode;
import io.javisor.testkit.junit.MachineTest;
import io.javisor.testkit.junit.NotInEmulatedHost;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Timeout;

/** Where segments end: SDM vol. 3A §5.3. */
@Timeout(600)
class SegmentLimitTest {
    private static final int SLOT = 0x83;
    private static final long BASE = 0x10_0000;
    private static final int UP = 0x12;
    private static final int DOWN = 0x16;
    private static final int CODE32 = 0x9B;
    private static final String NO_ACCESS = MatrixResult.fault(13, 0);
    private static final String[] KINDS = {"read1", "read2", "read4", "read8", "write1", "write2", "write4", "write8"};

    /** A segment of level 3. */
    private record Segment(int type, long limit20, int flags) {
        long descriptor() {
            return Descriptor.segment(BASE, limit20, Descriptor.access(1, 3, type), flags);
        }

        long first() {
            return type == DOWN ? Descriptor.limit(descriptor()) + 1 : 0;
        }

        long last() {
            if (type != DOWN) {
                return Descriptor.limit(descriptor());
            }
            return (flags & Descriptor.BIG) != 0 ? 0xFFFF_FFFFL : 0xFFFF;
        }
    }

    /** QEMU does not check limits and types when data is accessed. */
    @MachineTest
    @NotInEmulatedHost
    void dataAtTheEdges(EngineProvider engine) throws InterruptedException {
        MatrixTable.check(engine, Mode.PROTECTED, (table, guest) -> {
            for (int flags : new int[] {0, Descriptor.BIG}) {
                for (long limit : new long[] {0, 7, 0xFFF, 0xFFFF}) {
                    edges(table, guest, new Segment(UP, limit, flags));
                }
                edges(table, guest, new Segment(UP, 1, flags | Descriptor.GRANULAR));
                edges(table, guest, new Segment(UP, 0x1F, flags | Descriptor.GRANULAR));
                for (long limit : new long[] {0, 0xFFF, 0xFFF8}) {
                    edges(table, guest, new Segment(DOWN, limit, flags));
                }
                edges(table, guest, new Segment(DOWN, 7, flags | Descriptor.GRANULAR));
            }
        });
    }

    private static void edges(MatrixTable table, MatrixGuest guest, Segment segment) {
        for (String kind : KINDS) {
            int size = kind.charAt(kind.length() - 1) - '0';
            Set<Long> offsets = new TreeSet<>();
            for (long near = -1; near <= 1; near++) {
                offsets.add(segment.first() + near);
                offsets.add(segment.last() + 1 - size + near);
            }
            offsets.add(segment.last());
            // What goes around at 4 GiB, each processor does in its own way.
            offsets.removeIf(offset -> offset < 0 || offset + size > 1L << 32);
            for (long offset : offsets) {
                for (String register : new String[] {"ds", "ss"}) {
                    add(table, guest, segment, offset, size, "wide_" + register + "_" + kind);
                    if (offset <= 0xFFFF) {
                        add(table, guest, segment, offset, size, "narrow_" + register + "_" + kind);
                    }
                }
            }
        }
    }

    private static void add(MatrixTable table, MatrixGuest guest, Segment segment, long offset, int size, String stub) {
        boolean inside = offset >= segment.first() && offset + size - 1 <= segment.last();
        String expected = inside ? "ok" : MatrixResult.fault(stub.contains("_ss_") ? 12 : 13, 0);
        access(table, guest, stub, segment, offset, expected);
    }

    private static void access(
            MatrixTable table, MatrixGuest guest, String stub, Segment segment, long offset, String expected) {
        MatrixCase input = MatrixCase.at(guest, stub, 3)
                .set(Register.CS, stub.startsWith("narrow") ? 0x53 : MatrixCase.code(3))
                .set(Register.RAX, SLOT)
                .set(Register.RBX, offset)
                .poke(guest.address("gdt") + (SLOT & ~7), segment.descriptor());
        table.add(segment + " " + stub + " at " + Long.toHexString(offset), input, expected, MatrixResult::outcome);
    }

    /** QEMU does not check limits and types when data is accessed. */
    @MachineTest
    @NotInEmulatedHost
    void whatATypeAllows(EngineProvider engine) throws InterruptedException {
        MatrixTable.check(engine, Mode.PROTECTED, (table, guest) -> {
            for (int type = 0x10; type < 0x20; type++) {
                Segment segment = new Segment(type, (type & 0xC) == 4 ? 0 : 0xF_FFFF, Descriptor.BIG);
                long raw = segment.descriptor();
                if (!Descriptor.isReadable(raw)) {
                    continue;
                }
                access(table, guest, "wide_ds_read4", segment, 0x100, "ok");
                access(table, guest, "wide_ds_write4", segment, 0x100, Descriptor.isWritable(raw) ? "ok" : NO_ACCESS);
            }
            for (int selector = 0; selector < 4; selector++) {
                MatrixCase input = MatrixCase.at(guest, "wide_ds_read1", 3).set(Register.RAX, selector);
                table.add("by a null DS", input, NO_ACCESS, MatrixResult::outcome);
            }
        });
    }

    /** QEMU checks where an instruction begins only. */
    @MachineTest
    @NotInEmulatedHost
    void codeAtTheEdge(EngineProvider engine) throws InterruptedException {
        MatrixTable.check(engine, Mode.PROTECTED, (table, guest) -> {
            long landing = guest.address("landing");
            long jump = guest.address("jmp_far");
            // INT 0x81 has two bytes.
            code(table, guest, landing - 1, NO_ACCESS + " " + Long.toHexString(jump));
            code(table, guest, landing, NO_ACCESS + " " + Long.toHexString(landing));
            code(table, guest, landing + 1, "ok " + Long.toHexString(landing + 2));
        });
    }

    private static void code(MatrixTable table, MatrixGuest guest, long limit, String expected) {
        long pointer = guest.stackTop(0) - 0x800;
        MatrixCase input = MatrixCase.at(guest, "jmp_far", 0)
                .set(Register.RBX, pointer)
                .poke(pointer, guest.address("landing") | (long) (SLOT & ~7) << 32)
                .poke(guest.address("gdt") + (SLOT & ~7), Descriptor.segment(0, limit, CODE32, Descriptor.BIG));
        table.add(
                "code to " + Long.toHexString(limit),
                input,
                expected,
                result -> result.outcome() + " " + Long.toHexString(result.rip()));
    }
}
