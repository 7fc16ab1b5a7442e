package io.javisor.emulator.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.javisor.core.engine.StepCount;
import io.javisor.core.memory.GuestMemory;
import io.javisor.emulator.decode.Feature;
import io.javisor.emulator.state.Bits;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.CpuFault;
import io.javisor.emulator.state.SegmentAttributes;
import io.javisor.emulator.state.StateLayout;
import io.javisor.emulator.state.Vectors;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which instructions are told to have been steps, and why: of a loop all but those of the first turns, in which it is no block yet. */
@Timeout(60)
class StepCountsTest {
    private static final long CODE = 0x10_0000;
    private static final long DATA = 0x20_0000;
    private static final long DEVICE = 0x30_0000;
    private static final long TABLES = 0x1000;
    private static final long PAGE_TABLE = 0x4000;
    private static final int RAM_SIZE = 16 << 20;
    private static final int TURNS = 200;

    private final GuestMemory memory =
            new GuestMemory(List.of(new GuestMemory.Region(0, Arena.ofAuto().allocate(RAM_SIZE, 4096))));
    private final CodePages pages = new CodePages(RAM_SIZE);

    StepCountsTest() {
        memory.putLong(TABLES, 0x2007);
        memory.putLong(0x2000, 0x3007);
        memory.putLong(0x3000, 0x87);
        memory.putLong(0x3008, PAGE_TABLE | 7);
        for (int i = 0; i < 512; i++) {
            long gpa = DATA + ((long) i << 12);
            memory.putLong(PAGE_TABLE + 8L * i, (gpa == DEVICE ? RAM_SIZE : gpa) | 7);
        }
        memory.observeWrites(pages);
    }

    private RunFixture cpu() {
        RunFixture fixture = new RunFixture(memory, pages, Feature.all());
        fixture.start(TABLES, 3);
        fixture.cpu.setRip(CODE);
        fixture.cpu.setGpr(CpuBlock.RSP, CODE - 0x1000);
        fixture.cpu.setGpr(CpuBlock.RCX, TURNS);
        fixture.cpu.setGpr(CpuBlock.RSI, DATA);
        fixture.cpu.setGpr(CpuBlock.RDI, DEVICE);
        return fixture;
    }

    private void load(long gpa, String source) throws IOException, InterruptedException {
        byte[] code = Assembly.assemble(source);
        memory.copyIn(code, 0, gpa, code.length);
    }

    /** Runs to the HLT at the end. */
    private static void run(RunFixture fixture) {
        assertEquals(Vectors.GP, assertThrows(CpuFault.class, fixture::run).vector());
    }

    private static long count(RunFixture fixture, String instruction, String reason) {
        return fixture.runs.stepCounts().stream()
                .filter(step ->
                        step.instruction().equals(instruction) && step.reason().equals(reason))
                .mapToLong(StepCount::count)
                .sum();
    }

