package io.javisor.emulator.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.memory.GuestMemory;
import io.javisor.emulator.decode.Feature;
import io.javisor.emulator.emit.RefusingHost;
import io.javisor.emulator.state.Bits;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.CpuFault;
import io.javisor.emulator.state.StateLayout;
import io.javisor.emulator.state.Vectors;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Blocks in the situations in which their code changes, one after the other: by whom, and where. */
@Timeout(60)
class RunsTest {
    private static final long CODE = 0x10_0000;
    private static final long STACK = 0x20_0000;
    private static final int RAM_SIZE = 16 << 20;
    private static final long TABLES = 0x1000;
    private static final long UPPER_HALF = 0xFFFF_8000_0000_0000L;

    private final GuestMemory memory =
            new GuestMemory(List.of(new GuestMemory.Region(0, Arena.ofAuto().allocate(RAM_SIZE, 4096))));
    private final CodePages pages = new CodePages(RAM_SIZE);

    RunsTest() {
        memory.putLong(TABLES, 0x2007);
        memory.putLong(0x2000, 0x3007);
        for (int i = 0; i < RAM_SIZE >> 21; i++) {
            memory.putLong(0x3000 + 8L * i, 0x87 | (long) i << 21);
        }
        memory.observeWrites(pages);
    }

    private RunFixture cpu() {
        RunFixture fixture = new RunFixture(memory, pages, Feature.all());
        start(fixture);
        return fixture;
    }

    private static void start(RunFixture fixture) {
        fixture.start(TABLES, 3);
        fixture.cpu.setGpr(CpuBlock.RSP, STACK);
    }

    private void load(long gpa, String source) throws IOException, InterruptedException {
        byte[] code = Assembly.assemble(source);
        memory.copyIn(code, 0, gpa, code.length);
    }

    /** Runs to the HLT that ends the program. */
    private static void run(RunFixture fixture, long rip) {
        fixture.cpu.setRip(rip);
        try {
            fixture.run();
        } catch (CpuFault fault) {
            assertEquals(Vectors.GP, fault.vector(), fault.getMessage());
        }
    }

    @Test
    void aStoreChangesTheNextInstruction() throws Exception {
        load(CODE, """
            mov $1000, %ecx
            xor %eax, %eax
            1: mov %cl, 2f+1(%rip)
            2: mov $0, %edx
            movzbl %dl, %edx
            add %edx, %eax
            dec %ecx
            jnz 1b
            hlt
            """);
        try (RunFixture fixture = cpu()) {
            run(fixture, CODE);
            int sum = 0;
            for (int i = 1; i <= 1000; i++) {
                sum += i & 0xff;
            }
            assertEquals(sum, fixture.cpu.gpr(CpuBlock.RAX));
            assertTrue(fixture.runs.counters().drops() > 0, "blocks were made");
        }
    }

    /** Where the host allows nothing better. */
    @Test
    void blocksAreMadeInMemoryThatIsWritableWhereItRuns() throws Exception {
        load(CODE, """
            mov $1000, %ecx
            xor %eax, %eax
            1: mov %cl, 2f+1(%rip)
            call 3f
            dec %ecx
            jnz 1b
            hlt
            .balign 64
            2: mov $0, %edx
            ret
            3: call 2b
            add %edx, %eax
            ret
            """);
        try (RunFixture fixture = RunFixture.in(
                RefusingHost.EXECUTABLE_FILES_IN_MEMORY.map(BlockOptions.USUAL.codeBytes()), memory, pages)) {
            start(fixture);
            run(fixture, CODE);
            int sum = 0;
            for (int i = 1; i <= 1000; i++) {
                sum += i & 0xff;
            }
            assertEquals(sum, fixture.cpu.gpr(CpuBlock.RAX));
            assertTrue(fixture.runs.counters().drops() > 0, "blocks were made");
        }
    }

    @Test
    void aStoreChangesItsOwnBlockFurtherOn() throws Exception {
        load(CODE, """
            mov $300, %ecx
            xor %eax, %eax
            1: mov %cl, 2f+1(%rip)
            add $0, %ebx
            lea 1(%rbx), %ebx
            2: mov $0, %edx
            movzbl %dl, %edx
            add %edx, %eax
            dec %ecx
            jnz 1b
            hlt
            """);
        try (RunFixture fixture = cpu()) {
            run(fixture, CODE);
            int sum = 0;
            for (int i = 1; i <= 300; i++) {
                sum += i & 0xff;
            }
            assertEquals(sum, fixture.cpu.gpr(CpuBlock.RAX));
        }
    }

