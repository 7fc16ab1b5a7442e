package io.javisor.kvm.abi;

import java.lang.foreign.MemorySegment;

/** {@code struct kvm_sregs2}: as {@code kvm_sregs}, with the PAE page directory pointers. KVM api.rst §4.131 */
public final class KvmSregs2Layout {
    public static final int SIZE = 320;
    public static final int CS_OFFSET = 0;
    public static final int DS_OFFSET = 24;
    public static final int ES_OFFSET = 48;
    public static final int FS_OFFSET = 72;
    public static final int GS_OFFSET = 96;
    public static final int SS_OFFSET = 120;
    public static final int TR_OFFSET = 144;
    public static final int LDT_OFFSET = 168;
    public static final int GDT_OFFSET = 192;
    public static final int IDT_OFFSET = 208;
    public static final int CR0_OFFSET = 224;
    public static final int CR2_OFFSET = 232;
    public static final int CR3_OFFSET = 240;
    public static final int CR4_OFFSET = 248;
    public static final int CR8_OFFSET = 256;
    public static final int EFER_OFFSET = 264;
    public static final int APIC_BASE_OFFSET = 272;
    public static final int FLAGS_OFFSET = 280;
    public static final int PDPTRS_OFFSET = 288;
    public static final int PDPTRS_COUNT = 4;

    private KvmSregs2Layout() {}

    public static long cr0(MemorySegment m) {
        return Abi.getU64(m, CR0_OFFSET);
    }

    public static void setCr0(MemorySegment m, long value) {
        Abi.setU64(m, CR0_OFFSET, value);
    }

    public static long cr2(MemorySegment m) {
        return Abi.getU64(m, CR2_OFFSET);
    }

    public static void setCr2(MemorySegment m, long value) {
        Abi.setU64(m, CR2_OFFSET, value);
    }

    public static long cr3(MemorySegment m) {
        return Abi.getU64(m, CR3_OFFSET);
    }

    public static void setCr3(MemorySegment m, long value) {
        Abi.setU64(m, CR3_OFFSET, value);
    }

    public static long cr4(MemorySegment m) {
        return Abi.getU64(m, CR4_OFFSET);
    }

    public static void setCr4(MemorySegment m, long value) {
        Abi.setU64(m, CR4_OFFSET, value);
    }

    public static long cr8(MemorySegment m) {
        return Abi.getU64(m, CR8_OFFSET);
    }

    public static void setCr8(MemorySegment m, long value) {
        Abi.setU64(m, CR8_OFFSET, value);
    }

    public static long efer(MemorySegment m) {
        return Abi.getU64(m, EFER_OFFSET);
    }

    public static void setEfer(MemorySegment m, long value) {
        Abi.setU64(m, EFER_OFFSET, value);
    }

    public static long apicBase(MemorySegment m) {
        return Abi.getU64(m, APIC_BASE_OFFSET);
    }

    public static void setApicBase(MemorySegment m, long value) {
        Abi.setU64(m, APIC_BASE_OFFSET, value);
    }

    public static long flags(MemorySegment m) {
        return Abi.getU64(m, FLAGS_OFFSET);
    }

    public static void setFlags(MemorySegment m, long value) {
        Abi.setU64(m, FLAGS_OFFSET, value);
    }

    public static long pdptrs(MemorySegment m, int index) {
        return Abi.getU64(m, PDPTRS_OFFSET + Abi.index(index, PDPTRS_COUNT) * 8);
    }

    public static void setPdptrs(MemorySegment m, int index, long value) {
        Abi.setU64(m, PDPTRS_OFFSET + Abi.index(index, PDPTRS_COUNT) * 8, value);
    }
}
