package io.javisor.emulator.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.memory.GuestMemory;
import io.javisor.emulator.decode.Feature;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.CpuFault;
import io.javisor.emulator.state.Vectors;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Indirect jumps and returns of blocks: which targets are known, and what those that are not leave to Java. */
@Timeout(60)
class JumpCacheTest {
    private static final int TURNS = 1000;
    private static final long CODE = 0x10_0000;
    private static final long START = CODE + 0x200;
    private static final long FUNCTION = CODE + 0x8000;
    private static final long STACK = 0x20_0000;
    private static final int RAM_SIZE = 16 << 20;
    private static final long TABLES = 0x1000;
    private static final int CALL_SIZE = 5;

    private final GuestMemory memory =
            new GuestMemory(List.of(new GuestMemory.Region(0, Arena.ofAuto().allocate(RAM_SIZE, 4096))));
    private final CodePages pages = new CodePages(RAM_SIZE);

    JumpCacheTest() {
        memory.putLong(TABLES, 0x2007);
        memory.putLong(0x2000, 0x3007);
        for (int i = 0; i < RAM_SIZE >> 21; i++) {
            memory.putLong(0x3000 + 8L * i, 0x87 | (long) i << 21);
        }
        memory.observeWrites(pages);
    }

    private RunFixture cpu() {
        // With patience for a page that is written to again and again.
        RunFixture fixture = new RunFixture(memory, pages, Feature.all(), Runs.THRESHOLD - 1);
        fixture.start(TABLES, 3);
        fixture.cpu.setGpr(CpuBlock.RSP, STACK);
        return fixture;
    }

    private void load(long gpa, String source) throws IOException, InterruptedException {
        byte[] code = Assembly.assemble(source);
        memory.copyIn(code, 0, gpa, code.length);
    }

    /** Runs to the HLT that ends the program, which is a fault. */
    private static void run(RunFixture fixture, long rip) {
        fixture.cpu.setRip(rip);
        CpuFault fault = assertThrows(CpuFault.class, fixture::run);
        assertEquals(
                Vectors.GP, fault.vector(), () -> fault.getMessage() + " at " + Long.toHexString(fixture.cpu.rip()));
    }

    private static long set(long rip) {
        return (rip >>> JumpCache.HASH_SHIFT ^ rip) & JumpCache.SETS - 1;
    }

    /** A loop of so many calls of one function, from where the returns have the same place in the jump cache. */
    private void loadCalls(int calls, String function) throws IOException, InterruptedException {
        load(FUNCTION, function);
        long place = START + CALL_SIZE;
        for (int i = 0; i < calls; i++) {
            long next = place + 64;
            while (set(next) != set(place)) {
                next++;
            }
            String call = "call .+" + (FUNCTION - place + CALL_SIZE) + "; ";
            boolean last = i == calls - 1;
            load(
                    place - CALL_SIZE,
                    call
                            + (last
                                    ? "dec %ecx; jz 1f; jmp .-" + (place + 4 - START) + "; 1: hlt"
                                    : "jmp .+" + (next - CALL_SIZE - place)));
            place = next;
        }
    }

    private long jumpExits(int calls, String function) throws IOException, InterruptedException {
        loadCalls(calls, function);
        try (RunFixture fixture = cpu()) {
            fixture.cpu.setGpr(CpuBlock.RCX, TURNS);
            run(fixture, START);
            assertEquals(0, fixture.cpu.gpr(CpuBlock.RCX));
            assertEquals((long) calls * TURNS, fixture.cpu.gpr(CpuBlock.RAX));
            assertEquals(STACK, fixture.cpu.gpr(CpuBlock.RSP));
            return fixture.runs.counters().jumpExits;
        }
    }

    @Test
    void twoTargetsWithTheSamePlaceAreBothKnown() throws Exception {
        long exits = jumpExits(2, "add $1, %eax; ret");
        assertTrue(exits < 20, () -> exits + " exits");
    }

    /** Of three, the one that comes next is never there; and what a return pops is popped on each way. */
    @Test
    void theThirdLeavesWithTheReturnDone() throws Exception {
        long exits = jumpExits(3, "add $1, %eax; push (%rsp); push (%rsp); ret $16");
        assertTrue(exits >= 3 * (TURNS - 10), () -> exits + " exits");
    }

    @Test
    void aReturnToWhatIsNotCanonicalFaultsAtTheReturn() throws Exception {
        loadCalls(1, "add $1, %eax; add %rdx, (%rsp); ret");
        try (RunFixture fixture = cpu()) {
            fixture.cpu.setGpr(CpuBlock.RCX, TURNS);
            run(fixture, START);
            fixture.cpu.setGpr(CpuBlock.RCX, TURNS);
            fixture.cpu.setGpr(CpuBlock.RDX, 0x8000_0000_0000L);
            run(fixture, START);
            assertEquals(TURNS, fixture.cpu.gpr(CpuBlock.RCX));
            assertEquals(STACK - 8, fixture.cpu.gpr(CpuBlock.RSP));
            assertEquals(FUNCTION + 7, fixture.cpu.rip());
            fixture.cpu.setGpr(CpuBlock.RSP, STACK);
            fixture.cpu.setGpr(CpuBlock.RDX, 0xFFFF_0000_0000_0000L);
            run(fixture, START);
            assertEquals(FUNCTION + 7, fixture.cpu.rip());
        }
    }

    /** It is called from three pages. What a write drops is its own page, the others are found as before. */
    @Test
    void aWriteToAPageForgetsItsTargetsAlone() throws Exception {
        StringBuilder calls = new StringBuilder();
        int functions = 40;
        for (int i = 0; i < functions; i++) {
            load(FUNCTION + 0x1000L * i, "add $1, %eax; ret");
            calls.append("call .+" + (FUNCTION + 0x1000L * i - CODE) + "-(.-1b); ");
        }
        load(CODE, "1: " + calls + "mov %cl, 4f+1(%rip); dec %ecx; jnz 1b; hlt; .balign 4096; 4: mov $0, %edx; ret");
        load(CODE + 0x2000, "1: call .-0x1000; dec %ecx; jnz 1b; hlt");
        try (RunFixture fixture = cpu()) {
            fixture.cpu.setGpr(CpuBlock.RCX, 100);
            run(fixture, CODE);
            for (int i = 0; i < 10; i++) {
                fixture.cpu.setGpr(CpuBlock.RCX, 10);
                run(fixture, CODE + 0x2000);
                long drops = fixture.runs.counters().drops();
                long exits = fixture.runs.counters().jumpExits;
                fixture.cpu.setGpr(CpuBlock.RCX, 1);
                run(fixture, CODE);
                assertEquals(drops + 1, fixture.runs.counters().drops());
                long found = fixture.runs.counters().jumpExits - exits;
                assertTrue(found < functions / 2, () -> found + " exits");
                fixture.cpu.setGpr(CpuBlock.RCX, 1);
                run(fixture, CODE + 0x2000);
                assertEquals(1, fixture.cpu.gpr(CpuBlock.RDX));
            }
        }
    }
}