    /** JRCXZ looks at 64 bits and JECXZ at 32, and neither changes a flag. */
    @Test
    void jumpsIfTheCountIsZero() throws Exception {
        load(CODE, """
            mov $1000, %edx
            xor %eax, %eax
            1: mov %edx, %ecx
            and $3, %ecx
            stc
            jrcxz 2f
            adc $0, %eax
            3: shl $32, %rcx
            stc
            jecxz 4f
            hlt
            4: jrcxz 5f
            adc $0x10000, %eax
            5: dec %edx
            jnz 1b
            hlt
            2: adc $16, %eax
            jmp 3b
            """);
        try (RunFixture fixture = cpu()) {
            run(fixture, CODE);
            assertEquals(0, fixture.cpu.gpr(CpuBlock.RDX));
            assertEquals(750 + 250 * 17 + 750 * 0x10001L, fixture.cpu.gpr(CpuBlock.RAX));
            assertEquals(
                    List.of(),
                    fixture.runs.stepCounts().stream()
                            .filter(count -> count.reason().equals("no_code")
                                    && !count.instruction().equals("hlt"))
                            .toList());
        }
    }

    @Test
    void aStoreChangesAnotherPage() throws Exception {
        load(CODE, """
            mov $300, %ecx
            xor %eax, %eax
            1: mov %cl, 0x1001(%rsi)
            call *%rdi
            add %edx, %eax
            dec %ecx
            jnz 1b
            hlt
            """);
        load(CODE + 0x1000, "mov $0, %edx; movzbl %dl, %edx; ret");
        try (RunFixture fixture = cpu()) {
            fixture.cpu.setGpr(CpuBlock.RSI, CODE);
            fixture.cpu.setGpr(CpuBlock.RDI, CODE + 0x1000);
            run(fixture, CODE);
            int sum = 0;
            for (int i = 1; i <= 300; i++) {
                sum += i & 0xff;
            }
            assertEquals(sum, fixture.cpu.gpr(CpuBlock.RAX));
        }
    }

    @Test
    void aStoreChangesTheSecondHalfOfAnInstructionOnTwoPages() throws Exception {
        load(CODE, """
            mov $300, %ecx
            xor %eax, %eax
            1: mov %cl, (%rsi)
            call *%rdi
            add %edx, %eax
            dec %ecx
            jnz 1b
            hlt
            """);
        load(CODE + 0x1ffd, "mov $0x1234, %edx; movzbl %dh, %edx; ret"); // the immediate's byte 2 begins a page
        try (RunFixture fixture = cpu()) {
            fixture.cpu.setGpr(CpuBlock.RSI, CODE + 0x1fff);
            fixture.cpu.setGpr(CpuBlock.RDI, CODE + 0x1ffd);
            run(fixture, CODE);
            int sum = 0;
            for (int i = 1; i <= 300; i++) {
                sum += i & 0xff;
            }
            assertEquals(sum, fixture.cpu.gpr(CpuBlock.RAX));
        }
    }

    @Test
    void dataBesideCodeDropsNoBlock() throws Exception {
        load(CODE, """
            mov $20000, %ecx
            1: incl 2f(%rip)
            dec %ecx
            jnz 1b
            hlt
            .balign 64
            2: .long 0
            """);
        try (RunFixture fixture = cpu()) {
            run(fixture, CODE);
            assertEquals(20000, memory.getInt(CODE + 64));
            assertEquals(0, fixture.runs.counters().drops());
        }
    }

    @Test
    void aDeviceChangesCodeThatRuns() throws Exception {
        load(CODE, "1: mov $1, %eax; cmp $1, %eax; je 1b; hlt");
        changesWhileItRuns(() -> memory.putByte(CODE + 1, (byte) 2));
    }

    @Test
    void anotherProcessorChangesCodeThatRuns() throws Exception {
        load(CODE, "1: mov $1, %eax; cmp $1, %eax; je 1b; hlt");
        load(CODE + 0x4000, "movb $2, (%rsi); hlt");
        changesWhileItRuns(() -> {
            try (RunFixture other = cpu()) {
                other.cpu.setGpr(CpuBlock.RSI, CODE + 1);
                run(other, CODE + 0x4000);
                other.runs.leave();
            }
        });
    }

    @Test
    void anotherProcessorWithTheRightToWriteChangesCodeThatRuns() throws Exception {
        load(CODE, "1: mov $1, %eax; cmp $1, %eax; je 1b; hlt");
        // It writes there before there is any block, and goes on for ever until the code has seen it.
        load(CODE + 0x4000, """
            1: movb $1, (%rsi)
            cmpb $0, (%rdi)
            je 1b
            movb $2, (%rsi)
            hlt
            """);
        try (RunFixture other = cpu()) {
            other.cpu.setGpr(CpuBlock.RSI, CODE + 1);
            other.cpu.setGpr(CpuBlock.RDI, CODE + 0x8000);
            Thread thread = new Thread(() -> run(other, CODE + 0x4000), "writer");
            thread.start();
            Thread.sleep(100);
            changesWhileItRuns(() -> memory.putByte(CODE + 0x8000, (byte) 1));
            thread.join();
        }
    }

