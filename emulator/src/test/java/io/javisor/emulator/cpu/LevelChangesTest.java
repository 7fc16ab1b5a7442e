package io.javisor.emulator.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.bus.AddressBus;
import io.javisor.core.cpu.CpuRegisters;
import io.javisor.core.cpu.GeneralRegisters;
import io.javisor.core.cpu.SegmentState;
import io.javisor.core.cpu.SystemRegisters;
import io.javisor.core.cpu.TableState;
import io.javisor.core.engine.EngineTraits;
import io.javisor.core.engine.EngineVm;
import io.javisor.core.engine.VmSpec;
import io.javisor.core.memory.GuestMemory;
import io.javisor.core.vcpu.VcpuExit;
import io.javisor.emulator.run.Assembly;
import io.javisor.emulator.state.Bits;
import io.javisor.emulator.state.StateLayout;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * IRETQ, SYSCALL and SYSRET in blocks do what they do in steps. A guest at CPL 0 goes by IRETQ to where a frame tells; what is there goes by SYSCALL to
 * the kernel, and that by SYSRET back; a fault, wherever it comes, ends the turn. All of them write down what they find.
 */
@Timeout(120)
class LevelChangesTest {
    /** There is what is at 0, for CPL 3. */
    private static final int USER_BASE = 0x20_0000;

    private static final int RAM_SIZE = 4 << 20;
    private static final int TURNS = 12;

    private static final int GDT = 0x5000;
    private static final int IDT = 0x6000;
    private static final int TSS = 0x7000;
    private static final int INTERRUPT_STACK = 0x7F00;

    // What the guest reads: the frame, then these.
    private static final int FRAME = 0x8000;
    private static final int SYSRET_R11 = 0x8028;
    private static final int SYSRET_RCX = 0x8030;
    private static final int DATA_SELECTOR = 0x8038;
    private static final int KERNEL_FLAGS = 0x8040;

    private static final int LOG = 0x2_0000;
    private static final int KERNEL = 0x1_0000;
    private static final int HANDLERS = 0x1_1000;
    private static final int USER = USER_BASE + 0x1_2000;
    private static final int ENTRY = 0x1_3000;
    private static final int BACK = USER_BASE + 0x1_4000;
    private static final int INNER = 0x1_5000;
    private static final int STACK = 0x9F00;

    /** Writes rax, at the log that r14 points to. */
    private static final String LOG_RAX = "mov %rax, (%r14); add $8, %r14; ";

    private static final String LOG_STATE = "pushf; pop %rax; " + LOG_RAX + "mov %cs, %eax; " + LOG_RAX
            + "mov %ss, %eax; " + LOG_RAX + "mov %ds, %eax; " + LOG_RAX + "lea (%rsp), %rax; " + LOG_RAX;

    /** Changes a vector register and one of the x87, which stay in the host's over changes of the level, and writes both down. */
    private static final String LOG_VECTOR = "movq %r14, %xmm2; paddq %xmm2, %xmm1; movq %xmm1, %rax; " + LOG_RAX
            + "fld1; faddp; fistl (%r14); add $8, %r14; ";

    private static final long[] SELECTORS = {
        0x33, 0x10, 0x3b, 0x23, 0, 3, 0x13, 0x30, 0x37, 0x53, 0x50, 0x5b, 0x2b, 0xfff3
    };
    private static final long[] STACKS = {0x2b, 0x18, 0, 3, 0x43, 0x4b, 0x28, 0x1b, 0x2f, 0x33, 0xfffb};
    private static final long[] DATAS = {0x2b, 0x18, 0, 0x43, 0x28, 3};
    private static final long[] TARGETS = {
        USER, INNER, BACK, 0x8000_0000_0000L, -1L, 0xFFFF_8000_0000_0000L, 0x60_0000, KERNEL + 0x3000
    };
    private static final long[] FLAGS = {
        Bits.TF, Bits.NT, Bits.RF, Bits.AC, 1 << 21, 3 << 12, 0x8D5, 0xD5, 0x400, 0x801, 1 << 19, 1L << 40, 1 << 17
    };

    private static byte[] kernel = {};
    private static byte[] handlers = {};
    private static byte[] user = {};
    private static byte[] entry = {};
    private static byte[] back = {};
    private static byte[] inner = {};

