package io.javisor.emulator.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.host.MachineCode;
import io.javisor.core.memory.GuestMemory;
import io.javisor.emulator.decode.Feature;
import io.javisor.emulator.emit.CodeMemory;
import io.javisor.emulator.state.Bits;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.CpuFault;
import io.javisor.emulator.state.StateLayout;
import io.javisor.emulator.state.VectorLayout;
import io.javisor.emulator.state.Vectors;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** x87 and MMX registers that stay in the host's while blocks run, and what the guest sees of them when it looks. */
@Timeout(60)
class X87RunTest {
    private static final long CODE = 0x10_0000;
    private static final long DATA = 0x30_0000;
    private static final long TABLES = 0x1000;
    private static final long PAGE_TABLE = 0x4000;
    private static final int RAM_SIZE = 16 << 20;
    private static final int TURNS = 10_000;

    /** What a guest's last instruction was, from its environment as FNSTENV has it at {@link #DATA}. */
    private static final int ENVIRONMENT_FIP = 12;

    private static final int ENVIRONMENT_FOP = 18;
    private static final int ENVIRONMENT_FDP = 20;

    private final GuestMemory memory =
            new GuestMemory(List.of(new GuestMemory.Region(0, Arena.ofAuto().allocate(RAM_SIZE, 4096))));
    private final CodePages pages = new CodePages(RAM_SIZE);

    X87RunTest() {
        memory.putLong(TABLES, 0x2007);
        memory.putLong(0x2000, 0x3007);
        memory.putLong(0x3000, 0x87);
        memory.putLong(0x3008, PAGE_TABLE | 7);
        for (int i = 0; i < 512; i++) {
            memory.putLong(PAGE_TABLE + 8L * i, 0x20_0007 + ((long) i << 12));
        }
        memory.observeWrites(pages);
    }

    private RunFixture cpu() {
        RunFixture fixture = new RunFixture(memory, pages, Feature.all());
        fixture.start(TABLES, 3);
        fixture.cpu.setRip(CODE);
        fixture.cpu.setGpr(CpuBlock.RDI, DATA);
        fixture.cpu.setGpr(CpuBlock.RCX, TURNS);
        return fixture;
    }

    private void load(String source) throws IOException, InterruptedException {
        byte[] code = Assembly.assemble(source);
        memory.copyIn(code, 0, CODE, code.length);
    }

    /** Runs to a fault, that of the HLT at the end unless another is told. */
    private static CpuFault run(RunFixture fixture) {
        return assertThrows(CpuFault.class, fixture::run);
    }

    private static void runToEnd(RunFixture fixture) {
        assertEquals(Vectors.GP, run(fixture).vector());
    }

    private static int top(RunFixture fixture) {
        return fixture.cpu.getInt(VectorLayout.FCW_OFFSET) >>> 27 & 7;
    }

    private static int tags(RunFixture fixture) {
        return fixture.cpu.getInt(VectorLayout.FTW_OFFSET) & 0xff;
    }

    private double number(int at) {
        return Double.longBitsToDouble(memory.getLong(DATA + at));
    }

    @Test
    void aLoopStaysInBlocks() throws Exception {
        load("""
            fld1
            fld1
            fadd %st(0)
            fld1
            1: fdiv %st(1), %st
            fadd %st(2), %st
            fcomi %st(1), %st
            ja 2f
            fstl (%rdi)
            fildl 8(%rdi)
            fiaddl 8(%rdi)
            fistpll 8(%rdi)
            2: dec %ecx
            jnz 1b
            hlt
            """);
        memory.putLong(DATA + 8, 1);
        try (RunFixture fixture = cpu()) {
            runToEnd(fixture);
            assertEquals(2.0, number(0), 1e-15);
            assertTrue(fixture.runs.counters().steps() < 200, fixture.runs.counters()::toString);
            assertEquals(5, top(fixture));
            assertEquals(0b1110_0000, tags(fixture));
        }
    }

    @Test
    void anMmxLoopStaysInBlocks() throws Exception {
        load("""
            1: movq (%rdi), %mm0
            paddd %mm0, %mm1
            movq %mm1, 8(%rdi)
            cvtpi2ps %mm0, %xmm1
            dec %ecx
            jnz 1b
            fldenv 64(%rdi)
            movq2dq %mm1, %xmm2
            hlt
            """);
        memory.putLong(DATA, 0x3_0000_0001L);
        memory.putInt(DATA + 64, 0x37f);
        memory.putInt(DATA + 64 + 8, 0x0fff); // which of the registers are in use
        try (RunFixture fixture = cpu()) {
            runToEnd(fixture);
            assertEquals(TURNS * 0x3_0000_0001L, memory.getLong(DATA + 8));
            assertEquals(TURNS * 0x3_0000_0001L, fixture.cpu.getLong(VectorLayout.XMM_OFFSET + 32));
            assertEquals(
                    Float.floatToRawIntBits(3) * (1L << 32) + Float.floatToRawIntBits(1),
                    fixture.cpu.getLong(VectorLayout.XMM_OFFSET + 16));
            assertTrue(fixture.runs.counters().steps() < 200, fixture.runs.counters()::toString);
            assertEquals(0xff, tags(fixture));
        }
    }

