package io.javisor.core.cpu;

/** The general registers, the instruction pointer and the flags (Intel SDM vol. 1 §3.4). */
public record GeneralRegisters(
        long rax,
        long rbx,
        long rcx,
        long rdx,
        long rsi,
        long rdi,
        long rsp,
        long rbp,
        long r8,
        long r9,
        long r10,
        long r11,
        long r12,
        long r13,
        long r14,
        long r15,
        long rip,
        long rflags) {
    /** Registers of which only these three are not zero. */
    public static GeneralRegisters at(long rip, long rsp, long rflags) {
        return new GeneralRegisters(0, 0, 0, 0, 0, 0, rsp, 0, 0, 0, 0, 0, 0, 0, 0, 0, rip, rflags);
    }
}
