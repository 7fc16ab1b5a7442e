package io.javisor.emulator.state;

import static io.javisor.emulator.state.StateLayout.*;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A vCPU's state, laid out by {@link StateLayout}. The vCPU's own thread uses it, and others while it is stopped. Plain access to
 * fields; what depends on them is kept by the classes of the system architecture.
 */
public final class CpuBlock {
    public static final int RAX = 0;
    public static final int RCX = 1;
    public static final int RDX = 2;
    public static final int RBX = 3;
    public static final int RSP = 4;
    public static final int RBP = 5;
    public static final int RSI = 6;
    public static final int RDI = 7;

    public static final int ES = 0;
    public static final int CS = 1;
    public static final int SS = 2;
    public static final int DS = 3;
    public static final int FS = 4;
    public static final int GS = 5;
    public static final int LDTR = 6;
    public static final int TR = 7;

    public static final int SHADOW_NONE = 0;

    /** After STI: interrupts wait for one instruction (SDM vol. 2B, STI). */
    public static final int SHADOW_STI = 1;

    /** After MOV SS or POP SS: interrupts, NMIs and debug traps wait for one instruction (SDM vol. 3A §6.8.3). */
    public static final int SHADOW_MOV_SS = 2;

    public static final int RUNNING = 0;
    public static final int HALTED = 1;

    /** After a triple fault: only a reset, INIT or NMI ends it (SDM vol. 3A §6.15, interrupt 8). */
    public static final int SHUTDOWN = 2;

    /** After INIT: only a SIPI ends it. */
    public static final int WAIT_FOR_SIPI = 3;

    private final MemorySegment block;
    private final CpuFault fault = new CpuFault();

    /**
     * Over memory of the caller, all zeros.
     *
     * @param block at least {@link StateLayout#SYSTEM_END_OFFSET} bytes, outside the heap, aligned to 64 bytes
     */
    public CpuBlock(MemorySegment block) {
        if (block.byteSize() < SYSTEM_END_OFFSET || !block.isNative() || (block.address() & 63) != 0) {
            throw new IllegalArgumentException("not a place for a vCPU's state: " + block);
        }
        this.block = block;
    }

    /** Where it lies, for emitted code. */
    public MemorySegment segment() {
        return block;
    }

    public long getLong(int offset) {
        return block.get(ValueLayout.JAVA_LONG, offset);
    }

    public void putLong(int offset, long value) {
        block.set(ValueLayout.JAVA_LONG, offset, value);
    }

    public int getInt(int offset) {
        return block.get(ValueLayout.JAVA_INT, offset);
    }

    public void putInt(int offset, int value) {
        block.set(ValueLayout.JAVA_INT, offset, value);
    }

    /** Makes a fault, to be thrown at once. {@code errorCode} may be {@link CpuFault#NO_CODE}. */
    public CpuFault fault(int vector, int errorCode) {
        return fault.with(vector, errorCode, 0);
    }

    /** Makes #GP(0). */
    public CpuFault generalProtection() {
        return fault.with(Vectors.GP, 0, 0);
    }

    /** Makes #UD. */
    public CpuFault undefinedOpcode() {
        return fault.with(Vectors.UD, CpuFault.NO_CODE, 0);
    }

    /** Makes #PF; CR2 is written when it is delivered. */
    public CpuFault pageFault(int errorCode, long linear) {
        return fault.with(Vectors.PF, errorCode, linear);
    }

    public long gpr(int index) {
        return getLong(GPR_OFFSET + 8 * index);
    }

    public void setGpr(int index, long value) {
        putLong(GPR_OFFSET + 8 * index, value);
    }

    /** Writes a register as an operand of {@code size} bytes (2, 4, 8): 2 leaves the rest, 4 clears the upper half. */
    public void setGpr(int index, int size, long value) {
        long result =
                switch (size) {
                    case 2 -> (gpr(index) & ~0xFFFFL) | (value & 0xFFFF);
                    case 4 -> value & 0xFFFF_FFFFL;
                    default -> value;
                };
        setGpr(index, result);
    }