    /** The instruction before FNSTENV, its operand, and where they are: none of the host's addresses. */
    @Test
    void theGuestFindsItsOwnPointers() throws Exception {
        load("""
            fldl (%rdi)
            1: fld1
            faddp
            lea 1b(%rip), %rsi
            nop
            fnstenv 64(%rdi)
            fxsave64 512(%rdi)
            fldcw 64(%rdi)
            dec %ecx
            jnz 1b
            hlt
            """);
        try (RunFixture fixture = cpu()) {
            runToEnd(fixture);
            long faddp = fixture.cpu.gpr(CpuBlock.RSI) + 2;
            assertEquals((int) faddp, memory.getInt(DATA + 64 + ENVIRONMENT_FIP));
            assertEquals(0x6c1, memory.getShort(DATA + 64 + ENVIRONMENT_FOP));
            assertEquals((int) DATA, memory.getInt(DATA + 64 + ENVIRONMENT_FDP));
            assertEquals(faddp, memory.getLong(DATA + 512 + 8));
            assertEquals(DATA, memory.getLong(DATA + 512 + 16));
            assertEquals(0x6c1, memory.getShort(DATA + 512 + 6));
        }
    }

    /** The block before knows the last instruction, and this one leaves it before its first. */
    @Test
    void thePointersOutliveTheirBlock() throws Exception {
        load("""
            fldz
            1: fadds (%rdi)
            jmp 2f
            2: fnstenv 64(%rdi)
            fldcw 64(%rdi)
            dec %ecx
            jnz 1b
            lea 1b(%rip), %rsi
            hlt
            """);
        try (RunFixture fixture = cpu()) {
            runToEnd(fixture);
            assertEquals((int) fixture.cpu.gpr(CpuBlock.RSI), memory.getInt(DATA + 64 + ENVIRONMENT_FIP));
            assertEquals((int) DATA, memory.getInt(DATA + 64 + ENVIRONMENT_FDP));
        }
    }

    @Test
    void aTaskSwitchInTheMiddleIsSeenByTheNextInstruction() throws Exception {
        load("""
            1: fld1
            fadds (%rdi)
            mov %cr0, %rax
            nop
            fstps 4(%rdi)
            dec %ecx
            jnz 1b
            hlt
            """);
        memory.putInt(DATA, Float.floatToRawIntBits(2));
        try (RunFixture fixture = cpu()) {
            int switches = 0;
            for (int i = 0; i < TURNS; i++) {
                assertEquals(Vectors.GP, run(fixture).vector()); // MOV from CR0, not of this fixture's: the loop's turn
                long rip = fixture.cpu.rip();
                fixture.cpu.setRip(rip + 3);
                if (i % 100 < 50) {
                    continue;
                }
                setTaskSwitched(fixture, true);
                assertEquals(Vectors.NM, run(fixture).vector());
                assertEquals(rip + 4, fixture.cpu.rip());
                assertEquals(7, top(fixture));
                setTaskSwitched(fixture, false);
                switches++;
            }
            runToEnd(fixture);
            assertEquals(TURNS / 2, switches);
            assertEquals(3f, Float.intBitsToFloat(memory.getInt(DATA + 4)));
            assertEquals(0, top(fixture));
        }
    }

    private static void setTaskSwitched(RunFixture fixture, boolean set) {
        long cr0 = fixture.cpu.cr0() & ~Bits.CR0_TS;
        fixture.cpu.putLong(StateLayout.CR0_OFFSET, set ? cr0 | Bits.CR0_TS : cr0);
        fixture.cpu.modeChanged();
    }

    @Test
    void anExceptionThatIsNotMaskedIsToldAtTheNextInstruction() throws Exception {
        load("""
            1: fld1
            fldz
            cmp $1, %ecx
            jne 2f
            fldcw (%rdi)
            2: fdivrp
            lea 1b(%rip), %rsi
            fld1
            fstp %st(0)
            fstp %st(0)
            dec %ecx
            jnz 1b
            hlt
            """);
        memory.putInt(DATA, 0x37b);
        try (RunFixture fixture = cpu()) {
            CpuFault fault = run(fixture);
            assertEquals(Vectors.MF, fault.vector());
            assertEquals(1, fixture.cpu.gpr(CpuBlock.RCX));
            long fdivrp = fixture.cpu.getLong(VectorLayout.FIP_OFFSET);
            assertEquals(fdivrp + 2 + 7, fixture.cpu.rip());
            assertEquals(0x37b, fixture.cpu.getInt(VectorLayout.FCW_OFFSET) & 0xffff);
            assertEquals(6, top(fixture)); // neither popped nor divided
            assertEquals(4, fixture.cpu.getInt(VectorLayout.FCW_OFFSET) >>> 16 & 0x3f);
        }
    }

