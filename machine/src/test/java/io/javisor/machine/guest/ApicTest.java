package io.javisor.machine.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.engine.EngineProvider;
import io.javisor.core.irq.ConnectedLine;
import io.javisor.core.irq.DeliveryMode;
import io.javisor.core.irq.InterruptMessage;
import io.javisor.testkit.guest.Requester;
import io.javisor.testkit.guest.TinyGuest;
import io.javisor.testkit.junit.MachineTest;
import java.util.List;

/** Interrupts through the I/O APIC, messages and NMIs, to a 64-bit guest that sleeps in HLT. */
class ApicTest {
    private static final long READY = 0xEE;
    private static final int EDGE_GSI = 11;
    private static final int LEVEL_GSI = 20;
    private static final int DEVICE_PORT = 0x90;
    private static final int MESSAGE_VECTOR = 0x41;
    private static final int NMI_VECTOR = 2;

    // I/O APIC inputs 11 (edge, vector 0x30), which the 8259As see too, and 20 (level, vector 0x31) to APIC 0
    private static final String MAIN = """
        1015: b9 00 00 c0 fe         ; mov ecx,0xfec00000
        101a: c7 01 27 00 00 00      ; mov DWORD PTR [rcx],0x27
        1020: c7 41 10 00 00 00 00   ; mov DWORD PTR [rcx+0x10],0x0
        1027: c7 01 26 00 00 00      ; mov DWORD PTR [rcx],0x26
        102d: c7 41 10 30 00 00 00   ; mov DWORD PTR [rcx+0x10],0x30
        1034: c7 01 39 00 00 00      ; mov DWORD PTR [rcx],0x39
        103a: c7 41 10 00 00 00 00   ; mov DWORD PTR [rcx+0x10],0x0
        1041: c7 01 38 00 00 00      ; mov DWORD PTR [rcx],0x38
        1047: c7 41 10 31 80 00 00   ; mov DWORD PTR [rcx+0x10],0x8031
        104e: b0 ee                  ; mov al,0xee
        1050: e6 80                  ; out 0x80,al
        1052: fb                     ; sti
        1053: f4                     ; hlt
        1054: eb fd                  ; jmp 0x1053
        """;

    /** Counts, reports the count, looks at the device, writes EOI. */
    private static final String HANDLER = """
        1100: fe 04 25 00 a0 00 00   ; inc BYTE PTR ds:0xa000
        1107: 8a 04 25 00 a0 00 00   ; mov al,BYTE PTR ds:0xa000
        110e: e6 80                  ; out 0x80,al
        1110: e4 90                  ; in al,0x90
        1112: c7 83 b0 00 00 00 00 00 00 00 ; mov DWORD PTR [rbx+0xb0],0x0
        111c: 48 cf                  ; iretq
        """;

    private static final String MESSAGE_HANDLER = """
        1140: b0 41                  ; mov al,0x41
        1142: e6 80                  ; out 0x80,al
        1144: c7 83 b0 00 00 00 00 00 00 00 ; mov DWORD PTR [rbx+0xb0],0x0
        114e: 48 cf                  ; iretq
        """;

    private static final String NMI_HANDLER = """
        1180: b0 02                  ; mov al,0x2
        1182: e6 80                  ; out 0x80,al
        1184: 48 cf                  ; iretq
        """;

    private static TinyGuest guest(EngineProvider engine) throws InterruptedException {
        TinyGuest guest = TinyGuest.longMode(engine)
                .irqchip()
                .code(ChipStart.LOCAL_APIC)
                .code(MAIN)
                .code(HANDLER)
                .code(MESSAGE_HANDLER)
                .code(NMI_HANDLER)
                .gate(0x30, 0x1100)
                .gate(0x31, 0x1100)
                .gate(MESSAGE_VECTOR, 0x1140)
                .gate(0x42, 0x1100)
                .gate(NMI_VECTOR, 0x1180)
                .build();
        guest.run();
        assertEquals(READY, guest.awaitReport());
        return guest;
    }

