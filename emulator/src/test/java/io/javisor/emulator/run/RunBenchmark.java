package io.javisor.emulator.run;

import io.javisor.core.memory.GuestMemory;
import io.javisor.emulator.decode.Feature;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.CpuFault;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.List;

/** Prints how many millions of instructions a second of CPU time runs carry out in loops that are made with the GNU assembler. */
public final class RunBenchmark {
    private static final long CODE = 0x10_0000;
    private static final long STACK = 0x20_0000;

    private static final String SIEVE = """
        mov $20, %ebp
        1: mov $0x400000, %edi
        mov $2, %eax
        2: lea (%rax,%rax), %ecx
        3: movb $1, (%rdi,%rcx)
        add %eax, %ecx
        cmp $2000000, %ecx
        jb 3b
        inc %eax
        cmp $1000, %eax
        jb 2b
        dec %ebp
        jnz 1b
        hlt
        """;

    private static final String XOR = """
        mov $2000, %ebp
        1: mov $0x400000, %esi
        mov $32768, %ecx
        2: mov (%rsi), %rax
        xor %rax, %rdx
        rol $7, %rdx
        add $8, %rsi
        dec %ecx
        jnz 2b
        dec %ebp
        jnz 1b
        hlt
        """;

    private static final String CRC = """
        mov $60, %ebp
        1: mov $0x400000, %esi
        mov $0x600000, %edi
        mov $1000000, %r8d
        2: movzbl (%rsi), %edx
        xor %eax, %edx
        movzbl %dl, %edx
        shr $8, %eax
        xor (%rdi,%rdx,4), %eax
        inc %rsi
        dec %r8d
        jnz 2b
        dec %ebp
        jnz 1b
        hlt
        """;

    private static final String FIB = """
        mov $32, %edi
        call 1f
        hlt
        1: push %rbx
        push %rbp
        mov %edi, %ebx
        cmp $2, %edi
        jb 2f
        lea -1(%rdi), %edi
        call 1b
        mov %eax, %ebp
        lea -2(%rbx), %edi
        call 1b
        add %ebp, %eax
        pop %rbp
        pop %rbx
        ret
        2: mov %edi, %eax
        pop %rbp
        pop %rbx
        ret
        """;

    private static final String X87 = """
        fldcw 3f(%rip)
        mov $1000000, %ecx
        fld1
        fldl 2f(%rip)
        fld1
        1: fmul %st(1), %st
        fadd %st(2), %st
        dec %ecx
        jnz 1b
        fstp %st(0)
        fstp %st(0)
        fstp %st(0)
        hlt
        2: .double 0.5
        3: .short 0x37f
        """;

    /** A division by zero is reported, so all is done by steps. */
    private static final String X87_STEPS = X87.replace("0x37f", "0x37b");

    private static final String X87_MEMORY = """
        mov $1000000, %ecx
        lea 2f(%rip), %rsi
        lea 0x1000(%rsi), %rdi
        1: fldl (%rsi)
        fmuls 8(%rsi)
        fiaddl 12(%rsi)
        fstpt (%rdi)
        dec %ecx
        jnz 1b
        hlt
        2: .double 0.5
        .float 3
        .long 7
        """;

    private static final String MMX = """
        mov $1000000, %ecx
        lea 2f(%rip), %rsi
        lea 0x1000(%rsi), %rdi
        1: movq (%rsi), %mm0
        paddb %mm0, %mm1
        pxor %mm1, %mm2
        punpcklbw %mm2, %mm3
        movq %mm3, (%rdi)
        dec %ecx
        jnz 1b
        emms
        hlt
        2: .quad 0x123456789abcdef
        """;

    private static final String SSE2 = """
        mov $20000000, %ecx
        movupd 2f(%rip), %xmm0
        movupd 2f(%rip), %xmm1
        movupd 3f(%rip), %xmm2
        1: mulpd %xmm2, %xmm0
        addpd %xmm1, %xmm0
        dec %ecx
        jnz 1b
        hlt
        2: .double 1, 1
        3: .double 0.5, 0.5
        """;

    private static final String AVX = """
        mov $20000000, %ecx
        vbroadcastsd 2f(%rip), %ymm0
        vbroadcastsd 2f(%rip), %ymm1
        vbroadcastsd 3f(%rip), %ymm2
        1: vmulpd %ymm2, %ymm0, %ymm0
        vaddpd %ymm1, %ymm0, %ymm0
        dec %ecx
        jnz 1b
        hlt
        2: .double 1
        3: .double 0.5
        """;

    /** A string function's few vectors, many a time. */
    private static final String AVX_STRING = """
        mov $3000000, %ebp
        mov $0x400000, %esi
        movb $1, 1(%rsi)
        1: call 3f
        dec %ebp
        jnz 1b
        hlt
        3: vpxor %xmm0, %xmm0, %xmm0
        vpcmpeqb (%rsi), %ymm0, %ymm1
        vpmovmskb %ymm1, %eax
        tzcnt %eax, %eax
        vzeroupper
        ret
        """;

