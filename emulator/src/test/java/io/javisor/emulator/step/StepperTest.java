package io.javisor.emulator.step;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.javisor.emulator.cpu.HostFeatures;
import io.javisor.emulator.decode.Decoder;
import io.javisor.emulator.decode.Feature;
import io.javisor.emulator.decode.Flags;
import io.javisor.emulator.emit.HostFault;
import io.javisor.emulator.emit.StepCode;
import io.javisor.emulator.state.Bits;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.CpuFault;
import io.javisor.emulator.state.SegmentAttributes;
import io.javisor.emulator.state.StateLayout;
import io.javisor.emulator.state.VectorLayout;
import io.javisor.emulator.state.Vectors;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the host can't be asked: 16- and 32-bit modes, faults of control registers, order. */
class StepperTest {
    private static final int CODE = 0x1000;

    private final CpuBlock cpu = new CpuBlock(Arena.ofAuto().allocate(VectorLayout.SIZE, 4096));
    private final FlatMemory memory = new FlatMemory(cpu);
    private final StepCode code = new StepCode(cpu);
    private final Stepper stepper = new Stepper(cpu, memory, code, new Decoder(Feature.all()), instruction -> {
        throw cpu.generalProtection();
    });

    @BeforeEach
    void protectedMode() {
        cpu.putLong(StateLayout.CR0_OFFSET, Bits.CR0_PE | Bits.CR0_NE);
        cpu.putLong(StateLayout.CR4_OFFSET, Bits.CR4_OSFXSR | Bits.CR4_OSXMMEXCPT);
        cpu.putInt(VectorLayout.MXCSR_OFFSET, VectorLayout.MXCSR_RESET);
        cpu.putInt(VectorLayout.FCW_OFFSET, VectorLayout.FCW_RESET);
        cpu.setRflags(Bits.RFLAGS_FIXED);
        bits(32);
    }

    @AfterEach
    void close() {
        code.close();
    }

    private void bits(int mode) {
        int data = SegmentAttributes.CODE_OR_DATA | SegmentAttributes.PRESENT | SegmentAttributes.WRITABLE;
        int big = mode == 32 ? SegmentAttributes.BIG : 0;
        for (int segment = 0; segment < CpuBlock.LDTR; segment++) {
            int kind = segment == CpuBlock.CS ? SegmentAttributes.CODE : 0;
            cpu.setSegment(segment, 8, 0, mode == 32 ? -1 : 0xffff, data | kind | big);
        }
    }

    private void run(String hex) {
        load(hex);
        stepper.step();
    }

    private void load(String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
        for (int i = 0; i < bytes.length; i++) {
            memory.set(CODE + i, bytes[i]);
        }
        cpu.setRip(CODE);
    }

    private CpuFault fault(String hex) {
        CpuFault fault = assertThrows(CpuFault.class, () -> run(hex));
        assertEquals(CODE, cpu.rip(), "RIP stays at what faults");
        return fault;
    }

    @Test
    void sixteenBitAddressesWrapAndAddTheirSegment() {
        bits(16);
        cpu.setSegment(CpuBlock.DS, 8, 0x2000, 0xffff, cpu.attributes(CpuBlock.DS));
        cpu.setGpr(CpuBlock.RBX, 0xfff0);
        cpu.setGpr(CpuBlock.RSI, 0x18);
        memory.write(0x200a, 2, 0x1234);
        cpu.setGpr(CpuBlock.RAX, 0xffff_0001L);
        run("03 40 02"); // add ax, [bx+si+2]
        assertEquals(0xffff_1235L, cpu.gpr(CpuBlock.RAX));
        assertEquals(CODE + 3, cpu.rip());
    }

    @Test
    void theStackPointerHasTheWidthOfTheStackSegment() {
        bits(16);
        cpu.setGpr(CpuBlock.RSP, 0xabcd_0000L);
        cpu.setGpr(CpuBlock.RAX, 0x1122_3344L);
        run("66 50"); // push eax
        assertEquals(0xabcd_fffcL, cpu.gpr(CpuBlock.RSP));
        assertEquals(0x1122_3344L, memory.read(0xfffc, 4));
    }

