package io.javisor.emulator.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.memory.GuestMemory;
import io.javisor.emulator.decode.Feature;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.CpuFault;
import io.javisor.emulator.state.Vectors;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** MOVS, STOS and bit strings in blocks: what they do to memory and registers, and that no step does it. */
@Timeout(60)
class StringCodeTest {
    private static final int RAM_SIZE = 16 << 20;
    private static final long CODE = 0x10_0000;
    private static final long FROM = 0x20_0000;

    /** At other places of the TLB than the source. */
    private static final long TO = 0x68_0000;

    private static final long TABLES = 0x1000;

    /** The first 2 MiB from {@link #FROM} on again. */
    private static final long ALIAS = 0x200_0000;

    /** No RAM. */
    private static final long DEVICE = 0x280_0000;

    private static final long DEVICE_GPA = 0xE000_0000L;
    private static final int TURNS = 300;

    /** Steps until blocks are made and the TLB has all pages. */
    private static final int WARM = 60;

    private final GuestMemory memory =
            new GuestMemory(List.of(new GuestMemory.Region(0, Arena.ofAuto().allocate(RAM_SIZE, 4096))));
    private final CodePages pages = new CodePages(RAM_SIZE);
    private final byte[] expected = new byte[RAM_SIZE - (int) FROM];

    StringCodeTest() {
        memory.putLong(TABLES, 0x2007);
        memory.putLong(0x2000, 0x3007);
        for (int i = 0; i < RAM_SIZE >> 21; i++) {
            memory.putLong(0x3000 + 8L * i, 0x87 | (long) i << 21);
        }
        memory.putLong(0x3000 + 8 * (ALIAS >> 21), 0x87 | FROM);
        memory.putLong(0x3000 + 8 * (DEVICE >> 21), 0x87 | DEVICE_GPA);
        memory.observeWrites(pages);
        for (int i = 0; i < expected.length; i++) {
            expected[i] = (byte) (i * 167 + (i >> 8) * 13 + 7);
        }
        memory.copyIn(expected, 0, FROM, expected.length);
    }

    private RunFixture cpu() {
        RunFixture fixture = new RunFixture(memory, pages, Feature.all());
        fixture.start(TABLES, 3);
        return fixture;
    }

    private void load(String source) throws Exception {
        byte[] code = Assembly.assemble(source);
        memory.copyIn(code, 0, CODE, code.length);
    }

    private static CpuFault run(RunFixture fixture) {
        fixture.cpu.setRip(CODE);
        return assertThrows(CpuFault.class, fixture::run);
    }

    private static void runToHlt(RunFixture fixture) {
        CpuFault fault = run(fixture);
        assertEquals(Vectors.GP, fault.vector(), fault::getMessage);
    }

    private void checkMemory() {
        byte[] all = new byte[expected.length];
        memory.copyOut(FROM, all, 0, all.length);
        assertEquals(-1, Arrays.mismatch(expected, all));
    }

    private static int at(long gpa) {
        return (int) (gpa - FROM);
    }

    private static int size(String instruction) {
        return switch (instruction.charAt(instruction.length() - 1)) {
            case 'b' -> 1;
            case 'w' -> 2;
            case 'l' -> 4;
            default -> 8;
        };
    }