    private void changesWhileItRuns(Runnable change) throws InterruptedException {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        try (RunFixture fixture = cpu()) {
            Thread thread = new Thread(
                    () -> {
                        try {
                            run(fixture, CODE);
                        } catch (Throwable e) {
                            failure.set(e);
                        }
                    },
                    "guest");
            thread.start();
            Thread.sleep(200);
            change.run();
            thread.join();
            assertNull(failure.get());
            assertEquals(2, fixture.cpu.gpr(CpuBlock.RAX));
        }
    }

    @Test
    void attentionEndsALoop() throws Exception {
        load(CODE, "1: jmp 1b");
        try (RunFixture fixture = cpu()) {
            fixture.cpu.setRip(CODE);
            Thread thread = new Thread(
                    () -> {
                        while (!fixture.runs.run()) {
                            fixture.stepper.step();
                        }
                    },
                    "guest");
            thread.start();
            Thread.sleep(50);
            fixture.attention.raise();
            thread.join();
            assertEquals(CODE, fixture.cpu.rip());
        }
    }

    @Test
    void blocksDoNotDependOnWhereTheirPageIsMapped() throws Exception {
        String source = """
            mov $100, %ecx
            1: lea 1b(%rip), %rax
            call 2f
            2: pop %rdx
            dec %ecx
            jnz 1b
            hlt
            """;
        load(CODE, source);
        memory.putLong(0x3000 + 8 * 16, 0x87); // the first 2 MiB again, at 32 MiB
        try (RunFixture fixture = cpu()) {
            run(fixture, CODE);
            assertEquals(CODE + 5, fixture.cpu.gpr(CpuBlock.RAX));
            long emitted = fixture.runs.counters().emitted();
            run(fixture, CODE + (32 << 20));
            assertEquals(CODE + (32 << 20) + 5, fixture.cpu.gpr(CpuBlock.RAX));
            assertEquals(CODE + (32 << 20) + 5 + 7 + 5, fixture.cpu.gpr(CpuBlock.RDX));
            assertEquals(emitted, fixture.runs.counters().emitted());
        }
    }

    @Test
    void aPageThatIsMappedElsewhereIsNotRunAnyMore() throws Exception {
        load(CODE, "mov $5, %ecx; 1: dec %ecx; jnz 1b; mov $1, %eax; hlt");
        load(CODE + (2 << 20), "mov $5, %ecx; 1: dec %ecx; jnz 1b; mov $2, %eax; hlt");
        try (RunFixture fixture = cpu()) {
            for (int i = 0; i < 5; i++) {
                run(fixture, CODE);
                assertEquals(1, fixture.cpu.gpr(CpuBlock.RAX));
            }
            memory.putLong(0x3000, 0x87 | 2 << 20);
            fixture.mmu.invalidate(CODE);
            run(fixture, CODE);
            assertEquals(2, fixture.cpu.gpr(CpuBlock.RAX));
        }
    }

    /** Called by the jump cache, which an INVLPG in the lower half leaves to supervisor code in the upper. */
    @ParameterizedTest
    @ValueSource(longs = {0, UPPER_HALF})
    void aGlobalPageOfSupervisorCodeThatIsMappedElsewhereIsNotRunAnyMore(long half) throws Exception {
        long function = half + CODE + (2 << 20);
        load(CODE, "mov $20, %ecx; 1: call *%rdi; dec %ecx; jnz 1b; ud2");
        load(CODE + (2 << 20), "mov $1, %eax; ret");
        load(CODE + (4 << 20), "mov $2, %eax; ret");
        memory.putLong(TABLES + 8 * 256, 0x2007);
        memory.putLong(0x3000, 0x187);
        memory.putLong(0x3008, 0x187 | 2 << 20);
        try (RunFixture fixture = cpu()) {
            fixture.start(TABLES, 0);
            fixture.cpu.putLong(StateLayout.CR4_OFFSET, fixture.cpu.getLong(StateLayout.CR4_OFFSET) | Bits.CR4_PGE);
            fixture.mmu.controlsChanged();
            fixture.mmu.flush(true);
            fixture.cpu.setGpr(CpuBlock.RDI, function);
            for (int i = 0; i < 3; i++) {
                fixture.cpu.setRip(half + CODE);
                fixture.cpu.setGpr(CpuBlock.RSP, half + STACK);
                assertEquals(
                        Vectors.UD, assertThrows(CpuFault.class, fixture::run).vector());
                assertEquals(1, fixture.cpu.gpr(CpuBlock.RAX));
                fixture.mmu.invalidate(0x40_0000); // another's
            }
            long exits = fixture.runs.counters().jumpExits;
            fixture.cpu.setRip(half + CODE);
            assertThrows(CpuFault.class, fixture::run);
            assertEquals(half == 0, fixture.runs.counters().jumpExits > exits);

            memory.putLong(0x3008, 0x187 | 4 << 20);
            fixture.mmu.invalidate(function);
            fixture.cpu.setRip(half + CODE);
            assertThrows(CpuFault.class, fixture::run);
            assertEquals(2, fixture.cpu.gpr(CpuBlock.RAX));
        }
    }
}
