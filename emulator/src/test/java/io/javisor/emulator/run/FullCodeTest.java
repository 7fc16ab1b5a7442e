package io.javisor.emulator.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.memory.GuestMemory;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.CpuFault;
import io.javisor.emulator.state.Vectors;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A guest with more code than there is memory for its blocks. */
@Timeout(120)
class FullCodeTest {
    private static final long CODE = 0x10_0000;
    private static final long FUNCTIONS = 0x40_0000;
    private static final int FUNCTION_SIZE = 64;
    private static final long STACK = 0x20_0000;
    private static final int RAM_SIZE = 16 << 20;
    private static final long TABLES = 0x1000;
    private static final int CALLS = 20_000;

    private final GuestMemory memory =
            new GuestMemory(List.of(new GuestMemory.Region(0, Arena.ofAuto().allocate(RAM_SIZE, 4096))));

    FullCodeTest() throws IOException, InterruptedException {
        memory.putLong(TABLES, 0x2007);
        memory.putLong(0x2000, 0x3007);
        for (int i = 0; i < RAM_SIZE >> 21; i++) {
            memory.putLong(0x3000 + 8L * i, 0x87 | (long) i << 21);
        }
        // Calls function number rax, which is (random & r13) + (calls left >> cl) & r14.
        load(CODE, """
            1: imul %r8, %r9
            add %r10, %r9
            mov %r9, %rax
            shr $33, %rax
            and %r13, %rax
            mov %rbp, %rdx
            shr %cl, %rdx
            add %rdx, %rax
            and %r14, %rax
            shl $6, %rax
            add %rdi, %rax
            call *%rax
            dec %rbp
            jnz 1b
            hlt
            """);
        byte[] function = Assembly.assemble("""
            rol $1, %rbx
            bt $40, %r9
            jc 1f
            xor %rax, %rbx
            jmp 2f
            1: add %r9, %rbx
            2: lea 2b(%rip), %rdx
            add %rdx, %rbx
            ret
            """);
        for (long gpa = FUNCTIONS; gpa < RAM_SIZE; gpa += FUNCTION_SIZE) {
            memory.copyIn(function, 0, gpa, function.length);
        }
    }

    private void load(long gpa, String source) throws IOException, InterruptedException {
        byte[] code = Assembly.assemble(source);
        memory.copyIn(code, 0, gpa, code.length);
    }

    private RunFixture start(BlockOptions options, int random, int shift, int functions) {
        RunFixture fixture = RunFixture.by(options, memory, new CodePages(RAM_SIZE));
        restart(fixture, random, shift, functions);
        return fixture;
    }

    private static void restart(RunFixture fixture, int random, int shift, int functions) {
        fixture.start(TABLES, 3);
        CpuBlock cpu = fixture.cpu;
        cpu.setGpr(CpuBlock.RSP, STACK);
        cpu.setGpr(CpuBlock.RBP, CALLS);
        cpu.setGpr(CpuBlock.RCX, shift);
        cpu.setGpr(CpuBlock.RDI, FUNCTIONS);
        cpu.setGpr(8, 6364136223846793005L);
        cpu.setGpr(9, 42);
        cpu.setGpr(10, 1442695040888963407L);
        cpu.setGpr(13, random - 1);
        cpu.setGpr(14, functions - 1);
        cpu.setGpr(CpuBlock.RBX, 0);
        cpu.setRip(CODE);
    }

    /**
     * Over all at random; over a window that moves; one after the other.
     *
     * @param again how many blocks are made again, at most: memory that is begun anew as a whole would have it be above 3,600 in the third case
     */
    @ParameterizedTest
    @CsvSource({
        "1024, 40, 1024, 30000",
        "2048, 40, 2048, 40000",
        "256,   3, 8192, 1000",
        "512,   2, 8192, 10000",
        "1,     0, 2048, 50000"
    })
    void blocksDoWhatStepsDo(int random, int shift, int functions, int again) {
        BlockOptions small = new BlockOptions(1, BlockOptions.LEAST_CODE, null);
        BlockOptions ample = new BlockOptions(1, BlockOptions.USUAL.codeBytes(), null);
        try (RunFixture steps = start(ample, random, shift, functions);
                RunFixture blocks = start(ample, random, shift, functions);
                RunFixture full = start(small, random, shift, functions)) {
            stepToHlt(steps);
            runToHlt(blocks);
            runToHlt(full);
            assertSame(steps.cpu, blocks.cpu);
            assertSame(steps.cpu, full.cpu);
            RunCounters counted = full.runs.counters();
            assertEquals(0, blocks.runs.counters().full);
            assertTrue(counted.full > 10, () -> counted.full + " times full");
            long twice = counted.blocks - blocks.runs.counters().blocks;
            assertTrue(twice <= again, () -> twice + " blocks made again");
        }
    }

    /** The first functions are those that ran last. */
    @Test
    void whatWasKeptIsDroppedWithItsPage() {
        BlockOptions small = new BlockOptions(1, BlockOptions.LEAST_CODE, null);
        CodePages pages = new CodePages(RAM_SIZE);
        memory.observeWrites(pages);
        try (RunFixture steps = start(BlockOptions.USUAL, 256, 40, 8192);
                RunFixture full = RunFixture.by(small, memory, pages)) {
            restart(full, 256, 3, 8192);
            runToHlt(full);
            assertTrue(full.runs.counters().full > 10);
            for (int i = 0; i < 1000; i++) {
                memory.putByte(FUNCTIONS + (long) i * FUNCTION_SIZE + 2, (byte) 0xcb); // rol becomes ror
            }
            stepToHlt(steps);
            restart(full, 256, 40, 8192);
            runToHlt(full);
            assertSame(steps.cpu, full.cpu);
            assertTrue(full.runs.counters().drops > 0);
        }
    }

    private static void assertSame(CpuBlock expected, CpuBlock actual) {
        for (int i = 0; i < 16; i++) {
            assertEquals(expected.gpr(i), actual.gpr(i), "register " + i);
        }
        assertEquals(expected.rip(), actual.rip());
        assertEquals(expected.rflags(), actual.rflags());
    }

    private static void stepToHlt(RunFixture fixture) {
        try {
            while (true) {
                fixture.stepper.step();
            }
        } catch (CpuFault fault) {
            assertEquals(Vectors.GP, fault.vector(), fault.getMessage());
        }
    }

    private static void runToHlt(RunFixture fixture) {
        try {
            fixture.run();
        } catch (CpuFault fault) {
            assertEquals(Vectors.GP, fault.vector(), fault.getMessage());
        }
    }
}
