package io.javisor.emulator.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.javisor.core.memory.GuestMemory;
import io.javisor.emulator.decode.Feature;
import io.javisor.emulator.emit.CodeMemory;
import io.javisor.emulator.emit.CodeWriter;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.ResidentPages;
import io.javisor.emulator.state.VectorLayout;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a vCPU takes of the host's memory. */
class VcpuMemoryTest {
    private static final int PAGE = 4096;

    /** The engine has up to 254 of them, and the launcher's JVM a heap of 256 MiB. */
    private static final long MOST_HEAP_BYTES = 200 << 10;

    @Test
    void littleOfTheHeapBeforeItHasRun() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (Arena arena = Arena.ofConfined()) {
            GuestMemory memory = new GuestMemory(List.of(new GuestMemory.Region(0, arena.allocate(1 << 20, PAGE))));
            new RunFixture(memory, new CodePages(1 << 20), Feature.all()).close(); // classes and what all share
            long before = threads.getCurrentThreadAllocatedBytes();
            RunFixture second = new RunFixture(memory, new CodePages(1 << 20), Feature.all());
            long allocated = threads.getCurrentThreadAllocatedBytes() - before;
            second.close();
            assertTrue(allocated < MOST_HEAP_BYTES, allocated + " bytes");
        }
    }

    @Test
    void pagesWithCodeTakeNothingOfTheHeap() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        int count = 200_000;
        try (BlockTable.PageMap pages = new BlockTable.PageMap()) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < count; i++) {
                pages.put((long) i * PAGE, i);
            }
            long allocated = threads.getCurrentThreadAllocatedBytes() - before;
            assertTrue(allocated < MOST_HEAP_BYTES, allocated + " bytes");
            for (int i = 0; i < count; i++) {
                assertEquals(i, pages.get((long) i * PAGE, BlockTable.NONE));
            }
            assertEquals(BlockTable.NONE, pages.get((long) count * PAGE, BlockTable.NONE));
            pages.clear();
            assertEquals(BlockTable.NONE, pages.get(0, BlockTable.NONE));
        }
    }

    @Test
    void codeThatIsWholeIsMappedOnceOnly() throws IOException {
        int size = 64 * PAGE;
        try (CodeMemory memory = CodeMemory.map(size)) {
            MemorySegment bytes = memory.bytes();
            bytes.fill((byte) 0x90);
            assertEquals(64, ResidentPages.count(bytes.address(), size));
            memory.forgetWriting(PAGE / 2, 63 * PAGE + 1);
            assertEquals(2, ResidentPages.count(bytes.address(), size));
            assertEquals(-1, memory.executableBytes().mismatch(bytes));
            bytes.set(ValueLayout.JAVA_BYTE, 5 * PAGE, (byte) 0xcc);
            assertEquals((byte) 0xcc, memory.executableBytes().get(ValueLayout.JAVA_BYTE, 5 * PAGE));
        }
    }

    @Test
    void blocksAreLetGoOfAsTheyCome() throws IOException {
        CpuBlock cpu = new CpuBlock(Arena.ofAuto().allocate(VectorLayout.SIZE, PAGE));
        try (RunCode code = new RunCode(cpu, CodeMemory.map(BlockOptions.USUAL.codeBytes()))) {
            int mapped = 16 << 20;
            for (int turn = 0; turn < 2; turn++) {
                CodeWriter writer = code.writer();
                int first = writer.position();
                while (writer.position() < first + (4 << 20)) {
                    writer.bytes(-1, 8);
                    for (int i = 0; i < 100; i++) {
                        writer.bytes(i, 8);
                    }
                    writer.end();
                    code.blockEnded();
                }
                int written = ResidentPages.count(code.writableHva(), mapped);
                assertTrue(written < 64, written + " pages");
                assertEquals(-1, code.getInt(first));
                assertEquals(-1, code.getInt(first + 808 * 1000));
                code.clear();
            }
        }
    }
}
