package io.javisor.testkit.guest;

import io.javisor.core.cpu.CpuRegisters;
import io.javisor.core.cpu.GeneralRegisters;
import io.javisor.core.cpu.SegmentState;
import io.javisor.core.cpu.SystemRegisters;
import io.javisor.core.engine.EngineVcpu;

/** Begins a guest in 32-bit protected mode without paging, as a Multiboot loader does. */
public final class ProtectedModeStart {
    private static final long RFLAGS_FIXED = 2;
    private static final long CR0_PE = 1;

    private ProtectedModeStart() {}

    /** Sets a vCPU to begin at {@code entryGpa}, with flat segments and without a stack; descriptor tables stay as they are. */
    public static void apply(EngineVcpu vcpu, long entryGpa) {
        SystemRegisters now = vcpu.registers().system();
        SegmentState data = SegmentState.data(0x10);
        vcpu.setRegisters(new CpuRegisters(
                GeneralRegisters.at(entryGpa, 0, RFLAGS_FIXED),
                new SystemRegisters(
                        SegmentState.code32(0x08),
                        data,
                        data,
                        data,
                        data,
                        data,
                        now.tr(),
                        now.ldt(),
                        now.gdt(),
                        now.idt(),
                        now.cr0() | CR0_PE,
                        now.cr2(),
                        now.cr3(),
                        now.cr4(),
                        now.cr8(),
                        now.efer(),
                        now.apicBase())));
    }
}
