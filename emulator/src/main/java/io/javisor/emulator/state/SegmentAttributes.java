package io.javisor.emulator.state;

/**
 * What a descriptor says of its segment beside base and limit: bits 8 to 23 of its upper half, moved down by eight (SDM vol. 3A
 * §3.4.5), and a bit of its own for a register that holds no segment.
 */
public final class SegmentAttributes {
    public static final int TYPE_MASK = 0xF;
    public static final int ACCESSED = 1;

    /** Data: may be written. Code: may be read. */
    public static final int WRITABLE = 1 << 1;

    public static final int READABLE = 1 << 1;

    /** Data: expands down. Code: conforming. */
    public static final int EXPAND_DOWN = 1 << 2;

    public static final int CONFORMING = 1 << 2;
    public static final int CODE = 1 << 3;

    /** S: code or data, not a system segment. */
    public static final int CODE_OR_DATA = 1 << 4;

    public static final int DPL_SHIFT = 5;
    public static final int PRESENT = 1 << 7;
    public static final int LONG = 1 << 13;

    /** D/B: 32-bit operands and addresses, or a stack used through ESP. */
    public static final int BIG = 1 << 14;

    public static final int GRANULARITY = 1 << 15;

    /** The register was loaded with a null selector: every access through it faults outside 64-bit mode. */
    public static final int UNUSABLE = 1 << 16;

    public static final int TYPE_TSS16 = 1;
    public static final int TYPE_LDT = 2;
    public static final int TYPE_TSS16_BUSY = 3;
    public static final int TYPE_CALL_GATE16 = 4;
    public static final int TYPE_TASK_GATE = 5;
    public static final int TYPE_INTERRUPT_GATE16 = 6;
    public static final int TYPE_TRAP_GATE16 = 7;

    /** TSS of 32 bits, or of 64 in IA-32e mode. */
    public static final int TYPE_TSS32 = 9;

    public static final int TYPE_TSS32_BUSY = 11;
    public static final int TYPE_CALL_GATE32 = 12;
    public static final int TYPE_INTERRUPT_GATE32 = 14;
    public static final int TYPE_TRAP_GATE32 = 15;

    private SegmentAttributes() {}

    public static int type(int attributes) {
        return attributes & TYPE_MASK;
    }

    public static int dpl(int attributes) {
        return attributes >> DPL_SHIFT & 3;
    }

    public static boolean present(int attributes) {
        return (attributes & PRESENT) != 0;
    }

    public static boolean isSystem(int attributes) {
        return (attributes & CODE_OR_DATA) == 0;
    }

    public static boolean isCode(int attributes) {
        return (attributes & (CODE_OR_DATA | CODE)) == (CODE_OR_DATA | CODE);
    }

    public static boolean isData(int attributes) {
        return (attributes & (CODE_OR_DATA | CODE)) == CODE_OR_DATA;
    }

    public static boolean isConformingCode(int attributes) {
        return isCode(attributes) && (attributes & CONFORMING) != 0;
    }

    public static boolean isWritableData(int attributes) {
        return isData(attributes) && (attributes & WRITABLE) != 0;
    }

    /** Whether it is a system segment of that type. */
    public static boolean isSystem(int attributes, int type) {
        return (attributes & (CODE_OR_DATA | TYPE_MASK)) == type;
    }
}
