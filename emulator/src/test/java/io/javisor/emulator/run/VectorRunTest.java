package io.javisor.emulator.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.javisor.core.memory.GuestMemory;
import io.javisor.emulator.cpu.HostFeatures;
import io.javisor.emulator.decode.Feature;
import io.javisor.emulator.state.Bits;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.CpuFault;
import io.javisor.emulator.state.StateLayout;
import io.javisor.emulator.state.VectorLayout;
import io.javisor.emulator.state.Vectors;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Vector registers that stay in the host's while blocks run, and what the guest sees of them when it looks. */
@Timeout(60)
class VectorRunTest {
    private static final long CODE = 0x10_0000;
    private static final long STACK = 0x18_0000;
    private static final long DATA = 0x30_0000;
    private static final long TABLES = 0x1000;
    private static final long PAGE_TABLE = 0x4000;
    private static final int RAM_SIZE = 16 << 20;
    private static final int TURNS = 1000;

    /** Steps until blocks are made. */
    private static final int WARM = 200;

    private final GuestMemory memory =
            new GuestMemory(List.of(new GuestMemory.Region(0, Arena.ofAuto().allocate(RAM_SIZE, 4096))));
    private final CodePages pages = new CodePages(RAM_SIZE);

    VectorRunTest() {
        memory.putLong(TABLES, 0x2007);
        memory.putLong(0x2000, 0x3007);
        memory.putLong(0x3000, 0x87);
        memory.putLong(0x3008, PAGE_TABLE | 7);
        for (int i = 0; i < 512; i++) {
            memory.putLong(PAGE_TABLE + 8L * i, 0x20_0007 + ((long) i << 12));
        }
        memory.observeWrites(pages);
    }

    private RunFixture cpu(String source, int threshold) throws Exception {
        byte[] code = Assembly.assemble(source);
        assumeTrue(
                !source.contains("ymm") || HostFeatures.ofHost().contains(Feature.AVX2),
                "the host's processor has no AVX2");
        memory.copyIn(code, 0, CODE, code.length);
        return begin(new RunFixture(memory, pages, Feature.all(), threshold));
    }

    private static RunFixture begin(RunFixture fixture) {
        fixture.start(TABLES, 3);
        fixture.cpu.setRip(CODE);
        fixture.cpu.setGpr(CpuBlock.RSP, STACK);
        fixture.cpu.setGpr(CpuBlock.RDI, DATA);
        fixture.cpu.setGpr(CpuBlock.RCX, TURNS);
        fillVectors(fixture.cpu);
        fixture.runs.leave();
        return fixture;
    }

    /** Each register is the sum of what it was and a number of its own. */
    private static void fillVectors(CpuBlock cpu) {
        for (int i = 0; i < 32; i++) {
            cpu.putLong(half(i), 0x0101_0000_0001L * (i + 1));
            cpu.putLong(half(i) + 8, 0x0203_0000_0005L * (i + 1));
        }
    }

    /** Where the lower halves are, and from 16 on the upper ones. */
    private static int half(int i) {
        return i < 16 ? VectorLayout.XMM_OFFSET + 16 * i : VectorLayout.YMM_HIGH_OFFSET + 16 * (i - 16);
    }

    /** Runs to a fault, that of the HLT at the end unless another is told. */
    private static CpuFault run(RunFixture fixture) {
        fixture.runs.enter();
        CpuFault fault = assertThrows(CpuFault.class, fixture::run);
        fixture.runs.leave(); // nobody else waits for it
        return fault;
    }

    private static void runToEnd(RunFixture fixture) {
        CpuFault fault = run(fixture);
        assertEquals(Vectors.GP, fault.vector(), fault::getMessage);
    }

