package io.javisor.firmware.mptable;

/**
 * Structures of the MP specification 1.4: the floating pointer (§4.1), the table's header (§4.2) and its entries (§4.3). The pointer's
 * feature bytes stay 0: a table is present, no IMCR, virtual wire mode.
 */
final class MpTableLayout {
    static final int SPEC_REVISION_1_4 = 4;

    static final int FLOATING_POINTER_SIZE = 16;
    static final int FP_SIGNATURE_OFFSET = 0;
    static final int FP_TABLE_GPA_OFFSET = 4;
    /** In paragraphs of 16 bytes. */
    static final int FP_LENGTH_OFFSET = 8;

    static final int FP_SPEC_REVISION_OFFSET = 9;
    static final int FP_CHECKSUM_OFFSET = 10;

    static final int HEADER_SIZE = 44;
    static final int SIGNATURE_OFFSET = 0;
    static final int LENGTH_OFFSET = 4;
    static final int SPEC_REVISION_OFFSET = 6;
    static final int CHECKSUM_OFFSET = 7;
    static final int OEM_ID_OFFSET = 8;
    static final int OEM_ID_SIZE = 8;
    static final int PRODUCT_ID_OFFSET = 16;
    static final int PRODUCT_ID_SIZE = 12;
    static final int ENTRY_COUNT_OFFSET = 34;
    static final int LOCAL_APIC_GPA_OFFSET = 36;

    static final int PROCESSOR_ENTRY = 0;
    static final int PROCESSOR_ENTRY_SIZE = 20;
    static final int BUS_ENTRY = 1;
    static final int BUS_ENTRY_SIZE = 8;
    static final int IO_APIC_ENTRY = 2;
    static final int IO_APIC_ENTRY_SIZE = 8;
    static final int IO_INTERRUPT_ENTRY = 3;
    static final int IO_INTERRUPT_ENTRY_SIZE = 8;
    static final int LOCAL_INTERRUPT_ENTRY = 4;
    static final int LOCAL_INTERRUPT_ENTRY_SIZE = 8;

    static final int CPU_ENABLED = 1;
    static final int CPU_BOOT_PROCESSOR = 1 << 1;
    static final int IO_APIC_USABLE = 1;

    /** Interrupt types (table 4-10). */
    static final int INT = 0;

    static final int NMI = 1;
    static final int EXT_INT = 3;

    /** Polarity, flag bits 1:0; 0 is "as the bus has it". */
    static final int POLARITY_ACTIVE_HIGH = 1;

    static final int POLARITY_ACTIVE_LOW = 3;
    /** Trigger, flag bits 3:2. */
    static final int TRIGGER_EDGE = 1 << 2;

    static final int TRIGGER_LEVEL = 3 << 2;

    static final int ALL_LOCAL_APICS = 0xFF;

    private MpTableLayout() {}
}
