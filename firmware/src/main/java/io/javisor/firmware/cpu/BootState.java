package io.javisor.firmware.cpu;

/**
 * The boot processor's registers at the guest's first instruction. General registers that are not named are zero; DS, ES, FS, GS and
 * SS hold {@code data}. The other processors wait for INIT and SIPI.
 *
 * @param rip guest-physical and linear alike: memory is identity-mapped, or paging is off. In real mode an offset in {@code code}
 * @param rbx PVH: {@code struct hvm_start_info}
 * @param rsi Linux: {@code struct boot_params}
 * @param idt empty: an exception before the guest loads its own table is a triple fault
 */
public record BootState(
        long rip,
        long rsp,
        long rbx,
        long rsi,
        long rflags,
        long cr0,
        long cr3,
        long cr4,
        long efer,
        SegmentState code,
        SegmentState data,
        SegmentState tss,
        SegmentState ldt,
        TableState gdt,
        TableState idt) {}
