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
        LongUnaryOperator next = hva -> hva == memory.pageHva(DATA) ? hva + 8 : hva;
        try (RunFixture fixture = cpu("mov $0x12345678, %eax; 1: mov %eax, (%rsi); dec %ebx; jnz 1b; hlt", next)) {
            String message = String.valueOf(
                    assertThrows(BlockDifference.class, fixture::run).getMessage());
            assertTrue(message.contains("the byte at 0000000000300000 is 00 by steps, 78 by the block"), message);
            assertTrue(message.contains("mov DWORD PTR [rsi],eax"), message);
        }
    }
}