    private final GuestMemory memory =
            new GuestMemory(List.of(new GuestMemory.Region(0, Arena.ofAuto().allocate(RAM_SIZE, 4096))));
    private long nullDescriptor;
    private long efer = 0xD01;
    private long iretSteps;
    private long syscallSteps;
    private long sysretSteps;

    @BeforeAll
    static void assemble() throws IOException, InterruptedException {
        kernel = Assembly.assemble("""
            1: mov 0x8038, %eax
            mov %eax, %ds
            mov $0x9f00, %esp
            push 0x8040
            popf
            mov $0x8000, %esp
            fninit
            fld1
            stc
            iretq
            .org 0x100
            dec %r15d
            jnz 1b
            hlt
            """);
        handlers = Assembly.assemble("""
            vector = 0
            .rept 32
            .balign 16
            push $vector
            jmp 1f
            vector = vector + 1
            .endr
            .balign 16
            1: mov $9, %ecx
            2: pop (%r14)
            add $8, %r14
            dec %ecx
            jnz 2b
            mov $0x7f00, %esp
            """ + LOG_STATE + """
            mov $0x10100, %eax
            jmp *%rax
            """);
        user = Assembly.assemble(ofUser(LOG_STATE) + ofUser(LOG_VECTOR) + "std; mov $0x209e00, %esp; syscall; ud2");
        entry = Assembly.assemble("mov %rcx, %rax; " + LOG_RAX + "mov %r11, %rax; " + LOG_RAX + LOG_STATE + LOG_VECTOR
                + "stac; mov 0x208040, %eax; clac; mov 0x8028, %r11; mov 0x8030, %rcx; sysretq");
        back = Assembly.assemble(ofUser(LOG_STATE + LOG_VECTOR + "mov %rcx, %rax; " + LOG_RAX) + "hlt");
        inner = Assembly.assemble(LOG_STATE + "mov 0x208040, %eax; ud2");
    }

    private static String ofUser(String source) {
        return source.replace("(%r14)", USER_BASE + "(%r14)");
    }

    private void load(int gpa, byte[] code) {
        memory.copyIn(code, 0, gpa, code.length);
    }

    private void write() {
        memory.putLong(0x1000, 0x2007);
        memory.putLong(0x2000, 0x3007);
        memory.putLong(0x3000, 0x83);
        memory.putLong(0x3008, 0x87);
        memory.putLong(GDT, nullDescriptor);
        memory.putLong(GDT + 0x10, 0x00AF_9B00_0000_FFFFL);
        memory.putLong(GDT + 0x18, 0x00CF_9300_0000_FFFFL);
        memory.putLong(GDT + 0x20, 0x00CF_FB00_0000_FFFFL);
        memory.putLong(GDT + 0x28, 0x00CF_F300_0000_FFFFL);
        memory.putLong(GDT + 0x30, 0x00AF_FB00_0000_FFFFL);
        memory.putLong(GDT + 0x38, 0x00AF_FA00_0000_FFFFL); // not accessed yet
        memory.putLong(GDT + 0x40, 0x00CF_F200_0000_FFFFL);
        memory.putLong(GDT + 0x48, 0x00CF_F300_1000_FFFFL); // not flat
        memory.putLong(GDT + 0x50, 0x00AF_9F00_0000_FFFFL); // conforming
        memory.putLong(GDT + 0x58, 0x00AF_FB00_0000_FFFFL); // beyond the limit
        memory.putLong(TSS + 4, STACK);
        memory.putLong(TSS + 0x24, INTERRUPT_STACK);
        for (int vector = 0; vector < 32; vector++) {
            memory.putLong(
                    IDT + 16 * vector, (HANDLERS + 16 * vector & 0xFFFF) | 0x10 << 16 | 0x1_8E01L << 32 | 1L << 48);
        }
        load(KERNEL, kernel);
        load(HANDLERS, handlers);
        load(USER - USER_BASE, user);
        load(ENTRY, entry);
        load(BACK - USER_BASE, back);
        load(INNER, inner);
    }

