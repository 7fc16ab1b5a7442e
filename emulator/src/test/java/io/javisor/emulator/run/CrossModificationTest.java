package io.javisor.emulator.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.memory.GuestMemory;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.CpuFault;
import io.javisor.emulator.state.Vectors;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Random programs of many blocks with loops, calls and faults, which another processor changes between their rounds, and interrupts come at
 * any time: they end alike in steps, one processor's after the other's, and in blocks of two threads.
 */
@Timeout(120)
class CrossModificationTest {
    private static final int SEEDS = Integer.getInteger("cross.seeds", 6);
    private static final int ROUNDS = 12;
    private static final int PATCHES = 6;
    private static final int FUNCTIONS = 10;
    private static final int RAM_SIZE = 4 << 20;
    private static final long TABLES = 0x1000;
    private static final long FLAGS = 0x8000;
    private static final long DATA = 0xa000;
    private static final long PATCH_TABLE = 0x1_0000;
    private static final long RUNNER = 0x4_0000;
    private static final long WRITER = 0x5_0000;
    private static final long PROGRAM = 0x10_0000;
    private static final long STACK = 0x20_0000;

    private final byte[] runner;
    private final byte[] writer;
    private volatile boolean stopped;

    CrossModificationTest() throws IOException, InterruptedException {
        runner = Assembly.assemble("""
            mov $1, %r12
            1: mov %r12, (%r8)
            2: pause
            cmp %r12, 64(%r8)
            jne 2b
            call *%rdi
            inc %r12
            cmp %r13, %r12
            jbe 1b
            hlt
            """);
        writer = Assembly.assemble("""
            mov $1, %r12
            1: pause
            cmp %r12, (%r8)
            jne 1b
            mov %r14d, %ecx
            2: mov (%r10), %rax
            mov 8(%r10), %rdx
            mov %dl, (%rax)
            add $16, %r10
            dec %ecx
            jnz 2b
            mov %r12, 64(%r8)
            inc %r12
            cmp %r13, %r12
            jbe 1b
            hlt
            """);
    }

    /** A program, where its instructions begin, and which of its bytes may have any value. */
    private static final class Program {
        private final SplittableRandom random;
        private final ByteBuffer code = ByteBuffer.allocate(0x1_0000).order(ByteOrder.LITTLE_ENDIAN);
        private final Set<Long> starts = new HashSet<>();
        private final List<Integer> changeable = new ArrayList<>();
        private final int[] functions = new int[FUNCTIONS];

        /** The last function first, for each calls later ones only. */
        Program(long seed) {
            random = new SplittableRandom(seed);
            for (int function = FUNCTIONS - 1; function >= 0; function--) {
                // Some in a page with others, some across the end of one.
                code.position(
                        code.position() + (random.nextInt(3) == 0 ? 4096 - random.nextInt(60) : random.nextInt(90)));
                functions[function] = code.position();
                for (int i = random.nextInt(4, 14); i > 0; i--) {
                    slot(function);
                }
                begin(0xc3);
            }
        }

        long entry() {
            return PROGRAM + functions[0];
        }

        private void begin(int... bytes) {
            starts.add(PROGRAM + code.position());
            for (int b : bytes) {
                code.put((byte) b);
            }
        }

        private void immediate() {
            for (int i = 0; i < 4; i++) {
                changeable.add(code.position() + i);
            }
            code.putInt(random.nextInt());
        }

        private void simple() {
            switch (random.nextInt(5)) {
                case 0 -> {
                    begin(0x48, 0x81, 0xc3); // add rbx, imm32
                    immediate();
                }
                case 1 -> {
                    begin(0x48, 0x81, 0xf3); // xor rbx, imm32
                    immediate();
                }
                case 2 -> begin(0x48, 0xd1, 0xc3); // rol rbx, 1
                case 3 -> {
                    begin(0x48, 0x11, 0x9e); // adc [rsi + disp32], rbx
                    code.putInt(8 * random.nextInt(64));
                }
                default -> {
                    begin(0x48, 0x13, 0x9e); // adc rbx, [rsi + disp32]
                    code.putInt(8 * random.nextInt(64));
                }
            }
        }

        private void slot(int function) {
            switch (random.nextInt(8)) {
                case 0, 1 -> { // test bl, imm8; jnz over the next
                    begin(0xf6, 0xc3);
                    changeable.add(code.position());
                    code.put((byte) random.nextInt());
                    begin(0x75, 0);
                    int from = code.position();
                    simple();
                    code.put(from - 1, (byte) (code.position() - from));
                }
                case 2 -> { // mov edx, n; some; dec edx; jnz
                    begin(0xba);
                    code.putInt(random.nextInt(1, 6));
                    int from = code.position();
                    simple();
                    simple();
                    begin(0xff, 0xca);
                    begin(0x75);
                    code.put((byte) (from - code.position() - 1));
                }
                case 3 -> {
                    if (function < FUNCTIONS - 1) { // call
                        int target = functions[random.nextInt(function + 1, Math.min(FUNCTIONS, function + 4))];
                        begin(0xe8);
                        code.putInt(target - code.position() - 4);
                    }
                }
                case 4 -> begin(0x0f, 0x0b); // ud2
                default -> simple();
            }
        }

        byte[] bytes() {
            return code.array();
        }
    }