    /** Within a page, to its end, over several pages; {@code at} is where in its page the target begins, a multiple of 8. */
    @ParameterizedTest
    @CsvSource({
        "rep stosb, 0, 1",
        "rep stosb, 100, 1000",
        "rep stosb, 4088, 9000",
        "rep stosw, 4088, 4",
        "rep stosl, 0, 1024",
        "rep stosq, 0, 512",
        "rep stosq, 8, 2000",
        "stosb, 4095, 1",
        "stosw, 16, 1",
        "stosl, 16, 1",
        "stosq, 4088, 1"
    })
    void aFillIsNoStep(String instruction, int at, int count) throws Exception {
        load("""
            mov $%d, %%ebx
            1: mov $%d, %%rdi
            mov $%d, %%ecx
            %s
            mov %%rdi, %%r9
            dec %%ebx
            jnz 1b
            hlt
            """.formatted(TURNS, TO + at, count, instruction));
        long value = 0x1122_3344_5566_7788L;
        int size = size(instruction);
        for (int i = 0; i < count * size; i++) {
            expected[at(TO) + at + i] = (byte) (value >>> (8 * (i % size)));
        }
        try (RunFixture fixture = cpu()) {
            fixture.cpu.setGpr(CpuBlock.RAX, value);
            runToHlt(fixture);
            checkMemory();
            assertEquals(instruction.startsWith("rep") ? 0 : count, fixture.cpu.gpr(CpuBlock.RCX));
            assertEquals(TO + at + (long) count * size, fixture.cpu.gpr(9));
            assertTrue(
                    fixture.runs.counters().steps() < WARM,
                    fixture.runs.counters().steps() + " steps");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "rep movsb, 0, 0, 1", "rep movsb, 4000, 3, 9000", "rep movsw, 4090, 8, 1000", "rep movsl, 0, 4, 1024",
        "rep movsq, 0, 0, 512", "rep movsq, 8, 4088, 2000", "movsb, 4095, 0, 1", "movsq, 8, 4088, 1"
    })
    void aCopyIsNoStep(String instruction, int from, int to, int count) throws Exception {
        load("""
            mov $%d, %%ebx
            1: mov $%d, %%rdi
            mov $%d, %%rsi
            mov $%d, %%ecx
            %s
            dec %%ebx
            jnz 1b
            hlt
            """.formatted(TURNS, TO + to, FROM + from, count, instruction));
        int bytes = count * size(instruction);
        System.arraycopy(expected, from, expected, at(TO) + to, bytes);
        try (RunFixture fixture = cpu()) {
            runToHlt(fixture);
            checkMemory();
            assertEquals(instruction.startsWith("rep") ? 0 : count, fixture.cpu.gpr(CpuBlock.RCX));
            assertEquals(FROM + from + bytes, fixture.cpu.gpr(CpuBlock.RSI));
            assertEquals(TO + to + bytes, fixture.cpu.gpr(CpuBlock.RDI));
            assertTrue(
                    fixture.runs.counters().steps() < WARM,
                    fixture.runs.counters().steps() + " steps");
        }
    }

    /** The target is above or below its source, also where both are the same memory at other addresses. */
    @ParameterizedTest
    @CsvSource({"1, 0", "-1, 0", "3, 0", "64, 0", "-7, 0", "1, 1", "-1, 1", "3, 1", "64, 1"})
    void aCopyOntoItself(int distance, int aliased) throws Exception {
        load("""
            mov $%d, %%ebx
            1: mov $%d, %%rdi
            mov $%d, %%rsi
            mov $3000, %%ecx
            rep movsb
            dec %%ebx
            jnz 1b
            hlt
            """.formatted(20, FROM + 2000 + distance + aliased * (ALIAS - FROM), FROM + 2000));
        for (int turn = 0; turn < 20; turn++) {
            for (int i = 0; i < 3000; i++) {
                expected[2000 + distance + i] = expected[2000 + i];
            }
        }
        try (RunFixture fixture = cpu()) {
            runToHlt(fixture);
            checkMemory();
        }
    }

    @Test
    void noElements() throws Exception {
        load("""
            mov $300, %ebx
            1: xor %ecx, %ecx
            stc
            rep stosq
            rep movsb
            adc $0, %edx
            dec %ebx
            jnz 1b
            hlt
            """);
        try (RunFixture fixture = cpu()) {
            fixture.cpu.setGpr(CpuBlock.RDI, 7); // nothing is there
            fixture.cpu.setGpr(CpuBlock.RSI, -1);
            runToHlt(fixture);
            assertEquals(7, fixture.cpu.gpr(CpuBlock.RDI));
            assertEquals(-1, fixture.cpu.gpr(CpuBlock.RSI));
            assertEquals(300, fixture.cpu.gpr(CpuBlock.RDX));
            assertTrue(fixture.runs.counters().steps() < WARM);
            checkMemory();
        }
    }

