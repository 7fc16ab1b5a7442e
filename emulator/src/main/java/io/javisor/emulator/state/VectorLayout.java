package io.javisor.emulator.state;

/**
 * Where the vector and x87 state lies in a vCPU's block, and what emitted code needs beside the registers; behind {@link StateLayout}. In
 * bytes from the block's start.
 */
public final class VectorLayout {
    /** 832 bytes: an XSAVE image in standard form with the components x87, SSE and AVX (SDM volume 1, §13.4). */
    public static final int XSAVE_OFFSET = 0x400;

    public static final int XSAVE_SIZE = 832;

    public static final int FCW_OFFSET = XSAVE_OFFSET;
    public static final int FSW_OFFSET = XSAVE_OFFSET + 2;

    /** A byte: bit i is set if register i is not empty. */
    public static final int FTW_OFFSET = XSAVE_OFFSET + 4;

    public static final int FOP_OFFSET = XSAVE_OFFSET + 6;
    public static final int FIP_OFFSET = XSAVE_OFFSET + 8;
    public static final int FDP_OFFSET = XSAVE_OFFSET + 16;
    public static final int MXCSR_OFFSET = XSAVE_OFFSET + 24;

    /** ST0 to ST7, 16 bytes each of which 10 are used; MM0 to MM7 are the low 8. */
    public static final int ST_OFFSET = XSAVE_OFFSET + 32;

    /** XMM0 to XMM15, 16 bytes each. */
    public static final int XMM_OFFSET = XSAVE_OFFSET + 160;

    /** The XSAVE header: XSTATE_BV, XCOMP_BV. */
    public static final int XSTATE_BV_OFFSET = XSAVE_OFFSET + 512;

    /** The upper halves of YMM0 to YMM15, 16 bytes each. */
    public static final int YMM_HIGH_OFFSET = XSAVE_OFFSET + 576;

    /** 8 bytes: the host address of the memory operand of a step. */
    public static final int OPERAND_OFFSET = 0x740;

    /** 4 bytes: the MXCSR that Java code runs with. */
    public static final int HOST_MXCSR_OFFSET = 0x748;

    /** Four registers of 8 bytes for steps that are made of others. */
    public static final int SCRATCH_OFFSET = 0x750;

    /** 8 bytes: the host's rsp in emitted code, for who leaves it by a host fault. */
    public static final int HOST_STACK_OFFSET = 0x770;

    /** A copy of what an instruction may have to undo, {@link #XSAVE_SIZE} bytes. */
    public static final int BACKUP_OFFSET = 0x780;

    /** 32 bytes: an instruction that lies on two pages. */
    public static final int FETCH_OFFSET = 0xac0;

    /** A host fault in emitted code, 8 bytes each: the signal, the address that was not to be accessed, that of the code. */
    public static final int FAULT_SIGNAL_OFFSET = 0xae0;

    public static final int FAULT_ADDRESS_OFFSET = 0xae8;
    public static final int FAULT_CODE_OFFSET = 0xaf0;

    /** 512 bytes: an image of FXSAVE on the way out of blocks, of which only what belongs to x87 is the guest's. */
    public static final int X87_AREA_OFFSET = 0xb00;

    /** The scratch registers of blocks at a host fault, 8 bytes each. */
    public static final int FAULT_FIRST_OFFSET = 0xaf8;

    public static final int FAULT_SECOND_OFFSET = 0xd00;

    /** 8 bytes: the linear address of an access of blocks that the TLB does not allow. */
    public static final int MISS_LINEAR_OFFSET = 0xd08;

    /** 8 bytes: where the host's code does it again. */
    public static final int MISS_AGAIN_OFFSET = 0xd10;

    /** 4 bytes: 0 while the lower halves of the guest's vector registers are in the host's, which is never so in Java; else 1. */
    public static final int VECTORS_AWAY_OFFSET = 0xd20;

    /** 4 bytes: where their upper halves are, a value of the code for blocks; in Java always in {@link #YMM_HIGH_OFFSET}. */
    public static final int UPPERS_OFFSET = 0xd24;

    /** How many bytes a block with all this has. */
    public static final int SIZE = 0x1000;

    /** MXCSR after power-up, and in Java: all exceptions masked (SDM volume 1, §10.2.3). */
    public static final int MXCSR_RESET = 0x1f80;

    /** The exceptions' flags in MXCSR; their masks are 7 bits higher. */
    public static final int MXCSR_FLAGS = 0x3f;

    public static final int MXCSR_MASKS = MXCSR_FLAGS << 7;

    /** The bits that MXCSR has; the others are reserved (SDM volume 1, §10.2.3). */
    public static final int MXCSR_DEFINED = 0xffff;

    /** x87's control word after FNINIT. */
    public static final int FCW_RESET = 0x37f;

    private VectorLayout() {}
}
