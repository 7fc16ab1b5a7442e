package io.javisor.kvm;

import io.javisor.core.cpu.Bytes;
import io.javisor.core.cpu.CpuState;
import io.javisor.core.cpu.MsrEntry;
import io.javisor.core.engine.VmSpec;
import io.javisor.core.engine.VmState;
import io.javisor.core.engine.VmState.ChipState;
import io.javisor.core.engine.VmState.ClockState;
import io.javisor.kvm.abi.KvmClockDataLayout;
import io.javisor.kvm.abi.KvmConstants;
import io.javisor.kvm.abi.KvmIrqchipLayout;
import io.javisor.kvm.abi.KvmPitChannelStateLayout;
import io.javisor.kvm.abi.KvmPitState2Layout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Fetches what KVM keeps of a VM beside memory, and puts it back: clock, vCPUs, 8259As, I/O APIC, 8254.
 *
 * <p>The order of putting back:
 *
 * <ol>
 *   <li>{@code KVM_SET_CLOCK}. The page that the guest reads the clock from follows with the vCPU's next run.
 *   <li>The vCPUs, the first one first, whose time stamp counter the others' are brought in step with: {@link #parted}.
 *   <li>8259As and I/O APIC, after the local APICs: {@code KVM_SET_IRQCHIP} delivers what waits in the I/O APIC, and {@code KVM_SET_LAPIC} would forget it.
 *   <li>The 8254, which begins to count: KVM makes no further tick before the guest has seen to the last one, so that a tick which
 *       {@code KVM_SET_LAPIC} or {@code KVM_SET_IRQCHIP} forgot would be the last of all.
 * </ol>
 *
 * <p>What KVM does not tell: how far the 8254 has counted (it begins its period anew), how many of its ticks it owes, and whether a periodic local
 * APIC timer has expired just now (that period is lost). A one-shot timer that has expired expires once more.
 */
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

    static VmState save(KvmVm vm, VmSpec.Interrupts interrupts, List<KvmEngineVcpu> vcpus) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment clock = arena.allocate(KvmClockDataLayout.SIZE, Long.BYTES);
            vm.getClock(clock);
            List<CpuState> cpus = vcpus.stream().map(KvmEngineVcpu::save).toList();
            List<ChipState> chips = interrupts == VmSpec.Interrupts.PC ? chips(vm.irqs(), arena) : List.of();
            return new VmState(
                    VmState.VERSION,
                    KvmEngineProvider.NAME,
                    new ClockState(KvmClockDataLayout.clock(clock)),
                    cpus,
                    chips);
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
        for (int i = 0; i < KvmPitState2Layout.CHANNELS_COUNT; i++) {
            // A time of the host's, which KVM does not look at when it is put back.
            KvmPitChannelStateLayout.setCountLoadTime(pit, KvmPitState2Layout.channelOffset(i), 0);
        }
        states.add(new ChipState(PIT, bytes(pit)));
        return states;
    }

    static void restore(KvmVm vm, VmSpec.Interrupts interrupts, List<KvmEngineVcpu> vcpus, VmState state) {
        requireChips(state.chips(), interrupts);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment clock = arena.allocate(KvmClockDataLayout.SIZE, Long.BYTES);
            KvmClockDataLayout.setClock(clock, state.clock().nanos());
            vm.setClock(clock);
            if (!vcpus.isEmpty()) {
                int _ = vcpus.getFirst()
                        .kvmVcpu()
                        .state()
                        .trySetMsrs(parted(state.cpus().getFirst().msrs()));
            }
            for (int i = 0; i < vcpus.size(); i++) {
                vcpus.get(i).restore(state.cpus().get(i));
            }
            restoreChips(vm.irqs(), state.chips(), arena);
        }
    }

    /**
     * A time stamp counter that is far from both the present one and the saved one. KVM takes one that is set within a second of what another would be by then
     * for an attempt to bring both in step, and lets it go on from that other one (Linux arch/x86/kvm/x86.c, kvm_synchronize_tsc): of a guest that
     * is younger than a second, say, the counter would be set back. After this one the saved one counts, and those of the other vCPUs are
     * brought in step with it.
     */
    static List<MsrEntry> parted(List<MsrEntry> msrs) {
        return msrs.stream()
                .filter(entry -> entry.index() == KvmMsrs.IA32_TSC)
                .map(entry -> new MsrEntry(KvmMsrs.IA32_TSC, entry.data() ^ 1L << 62))
                .toList();
    }

    /**
     * Checks that a state has all chips and nothing else.
     *
     * @throws IllegalArgumentException if it has not
     */
    static void requireChips(List<ChipState> states, VmSpec.Interrupts interrupts) {
        List<String> ids = new ArrayList<>();
        if (interrupts == VmSpec.Interrupts.PC) {
            Arrays.stream(Chip.values()).map(chip -> chip.id).forEach(ids::add);
            ids.add(PIT);
        }
        List<String> given = states.stream().map(ChipState::id).toList();
        if (!given.equals(ids)) {
            throw new IllegalArgumentException("a VM's state has the chips " + given + ", not " + ids);
        }
        for (ChipState state : states) {
            int size = state.id().equals(PIT) ? KvmPitState2Layout.SIZE : KvmIrqchipLayout.SIZE;
            if (state.registers().length() != size) {
                throw new IllegalArgumentException(state.id() + " has " + size + " bytes, its state "
                        + state.registers().length());
            }
        }
    }

    private static void restoreChips(KvmIrqs irqs, List<ChipState> states, Arena arena) {
        for (int i = 0; i < states.size(); i++) {
            Bytes bytes = states.get(i).registers();
            MemorySegment registers = arena.allocate(bytes.length(), Long.BYTES);
            registers.copyFrom(MemorySegment.ofArray(bytes.toArray()));
            if (i < Chip.values().length) {
                KvmIrqchipLayout.setChipId(registers, Chip.values()[i].chipId);
                irqs.setIrqchip(registers);
            } else {
                irqs.setPit2(registers);
            }
        }
    }

    private static Bytes bytes(MemorySegment segment) {
        return Bytes.of(segment.toArray(ValueLayout.JAVA_BYTE));
    }
}
