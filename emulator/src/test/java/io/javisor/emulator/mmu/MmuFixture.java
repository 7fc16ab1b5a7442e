package io.javisor.emulator.mmu;

import io.javisor.core.bus.AddressBus;
import io.javisor.core.memory.GuestMemory;
import io.javisor.emulator.state.Bits;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.StateLayout;
import java.lang.foreign.Arena;
import java.util.List;

/** A processor's block with memory: {@code ramSize} bytes from 0, and 64 KiB from 4 GiB. */
public final class MmuFixture implements AutoCloseable {
    public static final long HIGH_GPA = 1L << 32;

    private final Arena arena = Arena.ofConfined();

    public final GuestMemory memory;
    public final AddressBus devices = AddressBus.deviceMemory();
    public final AddressBus ports = AddressBus.ports();
    public final CpuBlock cpu;
    public final Mmu mmu;
    public final LinearMemory linear;

    public MmuFixture(long ramSize) {
        this(ramSize, 40, true, true, WriteWatch.NONE);
    }

    public MmuFixture(long ramSize, int physicalBits, boolean pages1G, boolean pse36, WriteWatch watch) {
        memory = new GuestMemory(List.of(
                new GuestMemory.Region(0, arena.allocate(ramSize, 4096)),
                new GuestMemory.Region(HIGH_GPA, arena.allocate(0x10000, 4096))));
        // Other threads raise its attention.
        cpu = new CpuBlock(Arena.ofAuto().allocate(StateLayout.SYSTEM_END_OFFSET, 4096));
        cpu.setRflags(Bits.RFLAGS_FIXED);
        mmu = new Mmu(cpu, memory, watch, arena.allocate(Tlb.SIZE, 64), physicalBits, pages1G, pse36);
        linear = new LinearMemory(
                cpu, mmu, DeviceAccess.of(devices), watch, arena.allocate(LinearMemory.BOUNCE_SIZE, 64));
    }

    /** Sets what paging depends on, loads the PDPTEs as a write of CR3 does, and forgets all translations. */
    public void paging(long cr0, long cr3, long cr4, long efer) {
        cpu.putLong(StateLayout.CR0_OFFSET, cr0);
        cpu.putLong(StateLayout.CR3_OFFSET, cr3);
        cpu.putLong(StateLayout.CR4_OFFSET, cr4);
        cpu.putLong(StateLayout.EFER_OFFSET, efer);
        if ((cr4 & Bits.CR4_PAE) != 0 && (efer & Bits.EFER_LMA) == 0) {
            for (int i = 0; i < 4; i++) {
                cpu.putLong(StateLayout.PDPTE_OFFSET + 8 * i, memory.getLong((cr3 & 0xFFFF_FFE0L) + 8L * i));
            }
        }
        mmu.controlsChanged();
        mmu.flush(true);
    }

    public void privilege(int cpl, boolean ac) {
        cpu.setCpl(cpl);
        cpu.setRflags(Bits.RFLAGS_FIXED | (ac ? Bits.AC : 0));
        mmu.privilegeChanged();
    }

    @Override
    public void close() {
        arena.close();
    }
}