    private static void same(CpuBlock steps, CpuBlock blocks) {
        for (int i = 0; i < 16; i++) {
            assertEquals(steps.gpr(i), blocks.gpr(i), "register " + i);
        }
        for (int i = 0; i < 32; i++) {
            String name = (i < 16 ? "xmm" : "upper half of ymm") + (i & 15);
            assertEquals(steps.getLong(half(i)), blocks.getLong(half(i)), name);
            assertEquals(steps.getLong(half(i) + 8), blocks.getLong(half(i) + 8), name);
        }
        for (int i = 0; i < 8; i++) {
            int at = VectorLayout.ST_OFFSET + 16 * i;
            assertEquals(steps.getLong(at), blocks.getLong(at), "st" + i);
        }
    }

    /** Adds to each of 16 registers. */
    private static String addToAll(String instruction, String register) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 16; i++) {
            int source = i + 1 & 15;
            String first = instruction.startsWith("v") ? "%" + register + i + ", " : "";
            text.append("%s %%%s%d, %s%%%s%d\n".formatted(instruction, register, source, first, register, i));
        }
        return text.toString();
    }

    @ParameterizedTest
    @ValueSource(strings = {"paddd xmm", "vpaddd ymm"})
    void aLoopStaysInBlocks(String instruction) throws Exception {
        String[] words = instruction.split(" ", -1);
        String source = "1: " + addToAll(words[0], words[1]) + "dec %ecx; jnz 1b; hlt";
        try (RunFixture steps = cpu(source, Integer.MAX_VALUE);
                RunFixture blocks = cpu(source, Runs.THRESHOLD)) {
            runToEnd(steps);
            runToEnd(blocks);
            same(steps.cpu, blocks.cpu);
            RunCounters counters = blocks.runs.counters();
            assertTrue(counters.steps() < WARM, counters::toString);
            assertTrue(counters.entries() < WARM, counters::toString);
        }
    }

    /** What a loop does, with jumps that make blocks of it, instructions that Java does, and upper halves that are used or not. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "paddd %xmm1, %xmm0; test $1, %ecx; jz 2f; vpaddd %ymm3, %ymm2, %ymm2; 2: paddd %xmm2, %xmm15",
                "vpaddd %ymm3, %ymm2, %ymm2; test $7, %ecx; jnz 2f; vzeroupper; 2: paddd %xmm2, %xmm4",
                "test $7, %ecx; jnz 2f; vzeroupper; 2: paddd %xmm2, %xmm4; jmp 3f; 3: vpaddd %ymm4, %ymm3, %ymm3",
                "vzeroupper; stmxcsr (%rdi); vpaddd %xmm4, %xmm3, %xmm3",
                "vpcmpeqd %ymm0, %ymm0, %ymm0; vpcmpeqd %ymm9, %ymm9, %ymm9; vpcmpeqd %ymm15, %ymm15, %ymm15; stmxcsr"
                        + " (%rdi); vzeroupper",
                "vpaddd %ymm2, %ymm4, %ymm4; vzeroupper; vpcmpeqd %ymm5, %ymm5, %ymm5; jmp 2f; 2: stmxcsr (%rdi)",
                "vpaddd %ymm4, %ymm3, %ymm3; vzeroupper; stmxcsr (%rdi); vpaddd (%rdi), %ymm5, %ymm5",
                "test $3, %ecx; jnz 2f; vzeroall; 2: paddd %xmm2, %xmm4; vpaddd (%rdi), %ymm4, %ymm3; movups %xmm3,"
                        + " (%rdi)",
                "paddd %xmm2, %xmm4; stmxcsr (%rdi); paddd %xmm4, %xmm15; stmxcsr (%rdi); paddd %xmm15, %xmm0",
                "vpaddd %ymm2, %ymm4, %ymm4; stmxcsr (%rdi); vpaddd %ymm4, %ymm15, %ymm15; stmxcsr (%rdi); jmp 2f; 2:"
                        + " vpaddd %ymm15, %ymm2, %ymm2",
                "vpaddd %ymm2, %ymm4, %ymm4; vmaskmovps (%rdi), %ymm2, %ymm15; vpaddd %ymm4, %ymm15, %ymm2; vmovups"
                        + " %ymm4, (%rdi)",
                "vpcmpeqd %ymm6, %ymm6, %ymm6; vpxor %ymm7, %ymm7, %ymm7; vpgatherdd %ymm6, (%rdi,%ymm7), %ymm5; paddd"
                        + " %xmm5, %xmm8; vpaddd %ymm5, %ymm9, %ymm9; vmovups %ymm9, (%rdi)",
                "vpaddd %ymm2, %ymm4, %ymm4; fld1; vpaddd %ymm2, %ymm4, %ymm5; fstp %st(0); vpaddd %ymm5, %ymm15,"
                        + " %ymm15; stmxcsr (%rdi)",
                "paddd %xmm2, %xmm4; movq2dq %mm3, %xmm5; paddd %mm3, %mm4; paddd %xmm5, %xmm15; movdq2q %xmm15, %mm3;"
                        + " emms; stmxcsr (%rdi)",
                "stmxcsr (%rdi); paddd %mm3, %mm4; paddd %xmm4, %xmm15; movdq2q %xmm15, %mm3; vpaddd %ymm15, %ymm1,"
                        + " %ymm1; stmxcsr (%rdi); vpaddd %ymm15, %ymm1, %ymm1; paddd %mm3, %mm4; emms",
                "cmp $500, %ecx; movaps %xmm1, %xmm2; adc $0, %rax; cmp $300, %ecx; vpaddd %ymm2, %ymm3, %ymm3; adc $0,"
                        + " %rax; stc; jmp 2f; 2: vpaddd %ymm3, %ymm1, %ymm1; adc $0, %rdx; stc; jmp 2f; 2: paddd"
                        + " %xmm3, %xmm1; adc $0, %rdx",
                "movups %xmm4, 0xff8(%rdi); paddd %xmm15, %xmm4; movups 0xffc(%rdi), %xmm15; paddd %xmm4, %xmm15",
                "vmovups %ymm4, 0xff8(%rdi); vpaddd %ymm15, %ymm4, %ymm4; vmovups 0xffc(%rdi), %ymm15; vpaddd %ymm4,"
                        + " %ymm15, %ymm4",
                "call 2f; paddd %xmm4, %xmm9; jmp 3f; 2: vpaddd %ymm9, %ymm10, %ymm10; vzeroupper; ret; 3: vpaddd"
                        + " %ymm10, %ymm4, %ymm4",
            })
    void blocksDoWhatStepsDo(String body) throws Exception {
        String source = "1: " + body + "; dec %ecx; jnz 1b; hlt";
        try (RunFixture steps = cpu(source, Integer.MAX_VALUE);
                RunFixture blocks = cpu(source, Runs.THRESHOLD)) {
            runToEnd(steps);
            memory.copyIn(new byte[8192], 0, DATA, 8192);
            runToEnd(blocks);
            same(steps.cpu, blocks.cpu);
        }
        memory.copyIn(new byte[8192], 0, DATA, 8192);
        try (RunFixture steps = cpu(source, Integer.MAX_VALUE);
                RunFixture checked = begin(RunFixture.checked(memory, pages, LongUnaryOperator.identity()))) {
            runToEnd(steps);
            memory.copyIn(new byte[8192], 0, DATA, 8192);
            runToEnd(checked); // lock step: it would be told if they differed on the way
            same(steps.cpu, checked.cpu);
            assertTrue(checked.runs.counters().compared() > 10);
        }
    }

    /** With what was done before it done, and all else as it was. */
    @ParameterizedTest
    @ValueSource(strings = {"paddd xmm", "vpaddd ymm"})
    void aPageFaultLeavesWhatWasDoneBefore(String instruction) throws Exception {
        String[] words = instruction.split(" ", -1);
        String move = words[0].startsWith("v") ? "vmovups %ymm0" : "movups %xmm0";
        String source = "1: " + addToAll(words[0], words[1]) + move + ", 0x1000(%rdi); dec %ecx; jnz 1b; hlt";
        try (RunFixture steps = cpu(source, Integer.MAX_VALUE);
                RunFixture blocks = cpu(source, Runs.THRESHOLD)) {
            for (RunFixture fixture : List.of(steps, blocks)) {
                runToEnd(fixture);
                begin(fixture);
                map(fixture, DATA + 4096, false);
                CpuFault fault = run(fixture);
                assertEquals(Vectors.PF, fault.vector());
                assertEquals(DATA + 4096, fault.linear());
                assertEquals(TURNS, fixture.cpu.gpr(CpuBlock.RCX));
                map(fixture, DATA + 4096, true);
            }
            same(steps.cpu, blocks.cpu);
            runToEnd(steps);
            runToEnd(blocks);
            same(steps.cpu, blocks.cpu);
            assertTrue(blocks.runs.counters().steps() < WARM);
        }
    }

    private void map(RunFixture fixture, long page, boolean present) {
        memory.putLong(PAGE_TABLE + 8 * (page >>> 12 & 511), page | (present ? 7 : 6));
        fixture.mmu.invalidate(page);
    }

    /** Registers that Java changes where the loop has left for it. */
    @Test
    void aTaskSwitchInTheMiddleIsSeenByTheNextInstruction() throws Exception {
        String source = "1: paddd %xmm3, %xmm2; mov %cr0, %rax; paddd %xmm3, %xmm2; dec %ecx; jnz 1b; hlt";
        try (RunFixture fixture = cpu(source, Runs.THRESHOLD)) {
            long expected = 0;
            fixture.cpu.putLong(half(2), 0);
            for (int i = 1; i < 50; i++) {
                long addend = fixture.cpu.getLong(half(3));
                assertEquals(Vectors.GP, run(fixture).vector()); // MOV from CR0, not of this fixture's
                assertEquals(expected + addend, fixture.cpu.getLong(half(2)));
                fixture.cpu.setRip(fixture.cpu.rip() + 3);
                setTaskSwitched(fixture, true);
                assertEquals(Vectors.NM, run(fixture).vector());
                setTaskSwitched(fixture, false);
                fixture.cpu.putLong(half(3), i);
                expected += addend + i;
            }
        }
    }

    private static void setTaskSwitched(RunFixture fixture, boolean set) {
        long cr0 = fixture.cpu.cr0() & ~Bits.CR0_TS;
        fixture.cpu.putLong(StateLayout.CR0_OFFSET, set ? cr0 | Bits.CR0_TS : cr0);
        fixture.cpu.modeChanged();
    }

    /** Two vCPUs on one thread, and a third one that is always called away: none has another's registers. */
    @ParameterizedTest
    @ValueSource(strings = {"paddd xmm", "vpaddd ymm"})
    void processorsInTurnsAndInterrupted(String instruction) throws Exception {
        String[] words = instruction.split(" ", -1);
        String source = "1: " + addToAll(words[0], words[1]) + "dec %ecx; jnz 1b; hlt";
        try (RunFixture steps = cpu(source, Integer.MAX_VALUE);
                RunFixture blocks = cpu(source, Runs.THRESHOLD);
                RunFixture other = cpu(source, Runs.THRESHOLD)) {
            runToEnd(steps);
            for (int i = 0; i < 20; i++) {
                other.cpu.putLong(half(9), i);
                runToEnd(other);
                begin(other);
                runToEnd(blocks);
                same(steps.cpu, blocks.cpu);
                begin(blocks);
            }
            Thread thread = Thread.ofPlatform().start(() -> {
                for (int i = 0; i < 200; i++) {
                    begin(blocks);
                    runToEnd(blocks);
                }
            });
            while (thread.isAlive()) {
                blocks.attention.raise();
            }
            thread.join();
            same(steps.cpu, blocks.cpu);
        }
    }
}
