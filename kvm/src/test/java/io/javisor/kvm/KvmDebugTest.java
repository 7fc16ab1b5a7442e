package io.javisor.kvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.javisor.core.engine.DebugRequest;
import io.javisor.core.vcpu.VcpuExit;
import io.javisor.testkit.guest.TinyGuest;
import io.javisor.testkit.junit.KvmTest;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What KVM alone has of a debugger's stops: the others are in the tests of all engines. */
@KvmTest
class KvmDebugTest {
    @Test
    void aFifthBreakpointIsRefused() {
        try (TinyGuest guest = TinyGuest.realMode(new KvmEngineProvider())
                .code("1000: f4 ; hlt")
                .build()) {
            DebugRequest five = new DebugRequest(false, List.of(1L, 2L, 3L, 4L, 5L));
            assertThrows(
                    IllegalArgumentException.class, () -> guest.engineVcpu(0).debug(five));
        }
    }

    /** Also where the processor heeds no debug registers: there every instruction is stepped. */
    @Test
    void whetherTheProcessorHeedsDebugRegistersIsFoundOut() throws InterruptedException {
        try (Kvm kvm = Kvm.open();
                TinyGuest guest = TinyGuest.realMode(new KvmEngineProvider())
                        .code("1000: 90 ; nop")
                        .code("1001: f4 ; hlt")
                        .build()) {
            assertEquals(kvm.breakpointsWork(), BreakpointProbe.works(kvm));
            guest.engineVcpu(0).debug(new DebugRequest(false, List.of(0x1001L)));
            guest.run();
            guest.awaitExit(VcpuExit.DEBUG);
            assertEquals(0x1001, guest.registers(0).rip());
        }
    }
}
