package io.javisor.core.engine;

import io.javisor.core.cpu.Bytes;
import io.javisor.core.cpu.CpuRegisters;
import io.javisor.core.memory.GuestMemory;
import java.util.OptionalLong;

/** Reads the instruction that a vCPU stands at. */
public final class InstructionAt {
    private static final int MAX_INSTRUCTION_SIZE = 15;
    private static final int PAGE_SIZE = 4096;

    private InstructionAt() {}

    /** Up to 15 bytes from the instruction pointer on, of one page; none if they are not mapped or not in RAM. */
    public static Bytes of(EngineVcpu vcpu, GuestMemory memory) {
        CpuRegisters registers = vcpu.registers();
        long linear = registers.system().cs().base() + registers.general().rip();
        OptionalLong gpa = vcpu.translate(linear);
        // One page at the most: the next one may be mapped elsewhere.
        int size = (int) Math.min(MAX_INSTRUCTION_SIZE, PAGE_SIZE - (linear & (PAGE_SIZE - 1)));
        if (gpa.isEmpty() || !memory.isRam(gpa.getAsLong(), size)) {
            return Bytes.NONE;
        }
        byte[] bytes = new byte[size];
        memory.copyOut(gpa.getAsLong(), bytes, 0, size);
        return Bytes.of(bytes);
    }
}
