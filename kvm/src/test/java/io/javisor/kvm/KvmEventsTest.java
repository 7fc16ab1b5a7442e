package io.javisor.kvm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.javisor.core.cpu.PendingEvents;
import io.javisor.core.cpu.PendingEvents.Management;
import io.javisor.core.cpu.PendingEvents.PendingException;
import io.javisor.core.cpu.PendingEvents.Shadow;
import io.javisor.testkit.junit.KvmTest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@KvmTest
class KvmEventsTest {
    private static final int GENERAL_PROTECTION = 13;

    private final TinyVm tiny = new TinyVm(false);

    @AfterEach
    void close() {
        tiny.close();
    }

    /** KVM tells those that wait from those under delivery only where payloads are on. */
    @Test
    void anExceptionThatWaitsIsNotLost() {
        PendingException waiting = new PendingException(GENERAL_PROTECTION, 0, null, false);
        KvmEvents.set(
                tiny.vcpu.state(),
                new PendingEvents(waiting, null, Shadow.NONE, false, false, false, 0, Management.NONE, false));
        assertEquals(
                new PendingException(GENERAL_PROTECTION, 0, null, true),
                KvmEvents.get(tiny.vcpu.state()).exception());
    }
}
