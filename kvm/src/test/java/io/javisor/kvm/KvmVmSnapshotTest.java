package io.javisor.kvm;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.javisor.core.cpu.Bytes;
import io.javisor.core.cpu.MsrEntry;
import io.javisor.core.engine.VmSpec;
import io.javisor.core.engine.VmState.ChipState;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What of a state is looked at before KVM sees it. */
class KvmVmSnapshotTest {
    private static final List<ChipState> CHIPS =
            List.of(chip("8259-master", 520), chip("8259-slave", 520), chip("ioapic", 520), chip("8254", 112));

    private static ChipState chip(String id, int sizeBytes) {
        return new ChipState(id, Bytes.of(new byte[sizeBytes]));
    }

    private static void refused(String why, List<ChipState> chips, VmSpec.Interrupts interrupts) {
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> KvmVmSnapshot.requireChips(chips, interrupts));
        assertEquals(why, e.getMessage());
    }

    @Test
    void allChipsAreThereInTheirOrder() {
        assertDoesNotThrow(() -> KvmVmSnapshot.requireChips(CHIPS, VmSpec.Interrupts.PC));
        assertDoesNotThrow(() -> KvmVmSnapshot.requireChips(List.of(), VmSpec.Interrupts.NONE));
        refused(
                "a VM's state has the chips [8259-master, 8259-slave, ioapic], not [8259-master, 8259-slave, ioapic,"
                        + " 8254]",
                CHIPS.subList(0, 3),
                VmSpec.Interrupts.PC);
        refused(
                "a VM's state has the chips [8259-master, 8259-slave, ioapic, 8254], not []",
                CHIPS,
                VmSpec.Interrupts.NONE);
    }

    @Test
    void eachHasItsSize() {
        List<ChipState> wrong = List.of(CHIPS.get(0), CHIPS.get(1), CHIPS.get(2), chip("8254", 111));
        refused("8254 has 112 bytes, its state 111", wrong, VmSpec.Interrupts.PC);
    }

    @Test
    void theCounterIsBroughtFarAwayFirst() {
        assertEquals(
                List.of(new MsrEntry(0x10, 1L << 62 | 5)),
                KvmVmSnapshot.parted(List.of(new MsrEntry(0x11, 1), new MsrEntry(0x10, 5))));
        assertEquals(List.of(), KvmVmSnapshot.parted(List.of(new MsrEntry(0x11, 1))));
    }

    @Test
    void theCounterIsTheFirstMsrAndTheDeadlineTheLast() {
        List<Integer> saved = KvmMsrs.saved(new int[] {0x174, 0x6E0, 0x10, 0x1B, 0x3B});
        assertEquals(0x10, saved.getFirst());
        assertEquals(0x6E0, saved.getLast());
        assertEquals(List.of(0x10, 0x174, 0x3B, 0x200), saved.subList(0, 4));
        assertEquals(1, saved.stream().filter(index -> index == 0x10).count());
    }
}
