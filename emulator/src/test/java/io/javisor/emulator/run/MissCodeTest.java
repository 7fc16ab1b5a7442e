package io.javisor.emulator.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.javisor.core.memory.GuestMemory;
import io.javisor.emulator.cpu.HostFeatures;
import io.javisor.emulator.decode.Feature;
import io.javisor.emulator.mmu.Tlb;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.CpuFault;
import io.javisor.emulator.state.Vectors;
import java.lang.foreign.Arena;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Accesses of blocks to pages that share an index of the TLB: two, which its ways have, and more. */
final class MissCodeTest {
    private static final int RAM_SIZE = 12 << 20;
    private static final long TABLES = 0x1000;
    private static final long DIRECTORY = 0x3000;
    private static final long CODE = 0x10_0000;
    private static final long STACK = 0x18_0000;

    /** What is as far apart shares an index. */
    private static final long APART = Tlb.ENTRIES * 4096L;

    private static final long DATA = 0x4000;
    private static final int TURNS = 3000;

    /** Steps until blocks are made. */
    private static final int WARM = 200;

    private final GuestMemory memory =
            new GuestMemory(List.of(new GuestMemory.Region(0, Arena.ofAuto().allocate(RAM_SIZE, 4096))));
    private final CodePages pages = new CodePages(RAM_SIZE);

    MissCodeTest() {
        memory.putLong(TABLES, 0x2007);
        memory.putLong(0x2000, DIRECTORY | 7);
        memory.putLong(DIRECTORY, 0x87);
        for (int i = 1; i < 6; i++) {
            memory.putLong(directory(i), 0x87 | (long) i << 21);
            memory.putLong(gpa(i), 1000 + i);
        }
        memory.observeWrites(pages);
    }

    private static long directory(int i) {
        return DIRECTORY + 8 * ((i * APART) >> 21);
    }

    private static long linear(int i) {
        return i * APART + DATA;
    }

    private static long gpa(int i) {
        return ((long) i << 21) + DATA;
    }

    private RunFixture cpu(String source, int threshold) throws Exception {
        byte[] code = Assembly.assemble(source);
        memory.copyIn(code, 0, CODE, code.length);
        RunFixture fixture = new RunFixture(memory, pages, Feature.all(), threshold);
        fixture.start(TABLES, 3);
        fixture.cpu.setRip(CODE);
        fixture.cpu.setGpr(CpuBlock.RSP, STACK);
        fixture.cpu.setGpr(CpuBlock.RCX, TURNS);
        fixture.cpu.setGpr(CpuBlock.RBX, linear(1));
        fixture.cpu.setGpr(CpuBlock.RSI, linear(2));
        fixture.cpu.setGpr(CpuBlock.RDI, linear(3));
        fixture.cpu.setGpr(13, linear(4));
        return fixture;
    }

    private static CpuFault run(RunFixture fixture) {
        return assertThrows(CpuFault.class, fixture::run);
    }

    private static void runToHlt(RunFixture fixture) {
        CpuFault fault = run(fixture);
        assertEquals(Vectors.GP, fault.vector(), fault::getMessage);
    }

    @Test
    void twoPagesOfAnIndexAreBothThere() throws Exception {
        try (RunFixture fixture = cpu("""
            1: add (%rbx), %rax
            add %rcx, (%rsi)
            addl $1, 8(%rbx)
            dec %ecx
            jnz 1b
            hlt
            """, 3)) {
            runToHlt(fixture);
            assertEquals(1001L * TURNS, fixture.cpu.gpr(CpuBlock.RAX));
            assertEquals(1002 + TURNS * (TURNS + 1L) / 2, memory.getLong(gpa(2)));
            assertEquals(TURNS, memory.getLong(gpa(1) + 8));
            assertTrue(fixture.mmu.walks() < 50, () -> fixture.mmu.walks() + " walks");
            assertTrue(
                    fixture.runs.counters().steps() < WARM,
                    () -> fixture.runs.counters().steps() + " steps");
            assertTrue(
                    fixture.runs.counters().entries() < WARM,
                    () -> fixture.runs.counters().entries() + " entries");
        }
    }

