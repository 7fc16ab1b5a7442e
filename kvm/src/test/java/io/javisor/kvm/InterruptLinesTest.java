package io.javisor.kvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.irq.ConnectedLine;
import io.javisor.core.irq.InterruptLine;
import io.javisor.kvm.abi.KvmConstants;
import io.javisor.kvm.abi.KvmIrqchipLayout;
import io.javisor.kvm.abi.KvmLapicStateLayout;
import io.javisor.kvm.abi.KvmPicStateLayout;
import io.javisor.testkit.junit.KvmTest;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

/** Every kind of line, into a halted real-mode guest whose handlers each write to a port of their own. */
@KvmTest
class InterruptLinesTest {
    private static final int PIC_BASE_VECTOR = 0x20;
    private static final int EDGE_GSI = 4;
    private static final int LEVEL_GSI = 5;
    private static final int EDGE_PORT = 0x84;
    private static final int LEVEL_PORT = 0x85;
    private static final int MESSAGE_PORT = 0x90;
    private static final int MESSAGE_VECTOR = 0x30;
    private static final long MESSAGE_GPA = 0xFEE0_0000L; // SDM vol. 3 §12.11.1: fixed, physical, APIC 0

    @Test
    void anEdgeLinePulsesOnceForEachRise() {
        try (TinyVm tiny = halted();
                ConnectedLine line = tiny.edge(EDGE_GSI);
                ConnectedLine marker = tiny.edge(EDGE_GSI + 2)) {
            line.raise();
            line.raise();
            assertEquals(EDGE_PORT, tiny.runToOut());
            marker.raise();
            assertEquals(EDGE_PORT + 2, tiny.runToOut(), "the second raise is no rise");
            line.lower();
            line.raise();
            assertEquals(EDGE_PORT, tiny.runToOut());
        }
    }

    @Test
    void devicesThatShareAnEdgeLineDoNotMaskEachOther() {
        try (TinyVm tiny = halted();
                ConnectedLine line = tiny.edge(EDGE_GSI);
                ConnectedLine marker = tiny.edge(EDGE_GSI + 2)) {
            InterruptLine other = tiny.edge(EDGE_GSI);
            InterruptLine third = tiny.edge(EDGE_GSI);
            line.raise();
            assertEquals(EDGE_PORT, tiny.runToOut());
            other.raise();
            assertEquals(EDGE_PORT, tiny.runToOut(), "while the first is still up");
            third.pulse();
            assertEquals(EDGE_PORT, tiny.runToOut());
            other.raise();
            line.lower();
            marker.raise();
            assertEquals(EDGE_PORT + 2, tiny.runToOut(), "neither a rise nor a fall of another's");
            line.raise();
            assertEquals(EDGE_PORT, tiny.runToOut());
        }
    }

    @Test
    void aPulseIsNotLostToALevelThatIsUp() {
        try (TinyVm tiny = halted();
                ConnectedLine line = tiny.edge(EDGE_GSI);
                ConnectedLine marker = tiny.edge(EDGE_GSI + 2)) {
            InterruptLine share = tiny.edge(EDGE_GSI);
            line.raise(); // as another thread's pulse that has not got to its end yet
            assertEquals(EDGE_PORT, tiny.runToOut());
            line.pulse();
            assertEquals(EDGE_PORT, tiny.runToOut());
            line.raise();
            share.raise();
            assertEquals(EDGE_PORT, tiny.runToOut(), "the share's rise; a pulse does not lower its line");
            share.pulse();
            assertEquals(EDGE_PORT, tiny.runToOut());
            marker.pulse();
            assertEquals(EDGE_PORT + 2, tiny.runToOut());
        }
    }