    @MachineTest
    void anEdgeLineWakesTheGuestFromHlt(EngineProvider engine) throws InterruptedException {
        try (TinyGuest guest = guest(engine);
                ConnectedLine line = guest.edge(EDGE_GSI)) {
            guest.awaitHalted(0);
            guest.run();
            for (long count = 1; count <= 20; count++) {
                line.raise();
                assertEquals(count, guest.awaitReport());
                line.lower();
            }
            guest.awaitHalted(0);
            assertEquals(0, guest.pendingReports());
        }
    }

    @MachineTest
    void aLevelLineInterruptsUntilItFalls(EngineProvider engine) throws InterruptedException {
        try (TinyGuest guest = guest(engine)) {
            Requester device = new Requester(guest.level(LEVEL_GSI));
            var _ = guest.ports().register("requester", DEVICE_PORT, 1, device);
            device.request(3);
            assertEquals(List.of(1L, 2L, 3L), guest.awaitReports(3));
            assertLatchedAtMostOnce(guest);
        }
    }

    /**
     * A processor acknowledges a level when its handler writes EOI, by when the device has lowered it. Software-virtualised hosts are
     * seen to do so when they deliver the interrupt, and so to latch the next one while the line is still high.
     */
    private static void assertLatchedAtMostOnce(TinyGuest guest) throws InterruptedException {
        guest.awaitHalted(0);
        int latched = guest.pendingReports();
        assertTrue(latched <= 1, latched + " interrupts after the line fell");
    }

    @MachineTest
    void messagesReachTheVectorsThatTheyName(EngineProvider engine) throws InterruptedException {
        try (TinyGuest guest = guest(engine)) {
            assertTrue(guest.messages().send(0xFEE0_0000L, MESSAGE_VECTOR));
            assertEquals(MESSAGE_VECTOR, guest.awaitReport());
            assertTrue(guest.messages().send(0xFEE0_0000L, 0x42));
            assertEquals(1, guest.awaitReport());
        }
    }

    @MachineTest
    void aMessageIsForWhomItsAddressNames(EngineProvider engine) throws InterruptedException {
        try (TinyGuest guest = guest(engine)) {
            int data = InterruptMessage.data(DeliveryMode.FIXED, MESSAGE_VECTOR, false);
            assertFalse(guest.messages().send(InterruptMessage.addressGpa(7, false), data), "there is no APIC 7");
            assertFalse(guest.messages().send(InterruptMessage.addressGpa(1, true), data), "it has no logical id");
            assertTrue(guest.messages().send(InterruptMessage.addressGpa(InterruptMessage.BROADCAST, false), data));
            assertEquals(MESSAGE_VECTOR, guest.awaitReport());
            guest.awaitHalted(0);
            assertEquals(0, guest.pendingReports());
        }
    }

    @MachineTest
    void aMessageMayBeAnNmi(EngineProvider engine) throws InterruptedException {
        try (TinyGuest guest = guest(engine)) {
            assertTrue(guest.messages()
                    .send(InterruptMessage.addressGpa(0, false), InterruptMessage.data(DeliveryMode.NMI, 0, false)));
            assertEquals(NMI_VECTOR, guest.awaitReport());
        }
    }

    private static final String INTERRUPTS_OFF = """
        1000: b0 ee                  ; mov al,0xee
        1002: e6 80                  ; out 0x80,al
        1004: f4                     ; hlt
        1005: eb fd                  ; jmp 0x1004
        """;

    @MachineTest
    void anNmiWakesAGuestWithInterruptsOff(EngineProvider engine) throws InterruptedException {
        try (TinyGuest guest = TinyGuest.longMode(engine)
                .irqchip()
                .code(INTERRUPTS_OFF)
                .code(NMI_HANDLER)
                .gate(NMI_VECTOR, 0x1180)
                .build()) {
            guest.run();
            assertEquals(READY, guest.awaitReport());
            for (int i = 0; i < 3; i++) {
                guest.awaitHalted(0);
                guest.engineVcpu(0).nmi();
                assertEquals(0, guest.pendingReports());
                guest.run();
                assertEquals(NMI_VECTOR, guest.awaitReport());
            }
        }
    }

    @MachineTest
    void anNmiOfTheEngineWakesARunningGuest(EngineProvider engine) throws InterruptedException {
        try (TinyGuest guest = guest(engine)) {
            guest.engineVcpu(0).nmi();
            assertEquals(NMI_VECTOR, guest.awaitReport());
        }
    }
}