    @Test
    void incrementsAndExchangesOf32BitModeAreMadeWithOtherBytes() {
        cpu.setGpr(CpuBlock.RDX, 0xffff_ffffL);
        cpu.setRflags(Bits.RFLAGS_FIXED | Flags.CF);
        run("42"); // inc edx
        assertEquals(0, cpu.gpr(CpuBlock.RDX));
        assertEquals(Flags.CF | Flags.ZF | Flags.AF | Flags.PF, (int) cpu.rflags() & Flags.STATUS);
        memory.write(0x3000, 4, 0xcafe_babeL);
        run("a1 00 30 00 00"); // mov eax, [0x3000]
        assertEquals(0xcafe_babeL, cpu.gpr(CpuBlock.RAX));
    }

    @Test
    void pushAllAndPopAllAreInverse() {
        cpu.setGpr(CpuBlock.RSP, 0x4000);
        for (int i = 0; i < 8; i++) {
            if (i != CpuBlock.RSP) {
                cpu.setGpr(i, 0x1000 + i);
            }
        }
        run("60");
        assertEquals(0x4000 - 32, cpu.gpr(CpuBlock.RSP));
        assertEquals(0x4000, memory.read(0x4000 - 20, 4), "the pushed ESP is the one before");
        for (int i = 0; i < 8; i++) {
            if (i != CpuBlock.RSP) {
                cpu.setGpr(i, 0);
            }
        }
        run("61");
        assertEquals(0x1000, cpu.gpr(CpuBlock.RAX));
        assertEquals(0x1007, cpu.gpr(CpuBlock.RDI));
        assertEquals(0x4000, cpu.gpr(CpuBlock.RSP));
    }

    @ParameterizedTest
    @CsvSource({
        // instruction, AX and flags before, AX and flags after; examples of the manual and by its tables
        "27, 0x00ae, 0, 0x0014, 0x15", // daa: 79 + 35
        "27, 0x009a, 0, 0x0000, 0x55",
        "27, 0x0012, 0x10, 0x0018, 0x14",
        "2f, 0x0047, 0x10, 0x0041, 0x14", // das
        "2f, 0x0000, 0x01, 0x00a0, 0x85",
        "37, 0x020f, 0, 0x0305, 0x15", // aaa
        "3f, 0x020b, 0, 0x0105, 0x15", // aas
    })
    void adjustsDecimals(String hex, String before, int flags, String after, String flagsAfter) {
        cpu.setGpr(CpuBlock.RAX, Integer.decode(before));
        cpu.setRflags(Bits.RFLAGS_FIXED | flags);
        run(hex);
        assertEquals(Integer.decode(after), (int) cpu.gpr(CpuBlock.RAX));
        assertEquals(Integer.decode(flagsAfter), (int) cpu.rflags() & Flags.STATUS & ~Flags.OF);
    }

    @Test
    void adjustsBeforeAndAfterDivision() {
        cpu.setGpr(CpuBlock.RAX, 0x53);
        run("d4 0a");
        assertEquals(0x0803, cpu.gpr(CpuBlock.RAX));
        run("d5 0a");
        assertEquals(0x53, cpu.gpr(CpuBlock.RAX));
        assertEquals(Vectors.DE, fault("d4 00").vector());
    }

    @Test
    void boundFaultsOutsideItsLimits() {
        memory.write(0x3000, 4, -2);
        memory.write(0x3004, 4, 5);
        cpu.setGpr(CpuBlock.RAX, 5);
        run("62 05 00 30 00 00");
        cpu.setGpr(CpuBlock.RAX, 6);
        assertEquals(Vectors.BR, fault("62 05 00 30 00 00").vector());
        cpu.setGpr(CpuBlock.RAX, 0xffff_fffdL);
        assertEquals(Vectors.BR, fault("62 05 00 30 00 00").vector());
    }

    @Test
    void aStringStopsAtTheElementThatFaults() {
        cpu.setGpr(CpuBlock.RDI, 0xfff8);
        cpu.setGpr(CpuBlock.RCX, 5);
        cpu.setGpr(CpuBlock.RAX, 0x0102_0304);
        CpuFault fault = fault("f3 ab"); // rep stosd
        assertEquals(0x10000, fault.linear());
        assertEquals(3, cpu.gpr(CpuBlock.RCX));
        assertEquals(0x10000, cpu.gpr(CpuBlock.RDI));
        assertEquals(0x0102_0304, memory.read(0xfffc, 4));
    }

