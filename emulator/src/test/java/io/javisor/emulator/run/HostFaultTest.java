package io.javisor.emulator.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import io.javisor.core.memory.GuestMemory;
import io.javisor.emulator.cpu.HostFeatures;
import io.javisor.emulator.decode.Feature;
import io.javisor.emulator.emit.HostFault;
import io.javisor.emulator.emit.PerfMap;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.CpuFault;
import io.javisor.emulator.state.VectorLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Guest memory that the host takes away under a block that runs. */
@Timeout(60)
class HostFaultTest {
    private static final int RAM_SIZE = 4 << 20;
    private static final long CODE = 0x10_0000;
    private static final long DATA = 0x20_0000;
    private static final long SOURCE = 0x30_0000;
    private static final long TABLES = 0x1000;
    private static final long TURNS = 1000;

    private long ramHva;

    @BeforeEach
    void map() {
        int flags = HostConstants.MAP_PRIVATE | HostConstants.MAP_ANONYMOUS;
        ramHva = Libc.mmap(0, RAM_SIZE, HostConstants.PROT_READ | HostConstants.PROT_WRITE, flags, -1, 0);
        assertTrue(ramHva > 0);
    }

    @AfterEach
    void unmap() {
        int _ = Libc.munmap(ramHva, RAM_SIZE);
    }

    private GuestMemory guest() {
        GuestMemory memory = new GuestMemory(List.of(new GuestMemory.Region(0, Libc.segmentAt(ramHva, RAM_SIZE))));
        memory.putLong(TABLES, 0x2007);
        memory.putLong(0x2000, 0x3007);
        memory.putLong(0x3000, 0x87);
        memory.putLong(0x3008, 0x20_0087);
        return memory;
    }

    private void takeAway(long pageGpa) {
        int taken = HostConstants.MAP_PRIVATE | HostConstants.MAP_ANONYMOUS | HostConstants.MAP_FIXED;
        assertEquals(ramHva + pageGpa, Libc.mmap(ramHva + pageGpa, 4096, HostConstants.PROT_NONE, taken, -1, 0));
    }

    @Test
    void theBlockLeavesWithItsRegisters() throws Exception {
        GuestMemory memory = guest();
        byte[] code = Assembly.assemble("""
            fld1
            1: fchs
            add %rcx, (%rbx)
            fchs
            dec %rcx
            jnz 1b
            hlt
            """);
        memory.copyIn(code, 0, CODE, code.length);
        try (RunFixture fixture = new RunFixture(memory, new CodePages(RAM_SIZE), Feature.all());
                RunFixture other = new RunFixture(memory, new CodePages(RAM_SIZE), Feature.all())) {
            start(fixture);
            assertThrows(CpuFault.class, fixture::run); // HLT: the block and the translation are there
            takeAway(DATA);
            fixture.cpu.setRip(CODE + 2); // the loop, which is a block
            fixture.cpu.setGpr(CpuBlock.RCX, TURNS);
            HostFault fault = assertThrows(HostFault.class, fixture::run);
            assertTrue(
                    fault.toString()
                            .contains("host fault: SIGSEGV at host address 0x" + Long.toHexString(ramHva + DATA)),
                    fault::toString);
            assertEquals(TURNS, fixture.cpu.gpr(CpuBlock.RCX));
            assertEquals(DATA, fixture.cpu.gpr(CpuBlock.RBX));
            assertEquals(0xbfff, fixture.cpu.getInt(VectorLayout.ST_OFFSET + 8) & 0xffff, "st(0) is -1");
            assertTrue(fixture.cpu.rip() >= CODE && fixture.cpu.rip() < CODE + code.length);

            start(other);
            other.cpu.setGpr(CpuBlock.RBX, DATA + 4096);
            CpuFault hlt = assertThrows(CpuFault.class, other::run);
            assertEquals(0, other.cpu.gpr(CpuBlock.RCX), hlt::getMessage);
            assertEquals(TURNS * (TURNS + 1) / 2, memory.getLong(DATA + 4096));
        }
    }

    /** As the instruction before the one that faulted has left them. */
    @ParameterizedTest
    @CsvSource({"paddd xmm, 0", "vpaddd ymm, 16"})
    void theBlockLeavesWithItsVectors(String instruction, int upper) throws Exception {
        assumeTrue(upper == 0 || HostFeatures.ofHost().contains(Feature.AVX2), "the host's processor has no AVX2");
        String[] words = instruction.split(" ", -1);
        String three = upper == 0 ? "" : "%ymm15, ";
        GuestMemory memory = guest();
        byte[] code = Assembly.assemble("""
            1: %s %%%s3, %s%%%s15
            fld1
            fstp %%st(0)
            add %%rcx, (%%rbx)
            dec %%rcx
            jnz 1b
            hlt
            """.formatted(words[0], words[1], three, words[1]));
        memory.copyIn(code, 0, CODE, code.length);
        try (RunFixture fixture = new RunFixture(memory, new CodePages(RAM_SIZE), Feature.all())) {
            start(fixture);
            assertThrows(CpuFault.class, fixture::run);
            takeAway(DATA);
            start(fixture);
            for (int i = 0; i < 16; i++) {
                fixture.cpu.putLong(VectorLayout.XMM_OFFSET + 16 * i, i + 1);
                fixture.cpu.putLong(VectorLayout.YMM_HIGH_OFFSET + 16 * i, i + 101);
            }
            assertThrows(HostFault.class, fixture::run);
            for (int i = 0; i < 16; i++) {
                int added = i == 15 ? 4 : 0;
                assertEquals(i + 1 + added, fixture.cpu.getLong(VectorLayout.XMM_OFFSET + 16 * i), "xmm" + i);
                added = i == 15 && upper != 0 ? 104 : 0;
                assertEquals(i + 101 + added, fixture.cpu.getLong(VectorLayout.YMM_HIGH_OFFSET + 16 * i), "ymm" + i);
            }
        }
    }

