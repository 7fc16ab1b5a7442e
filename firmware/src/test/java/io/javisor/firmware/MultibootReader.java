package io.javisor.firmware;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.memory.GpaRange;
import io.javisor.core.memory.GuestMemory;
import io.javisor.firmware.cpu.BootState;
import io.javisor.firmware.layout.E820Entry;
import io.javisor.firmware.multiboot.MultibootInfo;
import io.javisor.images.ImageFile;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Reads Multiboot information as a kernel does, by Multiboot Specification 0.6.96 §3.3 alone. */
final class MultibootReader {
    /** What a kernel sees of a module. */
    record Module(long startGpa, long endGpa, String text) {}

    /** A line of the memory map. */
    record Line(long startGpa, long sizeBytes, int type) {}

    private final GuestMemory memory;
    private final long gpa;

    MultibootReader(GuestMemory memory, BootState state) {
        assertEquals(0x2BAD_B002L, state.rax());
        this.memory = memory;
        gpa = state.rbx();
    }

    int field(int offset) {
        return memory.getInt(gpa + offset);
    }

    private long u32(long at) {
        return Integer.toUnsignedLong(memory.getInt(at));
    }

    private String text(long at) {
        StringBuilder text = new StringBuilder();
        for (long i = at; memory.getByte(i) != 0; i++) {
            text.append((char) memory.getByte(i));
        }
        return text.toString();
    }

    String commandLine() {
        return text(u32(gpa + 16));
    }

    String loaderName() {
        return text(u32(gpa + 64));
    }

    List<Module> modules() {
        List<Module> modules = new ArrayList<>();
        for (int i = 0; i < field(20); i++) {
            long at = u32(gpa + 24) + 16L * i;
            modules.add(new Module(u32(at), u32(at + 4), text(u32(at + 8))));
            assertEquals(0, memory.getInt(at + 12), "reserved");
        }
        return modules;
    }

    List<Line> memoryMap() {
        List<Line> lines = new ArrayList<>();
        long end = u32(gpa + 48) + u32(gpa + 44);
        for (long at = u32(gpa + 48); at < end; at += u32(at) + 4) {
            lines.add(new Line(memory.getLong(at + 4), memory.getLong(at + 12), memory.getInt(at + 20)));
        }
        return lines;
    }

    /** Asserts that the kernel of {@code plan} finds all that the plan has. */
    static void check(GuestMemory memory, BootState state, BootPlan plan) {
        MultibootReader reader = new MultibootReader(memory, state);
        assertEquals(0x24D, reader.field(0));
        assertEquals(plan.commandLine().text(), reader.commandLine());
        assertEquals("javisor", reader.loaderName());
        List<Module> modules = reader.modules();
        assertEquals(plan.modules().size(), modules.size());
        for (int i = 0; i < modules.size(); i++) {
            MultibootInfo.Placed placed = plan.modules().get(i);
            GpaRange range = placed.range();
            assertEquals(
                    new Module(range.startGpa(), range.endGpa(), placed.module().text()), modules.get(i));
            assertEquals(0, range.startGpa() % 0x1000);
            byte[] bytes = new byte[(int) range.sizeBytes()];
            memory.copyOut(range.startGpa(), bytes, 0, bytes.length);
            assertEquals(
                    -1,
                    MemorySegment.ofArray(bytes)
                            .mismatch(((ImageFile) placed.module().file()).bytes()));
        }
        List<Line> map = new ArrayList<>();
        for (E820Entry entry : plan.e820().entries()) {
            map.add(new Line(
                    entry.range().startGpa(),
                    entry.range().sizeBytes(),
                    entry.type().value()));
        }
        assertEquals(map, reader.memoryMap());
        assertTrue(StandardCharsets.US_ASCII.newEncoder().canEncode(reader.commandLine()));
    }
}