    /** Runs the guest; returns what it has written. */
    private byte[] run(Translation translation, long[] parameters, long fmask, boolean smap) {
        memory.copyIn(new byte[0x4_0000], 0, 0, 0x4_0000);
        write();
        for (int i = 0; i < parameters.length; i++) {
            memory.putLong(FRAME + 8 * i, parameters[i]);
        }
        SoftwareEngine engine = new SoftwareEngine(new EngineTraits(false, true), HostFeatures.ofHost(), translation);
        try (EngineVm vm = engine.createVm(new VmSpec(
                "levels",
                memory,
                AddressBus.ports(),
                AddressBus.deviceMemory(),
                VmSpec.Interrupts.NONE,
                0xFFFB_C000L,
                Runnable::run))) {
            SoftwareVcpu vcpu = (SoftwareVcpu) vm.createVcpu(0);
            try {
                vcpu.powerOn(vm.offer().supported());
                vcpu.setRegisters(registers(vcpu.registers().system(), smap));
                vcpu.block().putLong(StateLayout.STAR_OFFSET, 0x23L << 48 | 0x10L << 32);
                vcpu.block().putLong(StateLayout.LSTAR_OFFSET, ENTRY);
                vcpu.block().putLong(StateLayout.FMASK_OFFSET, fmask);
                VcpuExit exit = VcpuExit.CONTINUE;
                for (int i = 0; i < 1000 && exit == VcpuExit.CONTINUE; i++) {
                    exit = vcpu.run();
                }
                VcpuExit last = exit;
                assertEquals(VcpuExit.HALT, last, () -> vcpu.failure(last).toString());
                iretSteps = steps(vcpu, "iretq");
                syscallSteps = steps(vcpu, "syscall");
                sysretSteps = steps(vcpu, "sysretq");
            } finally {
                vcpu.close();
            }
        }
        byte[] written = new byte[0x2_0000];
        memory.copyOut(LOG, written, 0, written.length);
        return written;
    }

    private static long steps(SoftwareVcpu vcpu, String instruction) {
        return vcpu.stepCounts().stream()
                .filter(count -> count.instruction().equals(instruction))
                .mapToLong(count -> count.count())
                .sum();
    }

    private CpuRegisters registers(SystemRegisters now, boolean smap) {
        SegmentState data = SegmentState.data(0x18);
        SegmentState tss = new SegmentState(
                TSS, 0x67, 0x58, SegmentState.TYPE_TSS_BUSY, false, 0, true, false, false, false, false, false);
        GeneralRegisters general = new GeneralRegisters(
                0, 0, 0, 0, 0, 0, STACK, 0, 0, 0, 0, 0, 0, 0, LOG, TURNS, KERNEL, Bits.RFLAGS_FIXED);
        SystemRegisters system = new SystemRegisters(
                SegmentState.code64(0x10),
                data,
                SegmentState.none(), // or the first IRETQ would have to be a step that makes them so
                SegmentState.none(),
                SegmentState.none(),
                data,
                tss,
                now.ldt(),
                new TableState(GDT, 0x57),
                new TableState(IDT, 0x1FF),
                0x8001_0031L,
                0,
                0x1000,
                1 << 5 | 1 << 9 | 1 << 10 | (smap ? 1 << 21 : 0),
                0,
                efer,
                now.apicBase());
        return new CpuRegisters(general, system);
    }

    private static long[] usual() {
        long[] parameters = new long[9];
        parameters[0] = USER;
        parameters[1] = 0x33;
        parameters[2] = 0x1_0003; // RF, too
        parameters[3] = USER_BASE + STACK;
        parameters[4] = 0x2b;
        parameters[(SYSRET_R11 - FRAME) / 8] = 0x8D7;
        parameters[(SYSRET_RCX - FRAME) / 8] = BACK;
        parameters[(DATA_SELECTOR - FRAME) / 8] = 0x2b;
        parameters[(KERNEL_FLAGS - FRAME) / 8] = 2;
        return parameters;
    }

    private void compare(long[] parameters, long fmask, boolean smap, String what) {
        byte[] steps = run(Translation.OFF, parameters, fmask, smap);
        byte[] checked = run(Translation.CHECK, parameters, fmask, smap);
        byte[] blocks = run(Translation.ON, parameters, fmask, smap);
        same(steps, checked, what + ", checked");
        same(steps, blocks, what);
    }

