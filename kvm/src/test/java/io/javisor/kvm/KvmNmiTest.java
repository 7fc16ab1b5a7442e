package io.javisor.kvm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.javisor.testkit.guest.TinyGuest;
import io.javisor.testkit.junit.KvmTest;
import org.junit.jupiter.api.Test;

/** The ioctl KVM_NMI, which waits for the vCPU: one that is halted never comes back, so its thread is parked. */
@KvmTest
class KvmNmiTest {
    private static final long READY = 0xEE;
    private static final int NMI_VECTOR = 2;

    private static final String INTERRUPTS_OFF = """
        1000: b0 ee                  ; mov al,0xee
        1002: e6 80                  ; out 0x80,al
        1004: f4                     ; hlt
        1005: eb fd                  ; jmp 0x1004
        """;

    private static final String NMI_HANDLER = """
        1180: b0 02                  ; mov al,0x2
        1182: e6 80                  ; out 0x80,al
        1184: 48 cf                  ; iretq
        """;

    @Test
    void itWakesAGuestWithInterruptsOff() throws InterruptedException {
        try (TinyGuest guest = TinyGuest.longMode(new KvmEngineProvider())
                .irqchip()
                .code(INTERRUPTS_OFF)
                .code(NMI_HANDLER)
                .gate(NMI_VECTOR, 0x1180)
                .build()) {
            guest.run();
            assertEquals(READY, guest.awaitReport());
            for (int i = 0; i < 3; i++) {
                guest.awaitHalted(0);
                KvmParts.vcpu(guest).nmi();
                assertEquals(0, guest.pendingReports());
                guest.run();
                assertEquals(NMI_VECTOR, guest.awaitReport());
            }
        }
    }
}
