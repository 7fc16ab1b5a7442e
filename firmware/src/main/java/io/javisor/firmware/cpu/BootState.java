package io.javisor.firmware.cpu;

import io.javisor.core.cpu.CpuRegisters;
import io.javisor.core.cpu.GeneralRegisters;
import io.javisor.core.cpu.SegmentState;
import io.javisor.core.cpu.SystemRegisters;
import io.javisor.core.cpu.TableState;

/**
 * The boot processor's registers at the guest's first instruction. General registers that are not named are zero; DS, ES, FS, GS and
 * SS hold {@code data}. The other processors wait for INIT and SIPI.
 *
 * @param rip guest-physical and linear alike: memory is identity-mapped, or paging is off. In real mode an offset in {@code code}
 * @param rax Multiboot: its magic
 * @param rbx PVH: {@code struct hvm_start_info}; Multiboot: its information
 * @param rsi Linux: {@code struct boot_params}
 * @param idt empty: an exception before the guest loads its own table is a triple fault
 */
public record BootState(
        long rip,
        long rsp,
        long rax,
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
        TableState idt) {
    /** The processor's registers at power-on, changed to this state: the APIC's base, CR2 and CR8 stay. */
    public CpuRegisters registers(CpuRegisters powerOn) {
        SystemRegisters now = powerOn.system();
        return new CpuRegisters(
                new GeneralRegisters(rax, rbx, 0, 0, rsi, 0, rsp, rsp, 0, 0, 0, 0, 0, 0, 0, 0, rip, rflags),
                new SystemRegisters(
                        code,
                        data,
                        data,
                        data,
                        data,
                        data,
                        tss,
                        ldt,
                        gdt,
                        idt,
                        cr0,
                        now.cr2(),
                        cr3,
                        cr4,
                        now.cr8(),
                        efer,
                        now.apicBase()));
    }
}