    private GuestMemory memory(Program program, long seed) {
        GuestMemory memory =
                new GuestMemory(List.of(new GuestMemory.Region(0, Arena.ofAuto().allocate(RAM_SIZE, 4096))));
        memory.putLong(TABLES, 0x2007);
        memory.putLong(0x2000, 0x3007);
        memory.putLong(0x3000, 0x87);
        memory.putLong(0x3008, 0x20_0087);
        memory.copyIn(runner, 0, RUNNER, runner.length);
        memory.copyIn(writer, 0, WRITER, writer.length);
        byte[] bytes = program.bytes();
        memory.copyIn(bytes, 0, PROGRAM, bytes.length);
        SplittableRandom random = new SplittableRandom(~seed);
        for (int i = 0; i < ROUNDS * PATCHES; i++) {
            int at = program.changeable.get(random.nextInt(program.changeable.size()));
            memory.putLong(PATCH_TABLE + 16L * i, PROGRAM + at);
            memory.putLong(PATCH_TABLE + 16L * i + 8, random.nextInt(256));
        }
        return memory;
    }

    private static RunFixture start(
            BlockOptions options, GuestMemory memory, CodePages pages, long rip, Program program) {
        RunFixture fixture = RunFixture.by(options, memory, pages);
        fixture.start(TABLES, 3);
        CpuBlock cpu = fixture.cpu;
        cpu.setGpr(CpuBlock.RSP, rip == RUNNER ? STACK : STACK + 0x1000);
        cpu.setGpr(CpuBlock.RSI, DATA);
        cpu.setGpr(CpuBlock.RDI, program.entry());
        cpu.setGpr(8, FLAGS);
        cpu.setGpr(10, PATCH_TABLE);
        cpu.setGpr(13, ROUNDS);
        cpu.setGpr(14, PATCHES);
        cpu.setRip(rip);
        return fixture;
    }

    /** Whether that was an UD2, behind which it goes on; HLT is the end. */
    private static boolean goesOn(RunFixture fixture, CpuFault fault) {
        if (fault.vector() == Vectors.UD) {
            fixture.cpu.setRip(fixture.cpu.rip() + 2);
            return true;
        }
        assertEquals(Vectors.GP, fault.vector(), fault.getMessage());
        return false;
    }

    private static boolean step(RunFixture fixture, int count) {
        for (int i = 0; i < count; i++) {
            try {
                fixture.stepper.step();
            } catch (CpuFault fault) {
                if (!goesOn(fixture, fault)) {
                    return false;
                }
            }
        }
        return true;
    }

    private void run(RunFixture fixture, Program program) {
        boolean on = true;
        while (on && !stopped) {
            try {
                if (!fixture.runs.run()) {
                    fixture.stepper.step();
                    fixture.runs.callerStepped();
                } else if (fixture.attention.take()) {
                    long rip = fixture.cpu.rip();
                    assertTrue(
                            rip < PROGRAM || program.starts.contains(rip),
                            () -> "interrupted at " + Long.toHexString(rip));
                    fixture.runs.poll();
                }
            } catch (CpuFault fault) {
                on = goesOn(fixture, fault);
            }
        }
        fixture.runs.leave();
    }

    @ParameterizedTest
    @CsvSource({"1, 32", "3, 32", "1, 0"})
    void blocksOfTwoProcessorsDoWhatStepsDo(int threshold, int codeMiB) throws InterruptedException {
        int codeBytes = codeMiB == 0 ? BlockOptions.LEAST_CODE : codeMiB << 20;
        BlockOptions options = new BlockOptions(threshold, codeBytes, null);
        long drops = 0;
        for (long seed = 1; seed <= SEEDS; seed++) {
            drops += compare(options, seed);
        }
        assertTrue(drops > SEEDS, drops + " pages whose blocks were dropped");
    }

    private long compare(BlockOptions options, long seed) throws InterruptedException {
        Program program = new Program(seed);
        GuestMemory expected = memory(program, seed);
        GuestMemory memory = memory(program, seed);
        CodePages pages = new CodePages(RAM_SIZE);
        memory.observeWrites(pages);
        CodePages apart = new CodePages(RAM_SIZE);
        try (RunFixture stepped = start(options, expected, apart, RUNNER, program);
                RunFixture stepping = start(options, expected, apart, WRITER, program);
                RunFixture runs = start(options, memory, pages, RUNNER, program);
                RunFixture writes = start(options, memory, pages, WRITER, program)) {
            while (step(stepped, 40)) {
                boolean _ = step(stepping, 40);
            }
            AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
            Thread other = new Thread(() -> run(writes, program), "writer");
            Thread interrupts = new Thread(
                    () -> {
                        SplittableRandom random = new SplittableRandom(seed);
                        while (!Thread.interrupted()) {
                            runs.attention.raise();
                            LockSupport.parkNanos(random.nextInt(100_000));
                        }
                    },
                    "interrupts");
            Thread guest = new Thread(() -> run(runs, program), "guest");
            for (Thread thread : List.of(other, guest, interrupts)) {
                thread.setUncaughtExceptionHandler((_, e) -> {
                    failure.compareAndSet(null, e);
                    stopped = true;
                });
                thread.start();
            }
            try {
                guest.join();
                assertNull(failure.get(), "seed " + seed);
                other.join();
            } finally {
                stopped = true;
                while (guest.isAlive() || other.isAlive()) {
                    runs.attention.raise();
                    writes.attention.raise();
                    Thread.onSpinWait();
                }
                interrupts.interrupt();
                interrupts.join();
                stopped = false;
            }
            for (int i = 0; i < 16; i++) {
                assertEquals(stepped.cpu.gpr(i), runs.cpu.gpr(i), "register " + i + ", seed " + seed);
            }
            for (long at = 0; at < 512; at += 8) {
                assertEquals(expected.getLong(DATA + at), memory.getLong(DATA + at), "seed " + seed);
            }
            return runs.runs.counters().drops();
        }
    }
}