    public long rip() {
        return getLong(RIP_OFFSET);
    }

    public void setRip(long value) {
        putLong(RIP_OFFSET, value);
    }

    public long rflags() {
        return getLong(RFLAGS_OFFSET);
    }

    public void setRflags(long value) {
        putLong(RFLAGS_OFFSET, value);
    }

    public boolean flag(long mask) {
        return (rflags() & mask) != 0;
    }

    public int iopl() {
        return (int) (rflags() >>> Bits.IOPL_SHIFT) & 3;
    }

    public int cpl() {
        return getInt(CPL_OFFSET);
    }

    public void setCpl(int value) {
        putInt(CPL_OFFSET, value);
    }

    public void modeChanged() {
        putInt(MODE_DIRTY_OFFSET, 1);
    }

    public int shadow() {
        return getInt(SHADOW_OFFSET);
    }

    public void setShadow(int value) {
        putInt(SHADOW_OFFSET, value);
    }

    public int activity() {
        return getInt(ACTIVITY_OFFSET);
    }

    public void setActivity(int value) {
        putInt(ACTIVITY_OFFSET, value);
    }

    public long cr0() {
        return getLong(CR0_OFFSET);
    }

    public long cr3() {
        return getLong(CR3_OFFSET);
    }

    public long cr4() {
        return getLong(CR4_OFFSET);
    }

    public long efer() {
        return getLong(EFER_OFFSET);
    }

    public long base(int segment) {
        return getLong(SEGMENTS_OFFSET + segment * SEGMENT_SIZE + SEGMENT_BASE_OFFSET);
    }

    public void setBase(int segment, long value) {
        putLong(SEGMENTS_OFFSET + segment * SEGMENT_SIZE + SEGMENT_BASE_OFFSET, value);
    }

    /** In bytes, zero-extended. */
    public long limit(int segment) {
        return Integer.toUnsignedLong(getInt(SEGMENTS_OFFSET + segment * SEGMENT_SIZE + SEGMENT_LIMIT_OFFSET));
    }

    public int attributes(int segment) {
        return getInt(SEGMENTS_OFFSET + segment * SEGMENT_SIZE + SEGMENT_ATTRIBUTES_OFFSET);
    }

    public int selector(int segment) {
        return getInt(SEGMENTS_OFFSET + segment * SEGMENT_SIZE + SEGMENT_SELECTOR_OFFSET);
    }

    /** Loads a segment register with its hidden part. Checks are the caller's. */
    public void setSegment(int segment, int selector, long base, int limit, int attributes) {
        int at = SEGMENTS_OFFSET + segment * SEGMENT_SIZE;
        putLong(at + SEGMENT_BASE_OFFSET, base);
        putInt(at + SEGMENT_LIMIT_OFFSET, limit);
        putInt(at + SEGMENT_ATTRIBUTES_OFFSET, attributes);
        putInt(at + SEGMENT_SELECTOR_OFFSET, selector & 0xFFFF);
        modeChanged();
    }

    public boolean protectedMode() {
        return (cr0() & Bits.CR0_PE) != 0;
    }

    /** Virtual-8086 mode (SDM vol. 3B ch. 21); in real-address mode the flag can't be set. */
    public boolean v86() {
        return flag(Bits.VM);
    }

    /** Real-address or virtual-8086 mode: segments are selectors times 16. */
    public boolean realAddressing() {
        return !protectedMode() || v86();
    }

    /** IA-32e mode is active, 64-bit or compatibility. */
    public boolean longMode() {
        return (efer() & Bits.EFER_LMA) != 0;
    }

    /** 64-bit mode. */
    public boolean code64() {
        return longMode() && (attributes(CS) & SegmentAttributes.LONG) != 0;
    }

    /** The width of linear addresses: all ones in IA-32e mode, else 32 of them. */
    public long linearMask() {
        return longMode() ? -1L : 0xFFFF_FFFFL;
    }

    /** Whether all bits from 47 up are the same (SDM vol. 1 §3.3.7.1). */
    public static boolean isCanonical(long linear) {
        return linear << 16 >> 16 == linear;
    }
}