    private static void same(byte[] expected, byte[] actual, String what) {
        for (int i = 0; i < expected.length; i++) {
            int at = i;
            assertEquals(expected[i], actual[i], () -> what + ": the log differs at " + Integer.toHexString(at));
        }
    }

    @Test
    void linuxWayIsEmitted() {
        compare(usual(), 0x25_7FD5, false, "the usual way");
        assertTrue(iretSteps < 8, () -> iretSteps + " steps of iretq");
        assertTrue(syscallSteps < 8, () -> syscallSteps + " steps of syscall");
        assertTrue(sysretSteps < 8, () -> sysretSteps + " steps of sysretq");
    }

    @Test
    void toTheSameLevelWithAndWithoutAStackSegment() {
        for (long ss : new long[] {0, 0x18}) {
            long[] parameters = usual();
            parameters[0] = INNER;
            parameters[1] = 0x10;
            parameters[3] = STACK;
            parameters[4] = ss;
            for (long flags : new long[] {2, 0x1_0047, 0x4_0002, 0x4_0000}) {
                parameters[2] = flags;
                compare(parameters, 0, true, "stack segment " + ss + ", flags " + Long.toHexString(flags));
                assertTrue(iretSteps < 8, () -> iretSteps + " steps of iretq");
            }
        }
    }

    /** One thing is not as Linux has it; most of these fault, or are for steps. */
    @Test
    void oneThingElse() {
        compareEach(0, TARGETS);
        compareEach(1, SELECTORS);
        compareEach(2, FLAGS);
        compareEach(4, STACKS);
        compareEach((SYSRET_R11 - FRAME) / 8, FLAGS);
        compareEach((SYSRET_RCX - FRAME) / 8, TARGETS);
        compareEach((DATA_SELECTOR - FRAME) / 8, DATAS);
        compareEach((KERNEL_FLAGS - FRAME) / 8, FLAGS);
    }

    private void compareEach(int parameter, long[] values) {
        for (long value : values) {
            long[] parameters = usual();
            parameters[parameter] = value;
            compare(parameters, 0x25_7FD5, false, "parameter " + parameter + " is " + Long.toHexString(value));
        }
    }

    @Test
    void manyThingsElse() {
        Random random = new Random(1);
        for (int i = 0; i < 30; i++) {
            long[] parameters = usual();
            parameters[0] = one(random, TARGETS);
            parameters[1] = random.nextBoolean() ? 0x10 : one(random, SELECTORS);
            parameters[2] = flags(random);
            parameters[3] = random.nextInt(4) == 0
                    ? random.nextLong()
                    : (random.nextBoolean() ? USER_BASE : 0) + STACK - random.nextInt(16);
            parameters[4] = one(random, STACKS);
            parameters[5] = flags(random);
            parameters[6] = one(random, TARGETS);
            parameters[7] = one(random, DATAS);
            parameters[8] = flags(random) & ~Bits.TF;
            compare(parameters, flags(random), random.nextBoolean(), "program " + i);
        }
    }

    /** What the GDT's first entry has is no segment, however it looks. */
    @Test
    void nullSelectorsWhereTheFirstDescriptorIsOne() {
        for (long[] selectors : new long[][] {{3, 0x2b}, {0, 0x18}, {0x33, 3}}) {
            long[] parameters = usual();
            parameters[1] = selectors[0];
            parameters[4] = selectors[1];
            nullDescriptor = selectors[0] <= 3 ? 0x00AF_9B00_0000_FFFFL | selectors[0] << 45 : 0x00CF_F300_0000_FFFFL;
            compare(parameters, 0x25_7FD5, false, "selectors " + selectors[0] + " and " + selectors[1]);
        }
    }

    @Test
    void syscallIsUndefinedWhereItIsNotEnabled() {
        efer = 0xD00;
        compare(usual(), 0x25_7FD5, false, "without EFER.SCE");
    }

    private static long one(Random random, long[] some) {
        return some[random.nextInt(some.length)];
    }

    private static long flags(Random random) {
        long flags = 2;
        for (int i = random.nextInt(3); i > 0; i--) {
            flags |= one(random, FLAGS);
        }
        return flags;
    }
}
