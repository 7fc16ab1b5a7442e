package io.javisor.emulator.run;

import static io.javisor.emulator.state.StateLayout.ATTENTION_OFFSET;
import static io.javisor.emulator.state.StateLayout.CPL_OFFSET;
import static io.javisor.emulator.state.StateLayout.GPR_OFFSET;
import static io.javisor.emulator.state.StateLayout.INTERRUPT_WAITS_OFFSET;
import static io.javisor.emulator.state.StateLayout.KERNEL_GS_BASE_OFFSET;
import static io.javisor.emulator.state.StateLayout.RFLAGS_OFFSET;
import static io.javisor.emulator.state.StateLayout.RIP_OFFSET;
import static io.javisor.emulator.state.StateLayout.SEGMENTS_OFFSET;
import static io.javisor.emulator.state.StateLayout.SEGMENT_SIZE;
import static io.javisor.emulator.state.StateLayout.TLB_DATA_OFFSET;

import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.VectorLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/** States of a vCPU after each of some steps. For its thread alone. */
final class KeptStates {
    private static final int SIZE = VectorLayout.XSAVE_OFFSET + VectorLayout.XSAVE_SIZE;
    private static final int SEGMENTS = 8;

    /** Fields of 4 bytes that other threads write, or that follow from what these do: no state of the guest's. */
    private static final int[] LEFT_ALONE = {ATTENTION_OFFSET, INTERRUPT_WAITS_OFFSET};

    private static final String[] REGISTERS = {
        "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"
    };

    /** Bytes of the vCPU's block that instructions of blocks can change, beside the general registers, RIP and RFLAGS. */
    private record Part(String name, int offset, int size) {}

    private static final Part[] PARTS = parts();

    private final CpuBlock cpu;
    private final MemorySegment states;

    /** Of room for {@code count} states. */
    KeptStates(CpuBlock cpu, int count) {
        this.cpu = cpu;
        states = MemorySegment.ofArray(new long[count * SIZE / Long.BYTES]);
    }

    private static Part[] parts() {
        Part[] parts = new Part[SEGMENTS + 10 + 8 + 16 + 16];
        int count = 0;
        for (int i = 0; i < SEGMENTS; i++) {
            parts[count++] = new Part("segment register " + i, SEGMENTS_OFFSET + i * SEGMENT_SIZE, SEGMENT_SIZE);
        }
        parts[count++] = new Part("cpl", CPL_OFFSET, 4);
        parts[count++] = new Part("the TLB's sets", TLB_DATA_OFFSET, 16);
        parts[count++] = new Part("the kernel's gs base", KERNEL_GS_BASE_OFFSET, 8);
        parts[count++] = new Part("fcw", VectorLayout.FCW_OFFSET, 2);
        parts[count++] = new Part("fsw", VectorLayout.FSW_OFFSET, 2);
        parts[count++] = new Part("ftw", VectorLayout.FTW_OFFSET, 1);
        parts[count++] = new Part("fop", VectorLayout.FOP_OFFSET, 2);
        parts[count++] = new Part("fip", VectorLayout.FIP_OFFSET, 8);
        parts[count++] = new Part("fdp", VectorLayout.FDP_OFFSET, 8);
        parts[count++] = new Part("mxcsr", VectorLayout.MXCSR_OFFSET, 4);
        for (int i = 0; i < 8; i++) {
            parts[count++] = new Part("st" + i, VectorLayout.ST_OFFSET + 16 * i, 10);
        }
        for (int i = 0; i < 16; i++) {
            parts[count++] = new Part("xmm" + i, VectorLayout.XMM_OFFSET + 16 * i, 16);
            parts[count++] = new Part("upper half of ymm" + i, VectorLayout.YMM_HIGH_OFFSET + 16 * i, 16);
        }
        return parts;
    }

    /** Keeps the present state. */
    void keep(int state) {
        MemorySegment.copy(cpu.segment(), 0, states, (long) state * SIZE, SIZE);
    }

    /** Makes the first state that was kept the present one. */
    void restoreFirst() {
        int from = 0;
        for (int field : LEFT_ALONE) {
            MemorySegment.copy(states, from, cpu.segment(), from, field - from);
            from = field + Integer.BYTES;
        }
        MemorySegment.copy(states, from, cpu.segment(), from, SIZE - from);
    }

    /**
     * Says what the present state has that a kept one has not; null for nothing.
     *
     * @param rip the present one
     * @param dead flags that are not looked at
     */
    @Nullable
    String difference(int state, long rip, long dead) {
        for (int i = 0; i < REGISTERS.length; i++) {
            long expected = getLong(state, GPR_OFFSET + 8 * i);
            if (expected != cpu.gpr(i)) {
                return say(REGISTERS[i], "%016x".formatted(expected), "%016x".formatted(cpu.gpr(i)));
            }
        }
        if (getLong(state, RIP_OFFSET) != rip) {
            return say("rip", "%016x".formatted(getLong(state, RIP_OFFSET)), "%016x".formatted(rip));
        }
        long flags = getLong(state, RFLAGS_OFFSET);
        if (((flags ^ cpu.rflags()) & ~dead) != 0) {
            return say("rflags", "%08x".formatted(flags), "%08x".formatted(cpu.rflags()));
        }
        for (Part part : PARTS) {
            long start = (long) state * SIZE + part.offset();
            long end = start + part.size();
            if (MemorySegment.mismatch(
                            states, start, end, cpu.segment(), part.offset(), part.offset() + (long) part.size())
                    != -1) {
                return say(
                        part.name(), hex(states, start, part.size()), hex(cpu.segment(), part.offset(), part.size()));
            }
        }
        return null;
    }

    private long getLong(int state, int offset) {
        return states.get(ValueLayout.JAVA_LONG, (long) state * SIZE + offset);
    }

    /** As a number: the byte at the lowest address comes last. */
    private static String hex(MemorySegment from, long offset, int size) {
        StringBuilder text = new StringBuilder();
        for (int i = size - 1; i >= 0; i--) {
            text.append("%02x".formatted(from.get(ValueLayout.JAVA_BYTE, offset + i)));
        }
        return text.toString();
    }

    /** How a difference is written. */
    static String say(String what, String bySteps, String byBlock) {
        return what + " is " + bySteps + " by steps, " + byBlock + " by the block";
    }
}
