package io.javisor.emulator.emit;

/**
 * Where the guest's general registers are while blocks of code run: the same for all blocks. r15 is the vCPU's block, the host's rsp stays
 * Java's, rbp and r11 are scratch; what is left over for the guest are twelve registers. The four that compilers use least live in
 * the vCPU's block.
 */
public final class RunRegisters {
    /** {@link #host}: the register is in the vCPU's block. */
    public static final int IN_BLOCK = -1;

    /** The scratch registers. The first holds the address of the memory operand. */
    public static final int FIRST = CodeWriter.RBP;

    public static final int SECOND = 11;

    /** Where the guest's stack and frame pointers are. */
    public static final int STACK = 9;

    public static final int FRAME = 10;

    private static final int[] HOSTS = {
        0, 1, 2, 3, STACK, FRAME, 6, 7, 8, IN_BLOCK, IN_BLOCK, IN_BLOCK, 12, 13, 14, IN_BLOCK
    };

    private RunRegisters() {}

    /** The host's register for a guest's register, 0 to 15, or {@link #IN_BLOCK}. */
    public static int host(int guest) {
        return HOSTS[guest];
    }
}