    /** A fault tells where code runs. */
    @Test
    void perfKnowsTheBlockThatRuns(@TempDir Path directory) throws Exception {
        GuestMemory memory = guest();
        byte[] code = Assembly.assemble("nop; 1: add %rcx, (%rbx); dec %rcx; jnz 1b; hlt");
        memory.copyIn(code, 0, CODE, code.length);
        Path path = directory.resolve("perf.map");
        BlockOptions options = BlockOptions.USUAL.with(PerfMap.make(path));
        try (RunFixture fixture = RunFixture.by(options, memory, new CodePages(RAM_SIZE))) {
            start(fixture);
            assertThrows(CpuFault.class, fixture::run);
            takeAway(DATA);
            fixture.cpu.setRip(CODE + 1);
            fixture.cpu.setGpr(CpuBlock.RCX, TURNS);
            String fault = assertThrows(HostFault.class, fixture::run).toString();
            long hva = Long.parseUnsignedLong(fault.replaceFirst(".*emitted code at 0x", ""), 16);
            assertEquals(
                    List.of("guest:0x%016x (user)".formatted(CODE + 1)),
                    Files.readAllLines(path).stream()
                            .filter(line -> {
                                String[] words = line.split(" ", 3);
                                long start = Long.parseUnsignedLong(words[0], 16);
                                return hva >= start && hva < start + Long.parseLong(words[1], 16);
                            })
                            .map(line -> line.split(" ", 3)[2])
                            .toList());
        }
    }

    /** The registers of a string instruction are the guest's, somewhere on the way; the page that is gone is the target's second. */
    @ParameterizedTest
    @CsvSource({"rep movsb, 1", "rep movsq, 8", "rep stosb, 1", "rep stosl, 4", "movsq, 8", "stosw, 2"})
    void aStringStopsWithTheGuestsRegisters(String instruction, int size) throws Exception {
        GuestMemory memory = guest();
        byte[] code = Assembly.assemble("""
            nop
            1: %s
            add %%rdx, %%rdi
            add %%rdx, %%rsi
            dec %%ebx
            jnz 1b
            hlt
            """.formatted(instruction));
        memory.copyIn(code, 0, CODE, code.length);
        boolean repeats = instruction.startsWith("rep");
        int moved = instruction.contains("movs") ? 1 : 0;
        try (RunFixture fixture = new RunFixture(memory, new CodePages(RAM_SIZE), Feature.all())) {
            fixture.start(TABLES, 3);
            for (int turn = 0; turn < 10; turn++) {
                startString(fixture, 8192 / size);
                assertThrows(CpuFault.class, fixture::run);
            }
            takeAway(DATA + 4096);
            startString(fixture, 8192 / size);
            HostFault fault = assertThrows(HostFault.class, fixture::run);
            assertTrue(fault.toString().contains("host fault: SIGSEGV"), fault::toString);
            long done = fixture.cpu.gpr(CpuBlock.RDI) - DATA;
            assertEquals(4096, done);
            assertEquals(moved * 4096L, fixture.cpu.gpr(CpuBlock.RSI) - SOURCE);
            if (repeats) {
                assertEquals(4096 / size, fixture.cpu.gpr(CpuBlock.RCX));
            }
        }
    }

    /** Two pages are filled by as many turns as it takes. */
    private static void startString(RunFixture fixture, long count) {
        fixture.cpu.setRip(CODE);
        fixture.cpu.setGpr(CpuBlock.RDI, DATA);
        fixture.cpu.setGpr(CpuBlock.RSI, SOURCE);
        fixture.cpu.setGpr(CpuBlock.RDX, 0);
        fixture.cpu.setGpr(CpuBlock.RBX, count);
        fixture.cpu.setGpr(CpuBlock.RCX, count);
    }

    private static void start(RunFixture fixture) {
        fixture.start(TABLES, 3);
        fixture.cpu.setRip(CODE);
        fixture.cpu.setGpr(CpuBlock.RBX, DATA);
        fixture.cpu.setGpr(CpuBlock.RCX, TURNS);
    }
}