    /** Behind the RAM no page is mapped. */
    @ParameterizedTest
    @CsvSource({"rep stosb, 1", "rep stosq, 8", "rep movsb, 1", "rep movsq, 8"})
    void theNextPageFaults(String instruction, int size) throws Exception {
        load("nop\n" + instruction + "\nhlt");
        try (RunFixture fixture = cpu()) {
            long target = RAM_SIZE - 1600;
            for (int turn = 0; turn < 10; turn++) {
                fixture.cpu.setGpr(CpuBlock.RCX, 1600 / size + 5);
                fixture.cpu.setGpr(CpuBlock.RDI, target);
                fixture.cpu.setGpr(CpuBlock.RSI, FROM);
                CpuFault fault = run(fixture);
                assertEquals(Vectors.PF, fault.vector());
                assertEquals(RAM_SIZE, fault.linear());
                assertEquals(CODE + 1, fixture.cpu.rip());
                assertEquals(5, fixture.cpu.gpr(CpuBlock.RCX));
                assertEquals(RAM_SIZE, fixture.cpu.gpr(CpuBlock.RDI));
                assertEquals(instruction.contains("movs") ? FROM + 1600 : FROM, fixture.cpu.gpr(CpuBlock.RSI));
            }
            byte[] filled = new byte[1600];
            if (instruction.contains("movs")) {
                System.arraycopy(expected, 0, filled, 0, 1600);
            }
            System.arraycopy(filled, 0, expected, expected.length - 1600, 1600);
            checkMemory();
        }
    }

    @Test
    void theNextPageOfTheSourceFaults() throws Exception {
        load("nop\nrep movsb\nhlt");
        try (RunFixture fixture = cpu()) {
            for (int turn = 0; turn < 10; turn++) {
                fixture.cpu.setGpr(CpuBlock.RCX, 500);
                fixture.cpu.setGpr(CpuBlock.RDI, TO);
                fixture.cpu.setGpr(CpuBlock.RSI, RAM_SIZE - 100);
                assertEquals(RAM_SIZE, run(fixture).linear());
                assertEquals(400, fixture.cpu.gpr(CpuBlock.RCX));
                assertEquals(TO + 100, fixture.cpu.gpr(CpuBlock.RDI));
            }
            System.arraycopy(expected, expected.length - 100, expected, at(TO), 100);
            checkMemory();
        }
    }

    /** What is read from where nothing is are ones. */
    @Test
    void deviceMemory() throws Exception {
        load("""
            mov $100, %%ebx
            1: mov $%d, %%rdi
            mov $%d, %%rsi
            mov $20, %%ecx
            rep movsb
            mov $%d, %%rdi
            mov $20, %%ecx
            rep stosb
            dec %%ebx
            jnz 1b
            hlt
            """.formatted(TO, DEVICE, DEVICE));
        Arrays.fill(expected, at(TO), at(TO) + 20, (byte) -1);
        try (RunFixture fixture = cpu()) {
            runToHlt(fixture);
            checkMemory();
            assertEquals(DEVICE + 20, fixture.cpu.gpr(CpuBlock.RDI));
            assertEquals(0, fixture.cpu.gpr(CpuBlock.RCX));
        }
    }

    /** STOS changes code of another page, of its own, and the very next instruction. */
    @ParameterizedTest
    @ValueSource(strings = {"rep stosb", "rep movsb", "stosb", "movsb"})
    void codeIsChanged(String instruction) throws Exception {
        for (int place : new int[] {0, 1}) {
            String function = "2: mov $0, %edx\n movzbl %dl, %edx";
            load("""
                mov $300, %%ebx
                xor %%r9d, %%r9d
                1: lea 2f+1(%%rip), %%rdi
                mov $%d, %%rsi
                mov %%bl, (%%rsi)
                mov %%bl, %%al
                mov $1, %%ecx
                %s
                %s
                add %%edx, %%r9d
                dec %%ebx
                jnz 1b
                hlt
                %s
                """.formatted(
                            FROM,
                            instruction,
                            place == 0 ? function : "call 2f",
                            place == 0 ? "" : ".balign 4096\n" + function + "\nret"));
            try (RunFixture fixture = cpu()) {
                fixture.cpu.setGpr(CpuBlock.RSP, TO);
                runToHlt(fixture);
                int sum = 0;
                for (int i = 1; i <= 300; i++) {
                    sum += i & 0xff;
                }
                assertEquals(sum, fixture.cpu.gpr(9));
            }
        }
    }