    @Test
    void anEdgeLineWakesAHaltedVcpu() throws InterruptedException {
        try (TinyVm tiny = halted();
                ConnectedLine line = tiny.edge(EDGE_GSI)) {
            Thread raiser = Thread.ofPlatform().start(() -> {
                try {
                    Thread.sleep(20);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                line.pulse();
            });
            assertEquals(EDGE_PORT, tiny.runToOut());
            raiser.join();
        }
    }

    @Test
    void aLevelLineInterruptsUntilItIsLowered() {
        try (TinyVm tiny = halted();
                ConnectedLine marker = tiny.edge(EDGE_GSI)) {
            InterruptLine line = tiny.level(LEVEL_GSI);
            line.raise();
            assertEquals(LEVEL_PORT, tiny.runToOut());
            assertEquals(LEVEL_PORT, tiny.runToOut());
            line.lower();
            marker.raise();
            assertEquals(EDGE_PORT, tiny.runToOut());
        }
    }

    @Test
    void aLevelThatDevicesShareIsHighWhileAnyOfThemAsserts() {
        try (TinyVm tiny = halted();
                ConnectedLine marker = tiny.edge(EDGE_GSI);
                ConnectedLine line = tiny.level(LEVEL_GSI);
                ConnectedLine other = tiny.level(LEVEL_GSI)) {
            line.raise();
            other.raise();
            line.lower();
            assertEquals(LEVEL_PORT, tiny.runToOut());
            assertEquals(LEVEL_PORT, tiny.runToOut());
            other.lower();
            marker.raise();
            assertEquals(EDGE_PORT, tiny.runToOut());
        }
    }

    @Test
    void aMessageCanBeSentWithoutARoute() {
        try (TinyVm tiny = halted();
                KvmMessages messages = new KvmMessages(tiny.vm.irqs())) {
            assertTrue(messages.send(MESSAGE_GPA, MESSAGE_VECTOR));
            assertEquals(MESSAGE_PORT, tiny.runToOut());
            assertFalse(messages.send(MESSAGE_GPA | 7 << 12, MESSAGE_VECTOR), "there is no APIC 7");
        }
    }

    @Test
    void theGsiOfAClosedLineCanBeConnectedAgain() {
        try (TinyVm tiny = halted();
                ConnectedLine marker = tiny.edge(EDGE_GSI)) {
            ConnectedLine line = tiny.edge(EDGE_GSI + 2);
            line.close();
            try (ConnectedLine again = tiny.edge(EDGE_GSI + 2)) {
                again.raise();
                assertEquals(EDGE_PORT + 2, tiny.runToOut());
            }
            marker.raise();
            assertEquals(EDGE_PORT, tiny.runToOut());
        }
    }

    /** A guest that halts in a loop with interrupts on; IRQ 5 is level-triggered, the local APIC is switched on. */
    private static TinyVm halted() {
        TinyVm tiny = new TinyVm(true);
        tiny.code("fb f4 eb fd"); // sti; 1: hlt; jmp 1b
        picHandler(tiny, EDGE_GSI, EDGE_PORT);
        picHandler(tiny, LEVEL_GSI, LEVEL_PORT);
        picHandler(tiny, EDGE_GSI + 2, EDGE_PORT + 2);
        handler(tiny, MESSAGE_VECTOR, "", MESSAGE_PORT);

        MemorySegment chip = tiny.buffer(KvmIrqchipLayout.SIZE);
        KvmIrqchipLayout.setChipId(chip, KvmConstants.KVM_IRQCHIP_PIC_MASTER);
        tiny.vm.irqs().getIrqchip(chip);
        KvmPicStateLayout.setIrqBase(chip, KvmIrqchipLayout.CHIP_OFFSET, PIC_BASE_VECTOR);
        KvmPicStateLayout.setImr(chip, KvmIrqchipLayout.CHIP_OFFSET, 0);
        KvmPicStateLayout.setElcr(chip, KvmIrqchipLayout.CHIP_OFFSET, 1 << LEVEL_GSI);
        tiny.vm.irqs().setIrqchip(chip);

        MemorySegment lapic = tiny.buffer(KvmLapicStateLayout.SIZE);
        tiny.vcpu.state().getLapic(lapic);
        KvmLapicStateLayout.setRegister(lapic, 0xF0, 0x1FF); // spurious vector 0xff, enabled
        tiny.vcpu.state().setLapic(lapic);
        return tiny;
    }

    private static void picHandler(TinyVm tiny, int irq, int port) {
        handler(tiny, PIC_BASE_VECTOR + irq, "b0 20 e6 20", port); // mov al, 0x20; out 0x20, al: end of interrupt
    }

    private static void handler(TinyVm tiny, int vector, String before, int port) {
        int gpa = 0x3000 + vector * 16;
        tiny.poke(gpa, before + "e6 %02x cf".formatted(port)); // out port, al; iret
        tiny.poke(vector * 4, "%02x %02x 00 00".formatted(gpa & 0xFF, gpa >> 8));
    }
}