    @Test
    void aLongStringTakesSeveralSteps() {
        cpu.setGpr(CpuBlock.RSI, 0x2000);
        cpu.setGpr(CpuBlock.RCX, 3000);
        run("f3 ac"); // rep lodsb
        assertEquals(CODE, cpu.rip());
        assertEquals(3000 - 1024, cpu.gpr(CpuBlock.RCX));
        stepper.step();
        stepper.step();
        assertEquals(CODE + 2, cpu.rip());
        assertEquals(0, cpu.gpr(CpuBlock.RCX));
    }

    @Test
    void aLongStoreIsOneStep() {
        cpu.setGpr(CpuBlock.RDI, 0x2001);
        cpu.setGpr(CpuBlock.RCX, 3000);
        cpu.setGpr(CpuBlock.RAX, 0x1122_3344);
        run("f3 ab"); // rep stosd
        assertEquals(CODE + 2, cpu.rip());
        assertEquals(0, cpu.gpr(CpuBlock.RCX));
        assertEquals(0x2001 + 12_000, cpu.gpr(CpuBlock.RDI));
        for (int i = 0; i < 3000; i++) {
            assertEquals(0x1122_3344, memory.read(0x2001 + 4 * i, 4));
        }
        assertEquals(0, memory.read(0x2000, 1));
        assertEquals(0, memory.read(0x2001 + 12_000, 4));
    }

    @Test
    void aStoreToADeviceAsksForMemoryOncePerPage() {
        memory.deviceFrom(0x3000);
        cpu.setGpr(CpuBlock.RDI, 0x2800);
        cpu.setGpr(CpuBlock.RCX, 3000);
        cpu.setGpr(CpuBlock.RAX, 0x55);
        run("f3 aa"); // rep stosb
        while (cpu.gpr(CpuBlock.RCX) != 0) {
            stepper.step();
        }
        assertEquals(0x2800 + 3000, cpu.gpr(CpuBlock.RDI));
        assertEquals(0x55, memory.read(0x2800 + 2999, 1));
        assertEquals(0, memory.read(0x2800 + 3000, 1));
        assertTrue(memory.asked() <= 3, () -> memory.asked() + " times");
    }

    @Test
    void aLockAcrossCacheLinesIsTheHosts() {
        assumeTrue(code.locksAcrossLines(), "the host refuses split locks");
        cpu.setGpr(CpuBlock.RBX, 0x303e);
        memory.take(0x3000, true);
        try {
            assertThrows(HostFault.class, () -> run("f0 83 03 01")); // lock add dword [ebx], 1
        } finally {
            memory.take(0x3000, false);
        }
        run("f0 83 03 01");
        assertEquals(1, memory.read(0x303e, 4));
        assertEquals(0, memory.splitLocks(), "memory that the host took away says nothing of split locks");
        cpu.setGpr(CpuBlock.RBX, 0x3ffe);
        run("f0 83 03 01");
        assertEquals(1, memory.splitLocks(), "but two pages are locked by the machine");
    }

    @Test
    void aMoveUpOntoItselfRepeatsWhatItWrote() {
        memory.write(0x2000, 8, 0x0807_0605_0403_0201L);
        cpu.setGpr(CpuBlock.RSI, 0x2000);
        cpu.setGpr(CpuBlock.RDI, 0x2002);
        cpu.setGpr(CpuBlock.RCX, 40);
        run("f3 a4"); // rep movsb
        assertEquals(0x0201_0201_0201_0201L, memory.read(0x2000, 8));
        assertEquals(0x0201, memory.read(0x2028, 2));
    }

    @Test
    void aMoveDownOntoItselfKeepsItsBytes() {
        memory.write(0x2008, 8, 0x0807_0605_0403_0201L);
        cpu.setGpr(CpuBlock.RSI, 0x2004);
        cpu.setGpr(CpuBlock.RDI, 0x2000);
        cpu.setGpr(CpuBlock.RCX, 40);
        run("f3 a4"); // rep movsb
        assertEquals(0x0807_0605_0403_0201L, memory.read(0x2004, 8));
    }