    @Test
    void anotherProcessorChangesCodeThatRuns() throws Exception {
        // It fills there before there is any block, and goes on until the code has seen it.
        load("1: mov $1, %eax; cmp $1, %eax; je 1b; hlt");
        byte[] writer = Assembly.assemble("""
            1: mov %r13, %rdi
            mov $1, %ecx
            mov $1, %al
            rep stosb
            cmpb $0, (%rbx)
            je 1b
            mov %r13, %rdi
            mov $2, %al
            mov $1, %ecx
            rep stosb
            hlt
            """);
        memory.copyIn(writer, 0, CODE + 0x4000, writer.length);
        memory.putByte(TO, (byte) 0);
        try (RunFixture other = cpu();
                RunFixture fixture = cpu()) {
            other.cpu.setGpr(13, CODE + 1);
            other.cpu.setGpr(CpuBlock.RBX, TO);
            other.cpu.setRip(CODE + 0x4000);
            Thread writing = Thread.ofPlatform().start(() -> assertThrows(CpuFault.class, other::run));
            Thread.sleep(100);
            Thread running = Thread.ofPlatform().start(() -> runToHlt(fixture));
            Thread.sleep(100);
            memory.putByte(TO, (byte) 1);
            writing.join();
            running.join();
            assertEquals(2, fixture.cpu.gpr(CpuBlock.RAX));
        }
    }

    /** A fill of 1 MiB, that the TLB has whole with room for others, ends between two pages. */
    @Test
    void attentionEndsAFill() throws Exception {
        load("""
            1: mov %r12, %rdi
            mov $0x100000, %ecx
            rep stosb
            jmp 1b
            """);
        int within = 0;
        try (RunFixture fixture = cpu()) {
            fixture.cpu.setGpr(12, TO);
            fixture.cpu.setRip(CODE);
            for (int turn = 0; turn < 40; turn++) {
                Thread thread = Thread.ofPlatform().start(() -> {
                    while (!fixture.runs.run()) {
                        fixture.stepper.step();
                    }
                });
                Thread.sleep(10);
                long steps = fixture.runs.counters().steps();
                fixture.attention.raise();
                thread.join();
                assertTrue(fixture.attention.take());
                long left = fixture.cpu.gpr(CpuBlock.RCX);
                long done = fixture.cpu.gpr(CpuBlock.RDI) - TO;
                if (fixture.cpu.rip() == CODE + 8) {
                    assertEquals(0x10_0000, done + left);
                    // Before, pages that the TLB does not have yet end it, too. The one step is what attention leaves
                    // of the fill.
                    boolean warm = turn >= 20 && fixture.runs.counters().steps() <= steps + 1;
                    within += left > 0 && done > 0 && warm ? 1 : 0;
                }
            }
        }
        assertTrue(within > 0);
    }

    /** Each toggles its own bit of the same word, an odd number of times. */
    @Test
    void lockedBitsOfTwoProcessors() throws Exception {
        load("""
            1: lock btcq %r13, (%rbx)
            dec %ecx
            jnz 1b
            hlt
            """);
        memory.putLong(TO + 8, 0);
        try (RunFixture one = cpu();
                RunFixture other = cpu()) {
            Thread[] threads = new Thread[2];
            for (RunFixture fixture : List.of(one, other)) {
                int bit = fixture == one ? -3 : -2;
                threads[-2 - bit] = Thread.ofPlatform().start(() -> {
                    fixture.cpu.setGpr(CpuBlock.RBX, TO + 16);
                    fixture.cpu.setGpr(13, bit);
                    fixture.cpu.setGpr(CpuBlock.RCX, 5_000_001);
                    runToHlt(fixture);
                });
            }
            for (Thread thread : threads) {
                thread.join();
            }
            assertEquals(3L << 61, memory.getLong(TO + 8));
            // More than alone: a block waits for the other's consent.
            assertTrue(
                    one.runs.counters().steps() < 500_000, one.runs.counters().steps() + " steps");
        }
    }

    /** The flags that BT leaves alone go through it, and so do all through a string. */
    @Test
    void flagsGoThrough() throws Exception {
        load("""
            mov $300, %%ebx
            xor %%eax, %%eax
            1: mov $%d, %%rdi
            mov $3, %%ecx
            cmp %%edi, %%edi
            rep stosb
            btq %%rcx, (%%rdi)
            jne 2f
            inc %%r9d
            2: dec %%ebx
            jnz 1b
            hlt
            """.formatted(TO));
        byte[] none = new byte[16];
        try (RunFixture fixture = cpu()) {
            runToHlt(fixture);
            assertEquals(300, fixture.cpu.gpr(9));
            byte[] there = new byte[3];
            memory.copyOut(TO, there, 0, 3);
            assertArrayEquals(Arrays.copyOf(none, 3), there);
            assertTrue(
                    fixture.runs.counters().steps() < WARM,
                    fixture.runs.counters().steps() + " steps");
        }
    }
}
