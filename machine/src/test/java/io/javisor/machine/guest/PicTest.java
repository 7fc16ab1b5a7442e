package io.javisor.machine.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.javisor.core.engine.EngineProvider;
import io.javisor.core.irq.ConnectedLine;
import io.javisor.testkit.guest.Requester;
import io.javisor.testkit.guest.TinyGuest;
import io.javisor.testkit.junit.MachineTest;
import java.util.List;

/** Interrupts through the 8259A of a real-mode guest that sleeps in HLT. */
class PicTest {
    private static final long READY = 0xEE;
    private static final int EDGE_IRQ = 4;
    private static final int LEVEL_IRQ = 5;
    private static final int SLAVE_IRQ = 12;

    /** Where the handler looks at its device, which may lower its line then. */
    private static final int DEVICE_PORT = 0x90;

    // IRQ 5 level-triggered in the ELCR; only IRQs 2, 4, 5, 12 open
    private static final String MAIN = """
        101c: b0 20                  ; mov al,0x20
        101e: ba d0 04               ; mov dx,0x4d0
        1021: ee                     ; out dx,al
        1022: b0 cb                  ; mov al,0xcb
        1024: e6 21                  ; out 0x21,al
        1026: b0 ef                  ; mov al,0xef
        1028: e6 a1                  ; out 0xa1,al
        102a: b0 ee                  ; mov al,0xee
        102c: e6 80                  ; out 0x80,al
        102e: fb                     ; sti
        102f: f4                     ; hlt
        1030: eb fd                  ; jmp 0x102f
        """;

    /** Counts in a byte, reports the count, looks at the device, ends the interrupt at both chips. */
    private static final String HANDLER = """
        1100: fe 06 00 a0            ; inc BYTE PTR ds:0xa000
        1104: a0 00 a0               ; mov al,ds:0xa000
        1107: e6 80                  ; out 0x80,al
        1109: e4 90                  ; in al,0x90
        110b: b0 20                  ; mov al,0x20
        110d: e6 a0                  ; out 0xa0,al
        110f: e6 20                  ; out 0x20,al
        1111: cf                     ; iret
        """;

    private static TinyGuest guest(EngineProvider engine, int irq) throws InterruptedException {
        int vector = irq < 8 ? 0x20 + irq : 0x28 + irq - 8;
        TinyGuest guest = TinyGuest.realMode(engine)
                .irqchip()
                .code(ChipStart.PICS)
                .code(MAIN)
                .code(HANDLER)
                .gate(vector, 0x1100)
                .build();
        guest.run();
        assertEquals(READY, guest.awaitReport());
        return guest;
    }

    @MachineTest
    void anEdgeLineInterruptsOnceEachTimeItRises(EngineProvider engine) throws InterruptedException {
        try (TinyGuest guest = guest(engine, EDGE_IRQ);
                ConnectedLine line = guest.edge(EDGE_IRQ)) {
            guest.awaitHalted(0);
            guest.run();
            line.raise();
            assertEquals(1, guest.awaitReport());
            guest.awaitHalted(0);
            guest.run();
            line.raise(); // it is up already
            line.lower();
            guest.awaitHalted(0);
            guest.run();
            line.raise();
            assertEquals(2, guest.awaitReport());
            guest.awaitHalted(0);
            assertEquals(0, guest.pendingReports());
        }
    }

    @MachineTest
    void anEdgeLineReachesTheSecondChip(EngineProvider engine) throws InterruptedException {
        try (TinyGuest guest = guest(engine, SLAVE_IRQ);
                ConnectedLine line = guest.edge(SLAVE_IRQ)) {
            line.pulse();
            assertEquals(1, guest.awaitReport());
            guest.awaitHalted(0);
            guest.run();
            line.pulse();
            assertEquals(2, guest.awaitReport());
        }
    }

    @MachineTest
    void anEdgeWhileTheGuestIsPausedIsDeliveredWhenItGoesOn(EngineProvider engine) throws InterruptedException {
        try (TinyGuest guest = guest(engine, EDGE_IRQ);
                ConnectedLine line = guest.edge(EDGE_IRQ)) {
            guest.awaitHalted(0);
            line.pulse();
            assertEquals(0, guest.pendingReports());
            guest.run();
            assertEquals(1, guest.awaitReport());
        }
    }

    @MachineTest
    void aLevelLineInterruptsUntilItFalls(EngineProvider engine) throws InterruptedException {
        try (TinyGuest guest = guest(engine, LEVEL_IRQ)) {
            Requester device = new Requester(guest.level(LEVEL_IRQ));
            var _ = guest.ports().register("requester", DEVICE_PORT, 1, device);
            device.request(3);
            assertEquals(List.of(1L, 2L, 3L), guest.awaitReports(3));
            guest.awaitHalted(0);
            guest.run();
            device.request(1);
            assertEquals(4, guest.awaitReport());
            guest.awaitHalted(0);
            assertEquals(0, guest.pendingReports());
        }
    }
}