    private static final String SSE_COPY = """
        mov $3000000, %ebp
        mov $0x400000, %esi
        1: call 3f
        dec %ebp
        jnz 1b
        hlt
        3: movups (%rsi), %xmm0
        movups 16(%rsi), %xmm1
        movups %xmm0, 256(%rsi)
        movups %xmm1, 272(%rsi)
        ret
        """;

    /** Few vectors between instructions that are Java's. */
    private static final String SSE_EXITS = """
        mov $1000000, %ebp
        mov $0x400000, %esi
        1: movups (%rsi), %xmm0
        movups %xmm0, 256(%rsi)
        stmxcsr 512(%rsi)
        dec %ebp
        jnz 1b
        hlt
        """;

    private static final String AVX_EXITS = """
        mov $1000000, %ebp
        mov $0x400000, %esi
        1: vmovups (%rsi), %ymm0
        vmovups %ymm0, 256(%rsi)
        vzeroupper
        stmxcsr 512(%rsi)
        dec %ebp
        jnz 1b
        hlt
        """;

    private static final String EXITS = """
        mov $1000000, %ebp
        mov $0x400000, %esi
        1: stmxcsr 512(%rsi)
        dec %ebp
        jnz 1b
        hlt
        """;

    private RunBenchmark() {}

    /** Runs all loops, or those that are named. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        List<String> wanted = List.of(arguments);
        PrintStream out = System.out;
        measure(wanted, out, "sieve", SIEVE, 4);
        measure(wanted, out, "xor", XOR, 6);
        measure(wanted, out, "crc", CRC, 8);
        measure(wanted, out, "fib", FIB, 0);
        measure(wanted, out, "x87", X87, 4);
        measure(wanted, out, "steps", X87_STEPS, 4);
        measure(wanted, out, "x87m", X87_MEMORY, 6);
        measure(wanted, out, "mmx", MMX, 7);
        measure(wanted, out, "sse2", SSE2, 4);
        measure(wanted, out, "avx", AVX, 4);
        measure(wanted, out, "ssecpy", SSE_COPY, 8);
        measure(wanted, out, "avxstr", AVX_STRING, 9);
        measure(wanted, out, "exits", EXITS, 3);
        measure(wanted, out, "ssexit", SSE_EXITS, 5);
        measure(wanted, out, "avxexi", AVX_EXITS, 6);
    }

    private static void measure(List<String> wanted, PrintStream out, String name, String source, int perTurn)
            throws IOException, InterruptedException {
        if (!wanted.isEmpty() && !wanted.contains(name)) {
            return;
        }
        byte[] code = Assembly.assemble(source);
        for (int round = 0; round < 3; round++) {
            try (Arena arena = Arena.ofShared()) {
                MemorySegment ram = arena.allocate(16 << 20, 4096);
                GuestMemory memory = new GuestMemory(List.of(new GuestMemory.Region(0, ram)));
                CodePages pages = new CodePages(ram.byteSize());
                try (RunFixture fixture = new RunFixture(memory, pages, Feature.all())) {
                    memory.putLong(0x1000, 0x2007);
                    memory.putLong(0x2000, 0x3007);
                    for (int i = 0; i < 8; i++) {
                        memory.putLong(0x3000 + 8 * i, 0x87 | (long) i << 21);
                    }
                    memory.copyIn(code, 0, CODE, code.length);
                    fixture.start(0x1000, 3);
                    fixture.cpu.setRip(CODE);
                    fixture.cpu.setGpr(CpuBlock.RSP, STACK);
                    long start = cpuNanos();
                    try {
                        fixture.run();
                    } catch (CpuFault fault) {
                        long nanos = cpuNanos() - start;
                        long count = instructions(name, perTurn);
                        out.printf(
                                "%-6s %6d MIPS %8.3f s exits %d cold %d eax %x %s%n",
                                name,
                                count * 1000 / nanos,
                                nanos / 1e9,
                                fixture.runs.counters().entries(),
                                fixture.runs.counters().steps(),
                                (int) fixture.cpu.gpr(0),
                                fault.getMessage());
                    }
                }
            }
        }
    }

    /** CPU time of this thread: others may have the processor in between. */
    private static long cpuNanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private static long instructions(String name, int perTurn) {
        return switch (name) {
            case "sieve" -> {
                long turns = 0;
                for (int i = 2; i < 1000; i++) {
                    turns += (2_000_000L - 2L * i + i - 1) / i;
                }
                yield 20 * turns * perTurn;
            }
            case "xor" -> 2000L * 32768 * perTurn;
            case "x87", "steps", "x87m", "mmx", "exits", "ssexit", "avxexi" -> 1_000_000L * perTurn;
            case "sse2", "avx" -> 20_000_000L * perTurn;
            case "ssecpy", "avxstr" -> 3_000_000L * perTurn;
            case "crc" -> 60L * 1_000_000 * perTurn;
            default ->
                7_049_155L / 2 * 15 + 7_049_155L / 2 * 9; // calls of fib(32): inner ones 15 instructions, others 9
        };
    }
}