    /** Each access misses; none is a step. The flags, x87's registers and both operands of an instruction outlive it. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "mov (%rbx), %rax; add (%rsi), %rax; adc %rax, (%rdi); lea (%rdx, %rax), %rdx",
                "cmp $1, %rcx; mov (%rbx), %rax; mov (%rsi), %r9; mov (%rdi), %r10; adc %r9, %rdx; adc %r10, (%r13)",
                "fildq (%rbx); fildq (%rsi); faddp; fildq (%rdi); faddp; fistpq (%r13); add (%r13), %rdx",
                "movdqu (%rbx), %xmm0; paddq (%rsi), %xmm0; paddq (%rdi), %xmm0; movdqa %xmm0, (%r13); add (%r13),"
                        + " %rdx",
                "vmovdqu (%rbx), %ymm0; vpaddq (%rsi), %ymm0, %ymm0; vpaddq (%rdi), %ymm0, %ymm1; vmovdqa %ymm1,"
                        + " (%r13); add 16(%r13), %rdx; add (%r13), %rdx; incq 16(%rsi)",
                "mov %rsp, %r8; lea 64(%rdi), %rsp; push (%rbx); push (%rsi); pop %r9; pop %rax; mov %r9, (%r13); mov"
                        + " %r8, %rsp; add %rax, %rdx",
                "push %rcx; push %rsi; push %rdi; mov $3, %ecx; rep movsq; pop %rdi; pop %rsi; pop %rcx; add (%rdi),"
                        + " %rdx; incq (%rsi); incq (%rbx)",
                "lock xadd %rax, (%rbx); lock cmpxchg %rcx, (%rsi); btsq %rcx, (%rdi); xchg %rdx, (%r13)",
                "lea 2f(%rip), %rax; mov %rax, (%rbx); mov %rax, (%rsi); incq (%rdi); mov %rsp, %r8; lea 64(%r13),"
                        + " %rsp; call *(%rbx); call *(%rsi); mov %r8, %rsp; jmp 3f; 2: inc %rdx; ret; 3: nop"
            })
    void moreAreFilledInPlaceOfSteps(String body) throws Exception {
        assumeTrue(
                !body.contains("ymm") || HostFeatures.ofHost().contains(Feature.AVX2),
                "the host's processor has no AVX2");
        String source = "1: " + body + "; dec %ecx; jnz 1b; mov (%rbx), %r8; mov (%rsi), %r9; mov (%rdi), %r10; hlt";
        long[][] ends = new long[2][16];
        for (int i = 0; i < 2; i++) {
            for (int k = 1; k < 6; k++) {
                for (int at = -256; at < 1024; at += 8) {
                    memory.putLong(gpa(k) + at, at == 0 ? 1000 + k : 0);
                }
            }
            try (RunFixture fixture = cpu(source, i == 0 ? Integer.MAX_VALUE : 3)) {
                runToHlt(fixture);
                for (int r = 0; r < 16; r++) {
                    ends[i][r] = fixture.cpu.gpr(r);
                }
                if (i == 1) {
                    RunCounters counters = fixture.runs.counters();
                    assertTrue(counters.missExits > TURNS / 2, () -> counters.missExits + " misses");
                    assertTrue(counters.steps() < WARM, () -> counters.steps() + " steps");
                }
            }
        }
        assertArrayEquals(ends[0], ends[1]);
    }

    /** The fault is that of the instruction, and what it sees is what was before. */
    @Test
    void aPageThatMayNotBeWrittenFaultsThere() throws Exception {
        try (RunFixture fixture = cpu("""
            1: mov (%rbx), %rax
            mov (%rsi), %r9
            mov (%rdi), %r8
            inc %rdx
            mov %rdx, (%r13)
            dec %ecx
            jnz 1b
            hlt
            """, 3)) {
            runToHlt(fixture);
            assertEquals(TURNS, memory.getLong(gpa(4)));
            assertNotEquals(0, memory.getLong(directory(4)) & 0x40);
            memory.putLong(directory(4), 0x85 | 4L << 21);
            fixture.mmu.invalidate(linear(4));
            fixture.cpu.setRip(CODE);
            fixture.cpu.setGpr(CpuBlock.RCX, 9);
            CpuFault fault = run(fixture);
            assertEquals(Vectors.PF, fault.vector());
            assertEquals(7, fault.errorCode());
            assertEquals(linear(4), fault.linear());
            assertEquals(CODE + 12, fixture.cpu.rip());
            assertEquals(TURNS + 1, fixture.cpu.gpr(CpuBlock.RDX));
            assertEquals(9, fixture.cpu.gpr(CpuBlock.RCX));
            assertEquals(TURNS, memory.getLong(gpa(4)));
            assertEquals(0, memory.getLong(directory(4)) & 0x40);
        }
    }

    /** What is not aligned faults for that, and makes no page dirty. */
    @Test
    void whatFaultsForItsAlignmentLeavesNoTrace() throws Exception {
        try (RunFixture fixture = cpu("""
            1: movdqa %xmm0, (%rbx)
            dec %ecx
            jnz 1b
            hlt
            """, 3)) {
            runToHlt(fixture);
            memory.putLong(directory(2), 0x87 | 2L << 21);
            fixture.cpu.setRip(CODE);
            fixture.cpu.setGpr(CpuBlock.RBX, linear(2) + 8);
            assertEquals(Vectors.GP, run(fixture).vector());
            assertEquals(CODE, fixture.cpu.rip());
            assertEquals(0, memory.getLong(directory(2)) & 0x40);
        }
    }

    /** Code among the data: each write is told, also if its page is in the second way. */
    @Test
    void writesToCodeOfASharedIndexAreSeen() throws Exception {
        byte[] called = Assembly.assemble("mov $1, %eax; ret");
        memory.copyIn(called, 0, gpa(1) + 64, called.length);
        try (RunFixture fixture = cpu("""
            lea 64(%rbx), %r14
            1: mov %cl, 65(%rbx)
            mov (%rsi), %r9
            mov (%rdi), %r10
            call *%r14
            add %rax, %rdx
            dec %ecx
            jnz 1b
            hlt
            """, 3)) {
            fixture.cpu.setGpr(CpuBlock.RCX, 100);
            runToHlt(fixture);
            assertEquals(100 * 101 / 2, fixture.cpu.gpr(CpuBlock.RDX));
        }
    }

    /** Whoever looks at a vCPU that left for a miss finds RIP at the instruction, not begun. */
    @Test
    void attentionBetweenMisses() throws Exception {
        try (RunFixture fixture = cpu("""
            1: add (%rbx), %rax
            add (%rsi), %rax
            add (%rdi), %rax
            incq (%r13)
            dec %ecx
            jnz 1b
            hlt
            """, 3)) {
            int turns = 300_000;
            fixture.cpu.setGpr(CpuBlock.RCX, turns);
            Thread thread = Thread.ofPlatform().start(() -> runToHlt(fixture));
            while (thread.isAlive()) {
                fixture.attention.raise();
            }
            thread.join();
            assertEquals((1001L + 1002 + 1003) * turns, fixture.cpu.gpr(CpuBlock.RAX));
            assertEquals(1004 + turns, memory.getLong(gpa(4)));
        }
    }
}
