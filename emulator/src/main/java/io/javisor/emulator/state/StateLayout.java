package io.javisor.emulator.state;

/**
 * Where the fields of a vCPU's state lie, in bytes from the start of its block. Little-endian; the block is aligned to 4096 bytes,
 * so that emitted code reaches the first 128 bytes with an 8-bit displacement.
 */
public final class StateLayout {
    /** The sixteen general registers, 8 bytes each, in the order of their encoding: rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8… */
    public static final int GPR_OFFSET = 0;

    /** 8 bytes: the instruction in flight until it retires; IP and EIP zero-extended. */
    public static final int RIP_OFFSET = 0x080;

    /** 8 bytes: all flags as the architecture has them, bit 1 set. */
    public static final int RFLAGS_OFFSET = 0x088;

    /** 4 bytes: the current privilege level, 0 to 3. */
    public static final int CPL_OFFSET = 0x090;

    /** 4 bytes: what a block of code depends on, made from the rest by whoever makes blocks. */
    public static final int MODE_OFFSET = 0x094;

    /** 4 bytes: set to 1 whenever something changed that {@link #MODE_OFFSET} is made from. */
    public static final int MODE_DIRTY_OFFSET = 0x098;

    /** 4 bytes: {@link CpuBlock#SHADOW_NONE} and its kin. */
    public static final int SHADOW_OFFSET = 0x09C;

    /** 4 bytes: {@link CpuBlock#RUNNING} and its kin. */
    public static final int ACTIVITY_OFFSET = 0x0A0;

    /** 4 bytes: 1 from the delivery of an NMI to the next IRET (SDM vol. 3A §6.7.1). */
    public static final int NMI_BLOCKED_OFFSET = 0x0A4;

    /** 4 bytes: what causes a debug trap after the instruction in flight, in the format of DR6. */
    public static final int PENDING_DEBUG_OFFSET = 0x0A8;

    /** 4 bytes: not 0 if the vCPU is to look for events before its next instruction. Other threads write it, too. */
    public static final int ATTENTION_OFFSET = 0x0AC;

    /** 8 bytes each: host addresses of the TLB sets for data, for fetches and for implicit supervisor accesses. */
    public static final int TLB_DATA_OFFSET = 0x0B0;

    public static final int TLB_FETCH_OFFSET = 0x0B8;
    public static final int TLB_IMPLICIT_OFFSET = 0x0C0;

    /** 8 bytes: the linear address of the page whose code runs, with 12 zeros below; of blocks of code. */
    public static final int RUN_PAGE_OFFSET = 0x0C8;

    /** 2 bytes: the status flags where blocks of code put them: OF, then the others as LAHF has them. */
    public static final int RUN_FLAGS_OFFSET = 0x0D0;

    /** 8 bytes: the host address of the jump cache of the current privilege. */
    public static final int JUMP_CACHE_OFFSET = 0x0D8;

    /** 8 bytes: what entries of the jump cache must have. */
    public static final int JUMP_KEY_OFFSET = 0x0E0;

    /** 8 bytes: a value that an instruction of a block puts aside. */
    public static final int RUN_SCRATCH_OFFSET = 0x0E8;

    /** 4 bytes: not 0 if an interrupt waits for RFLAGS.IF to be set. */
    public static final int INTERRUPT_WAITS_OFFSET = 0x0F0;

    /** 4 bytes: 0 while the guest's x87 registers are in the host's, which is never so in Java; else 1. */
    public static final int RUN_X87_AWAY_OFFSET = 0x0F4;

    /** 8 bytes: how many elements a string instruction of a block leaves for later. */
    public static final int RUN_REST_OFFSET = 0x0F8;

    /** Eight segment registers with their hidden parts, {@link #SEGMENT_SIZE} bytes each: ES, CS, SS, DS, FS, GS, LDTR, TR. */
    public static final int SEGMENTS_OFFSET = 0x100;

    public static final int SEGMENT_SIZE = 32;

    /** In a segment register, 8 bytes. */
    public static final int SEGMENT_BASE_OFFSET = 0;

    /** In a segment register, 4 bytes: the last valid offset (or the one before the first, if it expands down), in bytes. */
    public static final int SEGMENT_LIMIT_OFFSET = 8;

    /** In a segment register, 4 bytes: {@link SegmentAttributes}. */
    public static final int SEGMENT_ATTRIBUTES_OFFSET = 12;

    /** In a segment register, 4 bytes, of which the low 16 bits are used. */
    public static final int SEGMENT_SELECTOR_OFFSET = 16;

    public static final int GDTR_BASE_OFFSET = 0x200;
    public static final int GDTR_LIMIT_OFFSET = 0x208;
    public static final int IDTR_BASE_OFFSET = 0x210;
    public static final int IDTR_LIMIT_OFFSET = 0x218;

    public static final int CR0_OFFSET = 0x220;
    public static final int CR2_OFFSET = 0x228;
    public static final int CR3_OFFSET = 0x230;
    public static final int CR4_OFFSET = 0x238;
    public static final int XCR0_OFFSET = 0x248;
    public static final int EFER_OFFSET = 0x250;

    /** DR0 to DR3, 8 bytes each. */
    public static final int DR_OFFSET = 0x260;

    public static final int DR6_OFFSET = 0x280;
    public static final int DR7_OFFSET = 0x288;

    public static final int KERNEL_GS_BASE_OFFSET = 0x290;
    public static final int STAR_OFFSET = 0x298;
    public static final int LSTAR_OFFSET = 0x2A0;
    public static final int CSTAR_OFFSET = 0x2A8;
    public static final int FMASK_OFFSET = 0x2B0;
    public static final int SYSENTER_CS_OFFSET = 0x2B8;
    public static final int SYSENTER_ESP_OFFSET = 0x2C0;
    public static final int SYSENTER_EIP_OFFSET = 0x2C8;
    public static final int TSC_AUX_OFFSET = 0x2D0;

    /** 8 bytes: what is added to the machine's time-stamp counter. */
    public static final int TSC_OFFSET_OFFSET = 0x2D8;

    /** The four PDPTE registers of PAE paging, 8 bytes each (SDM vol. 3A §4.4.1). */
    public static final int PDPTE_OFFSET = 0x2E0;

    /** 8 bytes: the host address that entries of the jump cache count from. */
    public static final int JUMP_CODE_OFFSET = 0x300;

    /**
     * 32 bytes each: what {@link #TLB_DATA_OFFSET}, {@link #TLB_FETCH_OFFSET}, {@link #JUMP_CACHE_OFFSET} and {@link #JUMP_KEY_OFFSET} are at CPL 3, and at
     * CPL 0 with RFLAGS.AC clear.
     */
    public static final int USER_VIEW_OFFSET = 0x310;

    public static final int SUPERVISOR_VIEW_OFFSET = 0x330;

    /** 8 bytes: what {@link #TLB_DATA_OFFSET} is at CPL 0 with RFLAGS.AC set. */
    public static final int TLB_AC_OFFSET = 0x350;

    /** Where fields begin that the system architecture does not know: vector state, scratch space. */
    public static final int SYSTEM_END_OFFSET = 0x400;

    private StateLayout() {}
}
