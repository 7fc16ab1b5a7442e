package io.javisor.emulator.step;

/**
 * The guest's memory as a step sees it: segments first, then linear addresses. Each method throws the vCPU's fault where the processor
 * would, before anything has moved, and allocates nothing.
 */
public interface OperandMemory {
    /** For {@link #open}: what the instruction does with the operand. */
    int READ = 1;

    int WRITE = 2;

    /** The most bytes that {@link #open} takes. */
    int MAX_SIZE = 64;

    /**
     * Checks an access against its segment (limit, type, canonical address) and alignment, and gives its linear address.
     *
     * @param segment 0 to 5: ES, CS, SS, DS, FS, GS
     * @param offset cut to the address size
     */
    long linear(int segment, long offset, int size, boolean write);

    /**
     * Makes an operand ready.
     *
     * @param slot 0 or 1: two operands may be open at once
     * @param size 1 to {@link #MAX_SIZE} bytes
     * @param intent {@link #READ}, {@link #WRITE} or both; the right to write is checked now
     * @return the host address to use: RAM itself, or a buffer that holds the operand if it is to be read
     */
    long open(int slot, long linear, int size, int intent);

    /** Ends an operand that was written: what is in a buffer goes where it belongs. */
    void commit(int slot);

    /** A LOCKed instruction on an operand in two pages begins: from its {@link #open} to its {@link #commit}, no other vCPU's does. */
    default void enterSplitLock() {}

    /** It is done, or has faulted. */
    default void leaveSplitLock() {}

    /** Faults as a write would; writes nothing. {@code size} is 1 to 4096. */
    void checkWrite(long linear, int size);

    /** Faults as a read would; reads nothing. {@code size} is 1 to 4096. */
    void checkRead(long linear, int size);

    /** Reads 1, 2, 4 or 8 bytes, zero-extended. */
    long read(long linear, int size);

    /** Writes the low 1, 2, 4 or 8 bytes of {@code value}. */
    void write(long linear, int size, long value);

    /**
     * Looks for RAM that a string instruction may use many bytes of at once. Faults as an access of the first byte would.
     *
     * @param size 1 to 4096 bytes; they may not be of one page
     * @return the host address, or 0 if the elements are to be accessed one by one
     */
    long direct(int segment, long offset, int size, boolean write);

    /** The host address of the instruction byte at {@code linear}, good up to the end of its page. */
    long fetch(long linear);
}
