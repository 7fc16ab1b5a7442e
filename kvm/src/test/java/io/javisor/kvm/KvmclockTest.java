package io.javisor.kvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.engine.EngineProvider;
import io.javisor.core.vcpu.VcpuExit;
import io.javisor.testkit.guest.TinyGuest;
import io.javisor.testkit.junit.KvmTest;
import org.junit.jupiter.api.Test;

/** The guest learns through its kvmclock that it was paused. */
@KvmTest
class KvmclockTest {
    private static final EngineProvider KVM = new KvmEngineProvider();

    /** {@code struct pvclock_vcpu_time_info}: version at 0, flags at 29 (KVM msr.rst, MSR_KVM_SYSTEM_TIME_NEW). */
    private static final long CLOCK_GPA = 0xB000;

    private static final long FLAGS_GPA = CLOCK_GPA + 29;
    private static final int PVCLOCK_GUEST_STOPPED = 2;

    // MSR_KVM_SYSTEM_TIME_NEW: address, and enabled in bit 0
    private static final String CODE = """
        1000: b9 01 4d 56 4b         ; mov ecx,0x4b564d01
        1005: b8 01 b0 00 00         ; mov eax,0xb001
        100a: 31 d2                  ; xor edx,edx
        100c: 0f 30                  ; wrmsr
        100e: f4                     ; hlt
        100f: f4                     ; hlt
        """;

    @Test
    void aPausedGuestIsToldSo() throws InterruptedException {
        try (TinyGuest guest = TinyGuest.longMode(KVM).code(CODE).build()) {
            assertFalse(KvmParts.vcpu(guest).kvmclockCtrl(), "a guest without kvmclock");
            guest.run();
            guest.awaitExit(VcpuExit.HALT);
            assertNotEquals(0, guest.memory().getInt(CLOCK_GPA), "no clock");
            assertEquals(0, guest.memory().getByte(FLAGS_GPA) & PVCLOCK_GUEST_STOPPED);
            assertTrue(KvmParts.vcpu(guest).kvmclockCtrl());
            guest.run();
            guest.awaitExit(VcpuExit.HALT);
            assertEquals(PVCLOCK_GUEST_STOPPED, guest.memory().getByte(FLAGS_GPA) & PVCLOCK_GUEST_STOPPED);
        }
    }
}
