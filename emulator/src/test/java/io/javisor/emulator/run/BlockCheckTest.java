package io.javisor.emulator.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.memory.GuestMemory;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.CpuFault;
import io.javisor.emulator.state.Vectors;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Blocks that steps go before: what is the same is done once, and what is not is told. */
@Timeout(60)
class BlockCheckTest {
    private static final long CODE = 0x10_0000;
    private static final long DATA = 0x30_0000;
    private static final long TABLES = 0x1000;
    private static final int RAM_SIZE = 16 << 20;
    private static final int TURNS = 500;

    private final GuestMemory memory =
            new GuestMemory(List.of(new GuestMemory.Region(0, Arena.ofAuto().allocate(RAM_SIZE, 4096))));
    private final CodePages pages = new CodePages(RAM_SIZE);

    BlockCheckTest() {
        memory.putLong(TABLES, 0x2007);
        memory.putLong(0x2000, 0x3007);
        for (int i = 0; i < RAM_SIZE >> 21; i++) {
            memory.putLong(0x3000 + 8L * i, 0x87 | (long) i << 21);
        }
        memory.observeWrites(pages);
    }

    private RunFixture cpu(String source, LongUnaryOperator place) throws IOException, InterruptedException {
        byte[] code = Assembly.assemble(source);
        memory.copyIn(code, 0, CODE, code.length);
        RunFixture fixture = RunFixture.checked(memory, pages, place);
        fixture.start(TABLES, 3);
        fixture.cpu.setRip(CODE);
        fixture.cpu.setGpr(CpuBlock.RSP, DATA - 0x1000);
        fixture.cpu.setGpr(CpuBlock.RSI, DATA);
        fixture.cpu.setGpr(CpuBlock.RBX, TURNS);
        return fixture;
    }

    /** Each instruction is such that done twice it leaves another result. */
    @Test
    void whatIsTheSameIsDoneOnce() throws Exception {
        try (RunFixture fixture = cpu("""
            1: incl (%rsi)
            add %ebx, 0x0ffe(%rsi)
            mov $3, %eax
            lock xadd %rax, 16(%rsi)
            push %rbx
            call 2f
            pop %rdx
            fildl (%rsi)
            fistpl 24(%rsi)
            movd %ebx, %xmm0
            paddd %xmm0, %xmm1
            lea 0x2000(%rsi), %rdi
            mov $600, %ecx
            rep stosq
            lea 0x1f00(%rsi), %rdi
            mov $300, %ecx
            rep movsb
            mov $0x300000, %esi
            bts %ebx, 0x4000(%rsi)
            dec %ebx
            jnz 1b
            hlt
            2: addq $5, 32(%rsi)
            ret
            """, LongUnaryOperator.identity())) {
            assertEquals(Vectors.GP, assertThrows(CpuFault.class, fixture::run).vector());
            assertEquals(TURNS, memory.getInt(DATA));
            assertEquals(TURNS * (TURNS + 1) / 2, memory.getInt(DATA + 0xffe));
            assertEquals(3L * TURNS, memory.getLong(DATA + 16));
            assertEquals(TURNS, memory.getInt(DATA + 24));
            assertEquals(5L * TURNS, memory.getLong(DATA + 32));
            assertTrue(fixture.runs.counters().compared() > 100);
        }
    }

    /** A device that saw it would take it for done, and what it wrote would be lost. */
    @Test
    void nobodySeesWhatStepsDoFirst() throws Exception {
        RunFixture[] cpu = new RunFixture[1];
        AtomicInteger unseen = new AtomicInteger();
        LongUnaryOperator look = hva -> {
            if (cpu[0].cpu.rip() == CODE + 2 && memory.getInt(DATA) != (int) cpu[0].cpu.gpr(CpuBlock.RBX)) {
                unseen.getAndIncrement();
            }
            return hva;
        };
        try (RunFixture fixture = cpu("1: mov %ebx, (%rsi); incl 64(%rsi); dec %ebx; jnz 1b; hlt", look)) {
            cpu[0] = fixture;
            assertEquals(Vectors.GP, assertThrows(CpuFault.class, fixture::run).vector());
            assertEquals(TURNS, memory.getInt(DATA + 64));
            assertTrue(unseen.get() > 90, unseen::toString);
        }
    }

    /** Two more pages have the same place in the TLB, which has two, so that each turn's store walks. */
    @Test
    void thePageThatABlockMapsAndWritesIsMarkedDirty() throws Exception {
        try (RunFixture fixture = cpu("""
            mov $0x800087, %eax
            1: mov 0x800000, %edx
            mov 0, %edx
            jmp 2f
            2: mov %rax, 0x3040
            mov %ebx, 0x1000000
            dec %ebx
            jnz 1b
            hlt
            """, LongUnaryOperator.identity())) {
            fixture.cpu.setGpr(CpuBlock.RBX, 50);
            assertEquals(Vectors.GP, assertThrows(CpuFault.class, fixture::run).vector());
            assertEquals(1, memory.getInt(0x80_0000));
            assertEquals(0x80_00e7, memory.getLong(0x3040));
            assertTrue(fixture.runs.counters().compared() > 40);
        }
    }

    @Test
    void codeThatADeviceWritesMeanwhileIsNotCompared() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        LongUnaryOperator write = hva -> {
            int call = calls.incrementAndGet();
            if (call % 50 == 0) {
                memory.putInt(CODE + 3, call);
            }
            return hva;
        };
        try (RunFixture fixture = cpu("1: incl (%rsi); mov $0, %edx; dec %ebx; jnz 1b; hlt", write)) {
            assertEquals(Vectors.GP, assertThrows(CpuFault.class, fixture::run).vector());
            assertEquals(TURNS, memory.getInt(DATA));
        }
    }

    @Test
    void anotherLoadIsTold() throws Exception {
        memory.putLong(DATA, 0x1111);
        memory.putLong(DATA + 8, 0x2222);
        LongUnaryOperator next = hva -> hva == memory.pageHva(DATA) ? hva + 8 : hva;
        try (RunFixture fixture = cpu("1: nop; mov (%rsi), %eax; nop; dec %ebx; jnz 1b; hlt", next)) {
            assertEquals("""
                a block does not do what steps do
                  difference   rax is 0000000000002222 by steps, 0000000000001111 by the block
                  block        0000000000100000  nop
                               0000000000100001  mov eax,DWORD PTR [rsi]
                               0000000000100003  nop
                               0000000000100004  dec ebx
                               0000000000100006  jne 0x100000\
                """, assertThrows(BlockDifference.class, fixture::run).getMessage());
        }
    }

    @Test
    void anotherStoreIsTold() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        LongUnaryOperator next = hva -> hva == memory.pageHva(DATA) ? hva + 8L * calls.incrementAndGet() : hva;
        try (RunFixture fixture = cpu("mov $0x12345678, %eax; 1: mov %eax, (%rsi); dec %ebx; jnz 1b; hlt", next)) {
            String message = String.valueOf(
                    assertThrows(BlockDifference.class, fixture::run).getMessage());
            assertTrue(message.contains("the byte at 0000000000300000 is 78 by steps, 00 by the block"), message);
            assertTrue(message.contains("mov DWORD PTR [rsi],eax"), message);
        }
    }
}
