package io.javisor.core.cpu;

/**
 * The segment registers, the descriptor table registers, the control registers, EFER and the local APIC's base
 * (Intel SDM vol. 3 §2.1). The privilege level is the DPL of {@code ss}.
 *
 * @param cr8 the task priority, 0 to 15
 * @param apicBase the MSR IA32_APIC_BASE
 */
public record SystemRegisters(
        SegmentState cs,
        SegmentState ds,
        SegmentState es,
        SegmentState fs,
        SegmentState gs,
        SegmentState ss,
        SegmentState tr,
        SegmentState ldt,
        TableState gdt,
        TableState idt,
        long cr0,
        long cr2,
        long cr3,
        long cr4,
        long cr8,
        long efer,
        long apicBase) {}
