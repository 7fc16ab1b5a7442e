package io.javisor.emulator.emit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import io.javisor.core.host.MachineCode;
import io.javisor.emulator.decode.Decoder;
import io.javisor.emulator.decode.Feature;
import io.javisor.emulator.decode.Instruction;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.StateLayout;
import io.javisor.emulator.state.VectorLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Faults of the host's processor in code that the test has written, and those that are the JVM's own. */
@Timeout(60)
class FaultNetTest {
    private static final int PAGE_SIZE = 4096;

    /** Returns the signal; the rest of what is told goes to the two words at rdi. */
    private static final String EXIT = "58" // pop rax
            + "8f07" // pop [rdi]
            + "8f4708" // pop [rdi+8]
            + "c3";

    @ParameterizedTest
    @CsvSource({
        "0f0b, 4, ud2",
        "48c7c008000000 488b00, 11, mov rax 8; mov rax [rax]",
        "31c9 31d2 f7f1, 8, div ecx by 0",
        "48b80000000000000080 ff20, 11, jmp [not canonical]"
    })
    void aFaultInGuardedCodeLeavesByItsExit(String code, int signal, String what) {
        byte[] bytes = HexFormat.of().parseHex(code.replace(" ", ""));
        byte[] exit = HexFormat.of().parseHex(EXIT);
        try (Arena arena = Arena.ofConfined();
                CodeMemory memory = CodeMemory.map(PAGE_SIZE)) {
            MemorySegment.copy(bytes, 0, memory.bytes(), ValueLayout.JAVA_BYTE, 0, bytes.length);
            MemorySegment.copy(exit, 0, memory.bytes(), ValueLayout.JAVA_BYTE, 64, exit.length);
            MemorySegment told = arena.allocate(16, 8);
            long start = memory.executableHva(0);
            try (FaultNet.Guard _ = FaultNet.guard(start, start + 64, start + 64)) {
                for (int i = 0; i < 3; i++) {
                    assertEquals(signal, MachineCode.call(MachineCode.at(start), told.address(), 0), what);
                    assertEquals(signal, MachineCode.callBriefly(MachineCode.at(start), told.address(), 0), what);
                    long faulting = told.get(ValueLayout.JAVA_LONG, 8) - start;
                    assertTrue(faulting >= 0 && faulting < bytes.length, () -> what + " at " + faulting);
                }
            }
        }
    }

    @Test
    void theJvmsOwnFaultsStayItsOwn() {
        String[] texts = new String[1000]; // all but the first are null
        texts[0] = "text";
        try (CodeMemory memory = CodeMemory.map(PAGE_SIZE)) {
            long start = memory.executableHva(0);
            try (FaultNet.Guard _ = FaultNet.guard(start, start + 64, start + 64)) {
                int caught = 0;
                for (int i = 0; i < 100_000; i++) {
                    caught += hasNone(texts, i % 1000 == 999 ? 1 : 0) ? 1 : 0;
                }
                assertEquals(100, caught);
                assertThrows(StackOverflowError.class, () -> deeper(1));
                System.gc(); // stops all threads by a page that they can't read
            }
        }
    }

    /** Compiled, it has no test for null: the processor's fault is one. */
    private static boolean hasNone(String[] texts, int index) {
        try {
            return texts[index].isEmpty();
        } catch (NullPointerException e) {
            return true;
        }
    }

    private static int deeper(int depth) {
        return depth < 0 ? 0 : deeper(depth + 1) + depth; // an overflow of the stack comes first
    }

    @Test
    void aTruncatedFileIsAFaultOfItsStep() {
        CpuBlock cpu = new CpuBlock(Arena.ofAuto().allocate(VectorLayout.SIZE, PAGE_SIZE));
        int fd = Libc.memfdCreate("truncated", HostConstants.MFD_CLOEXEC);
        int rw = HostConstants.PROT_READ | HostConstants.PROT_WRITE;
        assertEquals(0, Libc.ftruncate(fd, PAGE_SIZE));
        long hva = Libc.mmap(0, PAGE_SIZE, rw, HostConstants.MAP_SHARED, fd, 0);
        Instruction add = new Instruction();
        MemorySegment bytes = MemorySegment.ofArray(HexFormat.of().parseHex("480103")); // add [rbx], rax
        try (StepCode code = new StepCode(cpu)) {
            assertEquals(Decoder.OK, new Decoder(Feature.all()).decode(bytes, 0, 3, 64, add));
            cpu.putLong(VectorLayout.OPERAND_OFFSET, hva);
            cpu.setGpr(CpuBlock.RAX, 7);
            code.run(add);
            code.run(add);
            assertEquals(0, Libc.ftruncate(fd, 0));
            HostFault fault = assertThrows(HostFault.class, () -> code.run(add));
            assertTrue(
                    fault.toString().contains("host fault: SIGBUS at host address 0x" + Long.toHexString(hva)),
                    fault::toString);
            assertEquals(7, cpu.gpr(CpuBlock.RAX));
            assertEquals(0, Libc.ftruncate(fd, PAGE_SIZE));
            code.run(add); // and on it goes
            assertEquals(7, Libc.segmentAt(hva, 8).get(ValueLayout.JAVA_LONG, 0));
            assertEquals(0, cpu.getLong(StateLayout.GPR_OFFSET + 8 * CpuBlock.RBX));
        } finally {
            int _ = Libc.munmap(hva, PAGE_SIZE);
            int _ = Libc.close(fd);
        }
    }
}