    @Test
    void nearBranchesAreCutToTheOperandSize() {
        cpu.setGpr(CpuBlock.RSP, 0x4000);
        run("66 e8 fc ff"); // call with 16 bits
        assertEquals(CODE, cpu.rip());
        assertEquals(0x3ffe, cpu.gpr(CpuBlock.RSP));
        assertEquals(CODE + 4, memory.read(0x3ffe, 2));
        run("66 c2 04 00"); // ret 4
        assertEquals(CODE + 4, cpu.rip());
        assertEquals(0x4004, cpu.gpr(CpuBlock.RSP));
    }

    @Test
    void aPopToMemoryThatFaultsLeavesTheStackPointer() {
        cpu.setGpr(CpuBlock.RSP, 0x4000);
        assertEquals(Vectors.PF, fault("8f 05 00 00 02 00").vector()); // pop [0x20000]
        assertEquals(0x4000, cpu.gpr(CpuBlock.RSP));
    }

    @Test
    void theSystemDecidesOnX87AndVectors() {
        cpu.putLong(StateLayout.CR0_OFFSET, cpu.cr0() | Bits.CR0_TS);
        assertEquals(Vectors.NM, fault("d9 e8").vector()); // fld1
        assertEquals(Vectors.NM, fault("0f 57 c0").vector()); // xorps
        cpu.putLong(StateLayout.CR0_OFFSET, Bits.CR0_PE | Bits.CR0_EM);
        assertEquals(Vectors.NM, fault("d9 e8").vector());
        assertEquals(Vectors.UD, fault("0f ef c0").vector()); // pxor mm0, mm0
        cpu.putLong(StateLayout.CR0_OFFSET, Bits.CR0_PE);
        cpu.putLong(StateLayout.CR4_OFFSET, 0);
        assertEquals(Vectors.UD, fault("0f 57 c0").vector());
        assertEquals(Vectors.UD, fault("c5 f8 57 c0").vector()); // vxorps without OSXSAVE
        run("0f ae e8"); // lfence
    }

    @Test
    void noVectorNeedsNoSystem() {
        assumeTrue(HostFeatures.ofHost().contains(Feature.BMI1), "the host's processor has no BMI1");
        cpu.putLong(StateLayout.CR4_OFFSET, 0);
        run("c4 e2 78 f2 c1"); // andn eax, eax, ecx
    }

    @Test
    void codeBeyondItsSegmentFaultsWhereTheInstructionGoesOn() {
        bits(16);
        cpu.setSegment(CpuBlock.CS, 8, 0, CODE + 1, cpu.attributes(CpuBlock.CS));
        assertEquals(Vectors.GP, fault("b8 34 12").vector()); // mov ax, 0x1234
        run("40 40");
        assertEquals(1, cpu.gpr(CpuBlock.RAX));
    }

    @Test
    void systemInstructionsGoToThePort() {
        assertEquals(Vectors.GP, fault("f4").vector());
    }

    /** But for what the JDK's downcalls allocate until they are compiled. */
    @Test
    void noStepAllocates() {
        String[] steps = {
            "03 05 00 30 00 00", "42", "f3 aa", "0f 57 c0", "d9 e8", "e8 00 00 00 00", "d4 0a", "f7 f1", "9c"
        };
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        for (String step : steps) {
            load(step);
            long allocated = Long.MAX_VALUE;
            for (int round = 0; round < 100 && allocated > 0; round++) {
                long before =
                        threads.getThreadAllocatedBytes(Thread.currentThread().threadId());
                for (int i = 0; i < 1000; i++) {
                    step();
                }
                allocated =
                        threads.getThreadAllocatedBytes(Thread.currentThread().threadId()) - before;
            }
            assertEquals(0, allocated, step);
        }
    }

    private void step() {
        cpu.setRip(CODE);
        cpu.setGpr(CpuBlock.RSP, 0x4000);
        cpu.setGpr(CpuBlock.RDI, 0x5000);
        cpu.setGpr(CpuBlock.RCX, 3);
        cpu.setGpr(CpuBlock.RDX, 0);
        stepper.step();
    }
}