    private static long sum(RunFixture fixture) {
        return fixture.runs.stepCounts().stream().mapToLong(StepCount::count).sum();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "lodsb                                        | lods  | no_code",
                "fldt (%rsi); fstp %st(0); add $0x1000, %rsi  | fld   | tlb_miss",
                "add %eax, 0xffe(%rsi)                        | add   | page_crossing",
                "incl 2f(%rip)                                | inc   | code_page",
                "mov (%rdi), %eax                             | mov   | device",
                "mov %eax, (%rdi)                             | mov   | device",
                "mov $1, %edx; xor %eax, %eax; idivl (%rsi)   | idiv  | values",
                "lock incl 2(%rsi)                            | inc   | values",
            })
    void inALoop(String source, String instruction, String reason) throws Exception {
        load(CODE, "1: " + source + "; dec %ecx; jnz 1b; hlt; .balign 64; 2: .long 0");
        memory.putInt(DATA, 5);
        try (RunFixture fixture = cpu()) {
            run(fixture);
            long counted = count(fixture, instruction, reason);
            long cold = count(fixture, instruction, "cold");
            assertEquals(TURNS, counted + cold, () -> fixture.runs.stepCounts().toString());
            assertTrue(cold <= Runs.THRESHOLD, () -> fixture.runs.stepCounts().toString());
            assertEquals(fixture.runs.counters().steps(), sum(fixture));
        }
    }

    @Test
    void whatRunsOnceIsCold() throws Exception {
        load(CODE, "mov $1, %eax; add $2, %eax; add $3, %eax; hlt");
        try (RunFixture fixture = cpu()) {
            run(fixture);
            assertEquals(1, count(fixture, "mov", "cold"));
            assertEquals(2, count(fixture, "add", "cold"));
            assertEquals(3, sum(fixture));
        }
    }

    @Test
    void anUnmaskedExceptionIsOfTheMode() throws Exception {
        load(CODE, "movl $0x1f00, (%rsi); ldmxcsr (%rsi); 1: addss %xmm0, %xmm1; dec %ecx; jnz 1b; hlt");
        try (RunFixture fixture = cpu()) {
            run(fixture);
            assertEquals(TURNS, count(fixture, "addss", "mode"));
            assertEquals(1, count(fixture, "ldmxcsr", "no_code"));
        }
    }

    @Test
    void anInstructionOnTwoPagesIsNeverInABlock() throws Exception {
        load(CODE, "1: call *%rbx; dec %ecx; jnz 1b; hlt");
        load(CODE + 0x1ffd, "mov $0x1234, %edx; ret");
        try (RunFixture fixture = cpu()) {
            fixture.cpu.setGpr(CpuBlock.RBX, CODE + 0x1ffd);
            run(fixture);
            assertEquals(TURNS, count(fixture, "mov", "page_crossing"));
        }
    }

    @Test
    void aPageThatIsWrittenAgainAndAgain() throws Exception {
        load(CODE, "1: mov %cl, 2f+1(%rip); 2: mov $0, %edx; dec %ecx; jnz 1b; hlt");
        try (RunFixture fixture = cpu()) {
            run(fixture);
            assertTrue(
                    count(fixture, "mov", "rewritten") > 0,
                    () -> fixture.runs.stepCounts().toString());
        }
    }

    @Test
    void checksOfAlignmentHaveNoBlocks() throws Exception {
        load(CODE, "1: dec %ecx; jnz 1b; hlt");
        try (RunFixture fixture = cpu()) {
            fixture.cpu.putLong(StateLayout.CR0_OFFSET, fixture.cpu.cr0() | Bits.CR0_AM);
            fixture.cpu.setRflags(fixture.cpu.rflags() | Bits.AC);
            fixture.cpu.modeChanged();
            run(fixture);
            assertEquals(TURNS, count(fixture, "dec", "blocks_off"));
            assertEquals(2 * TURNS, sum(fixture));
        }
    }

    @Test
    void codeOf32BitsIsNotCounted() throws Exception {
        load(CODE, ".code32; 1: dec %ecx; jnz 1b; hlt");
        try (RunFixture fixture = cpu()) {
            int attributes = (fixture.cpu.attributes(CpuBlock.CS) & ~SegmentAttributes.LONG) | SegmentAttributes.BIG;
            fixture.cpu.setSegment(CpuBlock.CS, 0x23, 0, -1, attributes);
            fixture.cpu.modeChanged();
            run(fixture);
            assertEquals(List.of(), fixture.runs.stepCounts());
        }
    }

    @Test
    void countingAllocatesNothing() throws Exception {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        int turns = 100_000;
        load(CODE, "1: add %eax, 0xffe(%rsi); lodsb; dec %rsi; dec %ecx; jnz 1b; hlt");
        try (RunFixture fixture = cpu()) {
            run(fixture);
            fixture.cpu.setRip(CODE);
            fixture.cpu.setGpr(CpuBlock.RCX, turns);
            long before = threads.getCurrentThreadAllocatedBytes();
            run(fixture);
            long allocated = threads.getCurrentThreadAllocatedBytes() - before;
            assertTrue(count(fixture, "add", "page_crossing") > turns);
            assertTrue(allocated < turns, () -> allocated + " bytes");
        }
    }
}