    /** With what was done before it done, and the pointers at that. */
    @ParameterizedTest
    @ValueSource(ints = {0xffc, 0x1000})
    void aPageFaultLeavesWhatWasDoneBefore(int at) throws Exception {
        load("""
            fld1
            1: fadds (%rdi)
            fld %st(0)
            fstpt (%rdi,%rsi)
            dec %ecx
            jnz 1b
            hlt
            """);
        memory.putInt(DATA, Float.floatToRawIntBits(1));
        try (RunFixture fixture = cpu()) {
            fixture.cpu.setGpr(CpuBlock.RSI, at);
            for (int i = 0; i < Runs.THRESHOLD; i++) {
                again(fixture);
            }
            begin(fixture);
            map(fixture, DATA + 4096, false);
            long steps = fixture.runs.counters().steps();
            CpuFault fault = run(fixture);
            assertEquals(Vectors.PF, fault.vector());
            assertEquals(DATA + 4096, fault.linear());
            assertEquals(6, top(fixture));
            assertEquals(0xc0, tags(fixture));
            assertEquals(fixture.cpu.rip() - 2, fixture.cpu.getLong(VectorLayout.FIP_OFFSET));
            assertEquals(0x1c0, fixture.cpu.getInt(VectorLayout.FOP_OFFSET - 2) >>> 16);
            assertEquals(DATA, fixture.cpu.getLong(VectorLayout.FDP_OFFSET));
            assertEquals(steps, fixture.runs.counters().steps());

            map(fixture, DATA + 4096, true);
            runToEnd(fixture);
            assertEquals(7, top(fixture));
            assertEquals((TURNS + 1L) << 50, memory.getLong(DATA + at)); // the significand of a number below 1 << 14
        }
    }

    private void map(RunFixture fixture, long page, boolean present) {
        memory.putLong(PAGE_TABLE + 8 * (page >>> 12 & 511), page | (present ? 7 : 6));
        fixture.mmu.invalidate(page);
    }

    @Test
    void twoProcessorsInTurnsAndAtOnce() throws Exception {
        load("""
            fldz
            1: fadds (%rdi)
            dec %ecx
            jnz 1b
            fstl 8(%rdi)
            hlt
            """);
        memory.putInt(DATA, Float.floatToRawIntBits(1));
        memory.putInt(DATA + 64, Float.floatToRawIntBits(3));
        AtomicReference<Throwable> failure = new AtomicReference<>();
        try (RunFixture one = cpu();
                RunFixture other = cpu()) {
            other.cpu.setGpr(CpuBlock.RDI, DATA + 64);
            for (int i = 0; i < 20; i++) {
                Thread thread = new Thread(() -> again(one), "one");
                thread.setUncaughtExceptionHandler((_, e) -> failure.set(e));
                thread.start();
                again(other);
                thread.join();
                assertNull(failure.get());
                assertEquals(TURNS, number(8));
                assertEquals(3 * TURNS, number(64 + 8));
            }
            for (int i = 0; i < 20; i++) { // one thread, which leaves with each of them in the loop
                again(one);
                again(other);
                assertEquals(TURNS, number(8));
                assertEquals(3 * TURNS, number(64 + 8));
            }
        }
    }

    private static void again(RunFixture fixture) {
        begin(fixture);
        runToEnd(fixture);
    }

    /** At the program's start, with an empty stack. */
    private static void begin(RunFixture fixture) {
        fixture.cpu.setRip(CODE);
        fixture.cpu.setGpr(CpuBlock.RCX, TURNS);
        fixture.cpu.putInt(VectorLayout.FCW_OFFSET, VectorLayout.FCW_RESET);
        fixture.cpu.putInt(VectorLayout.FTW_OFFSET, fixture.cpu.getInt(VectorLayout.FTW_OFFSET) & 0xffff_0000);
    }

    /** An empty stack and the control word of the ABI, though the guest rounds down to 24 bits and has left its stack full. */
    @Test
    void javaFindsTheHostsX87AsItWas() throws Exception {
        load("""
            fldcw (%rdi)
            1: fld1
            dec %ecx
            jnz 1b
            hlt
            """);
        memory.putInt(DATA, 0x43f | 0x40);
        byte[] fnstenv = {(byte) 0xd9, 0x37, (byte) 0xd9, 0x27, (byte) 0xc3}; // fnstenv [rdi]; fldenv [rdi]; ret
        try (RunFixture fixture = cpu();
                CodeMemory code = CodeMemory.map(4096);
                Arena arena = Arena.ofConfined()) {
            runToEnd(fixture);
            assertEquals(0x47f, fixture.cpu.getInt(VectorLayout.FCW_OFFSET) & 0xffff);
            assertEquals(0xff, tags(fixture));
            MemorySegment environment = arena.allocate(32, 16);
            MemorySegment.copy(fnstenv, 0, code.bytes(), ValueLayout.JAVA_BYTE, 0, fnstenv.length);
            long _ = MachineCode.call(MachineCode.at(code.executableHva(0)), environment.address(), 0);
            assertEquals(0x37f, environment.get(ValueLayout.JAVA_SHORT, 0));
            assertEquals((short) 0xffff, environment.get(ValueLayout.JAVA_SHORT, 8));
        }
    }
}
