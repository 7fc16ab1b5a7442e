package io.javisor.kvm;

import io.javisor.core.cpu.Bytes;
import io.javisor.core.engine.VmSpec;
import io.javisor.core.engine.VmState;
import io.javisor.core.engine.VmState.ChipState;
import io.javisor.core.engine.VmState.ClockState;
import io.javisor.kvm.abi.KvmClockDataLayout;
import io.javisor.kvm.abi.KvmConstants;
import io.javisor.kvm.abi.KvmIrqchipLayout;
import io.javisor.kvm.abi.KvmPitState2Layout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/** Fetches what KVM keeps of a VM beside memory and vCPUs, and puts it back: clock, 8259As, I/O APIC, 8254. */
final class KvmVmSnapshot {
    private static final String PIT = "8254";

    /** The controllers, each a {@code kvm_irqchip}. */
    private enum Chip {
        PIC_MASTER("8259-master", KvmConstants.KVM_IRQCHIP_PIC_MASTER),
        PIC_SLAVE("8259-slave", KvmConstants.KVM_IRQCHIP_PIC_SLAVE),
        IOAPIC("ioapic", KvmConstants.KVM_IRQCHIP_IOAPIC);

        private final String id;
        private final int chipId;

        Chip(String id, int chipId) {
            this.id = id;
            this.chipId = chipId;
        }
    }

    private KvmVmSnapshot() {}

    static VmState save(KvmVm vm, VmSpec.Interrupts interrupts) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment clock = arena.allocate(KvmClockDataLayout.SIZE, Long.BYTES);
            vm.getClock(clock);
            List<ChipState> chips = interrupts == VmSpec.Interrupts.PC ? chips(vm.irqs(), arena) : List.of();
            return new VmState(
                    VmState.VERSION, KvmEngineProvider.NAME, new ClockState(KvmClockDataLayout.clock(clock)), chips);
        }
    }

    private static List<ChipState> chips(KvmIrqs irqs, Arena arena) {
        List<ChipState> states = new ArrayList<>();
        for (Chip chip : Chip.values()) {
            MemorySegment registers = arena.allocate(KvmIrqchipLayout.SIZE, Long.BYTES);
            KvmIrqchipLayout.setChipId(registers, chip.chipId);
            irqs.getIrqchip(registers);
            states.add(new ChipState(chip.id, bytes(registers)));
        }
        MemorySegment pit = arena.allocate(KvmPitState2Layout.SIZE, Long.BYTES);
        irqs.getPit2(pit);
        states.add(new ChipState(PIT, bytes(pit)));
        return states;
    }

    static void restore(KvmVm vm, VmState state) {
        try (Arena arena = Arena.ofConfined()) {
            for (ChipState chip : state.chips()) {
                MemorySegment registers = arena.allocate(chip.registers().length(), Long.BYTES);
                registers.copyFrom(MemorySegment.ofArray(chip.registers().toArray()));
                if (chip.id().equals(PIT)) {
                    vm.irqs().setPit2(registers);
                } else {
                    vm.irqs().setIrqchip(registers);
                }
            }
            MemorySegment clock = arena.allocate(KvmClockDataLayout.SIZE, Long.BYTES);
            KvmClockDataLayout.setClock(clock, state.clock().nanos());
            vm.setClock(clock);
        }
    }

    private static Bytes bytes(MemorySegment segment) {
        return Bytes.of(segment.toArray(ValueLayout.JAVA_BYTE));
    }
}
