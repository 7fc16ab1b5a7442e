package io.javisor.kvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.bus.AddressBus;
import io.javisor.core.host.Errno;
import io.javisor.core.host.HostException;
import io.javisor.core.vcpu.VcpuExit;
import io.javisor.kvm.abi.KvmCap;
import io.javisor.kvm.abi.KvmConstants;
import io.javisor.kvm.abi.KvmExit;
import io.javisor.kvm.abi.KvmRunLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Guards that only few processors have, without one. */
class KvmHostGuardsTest {
    /** A VM whose KVM has these capabilities. */
    private record FakeVm(Map<Integer, Integer> offered, boolean refuses, List<String> enabled)
            implements KvmHostGuards.Capabilities {
        FakeVm(Map<Integer, Integer> offered, boolean refuses) {
            this(offered, refuses, new ArrayList<>());
        }

        @Override
        public int checkExtension(int cap) {
            return offered.getOrDefault(cap, 0);
        }

        @Override
        public void enableCap(int cap, long argument) {
            enabled.add(cap + "=" + argument);
            if (refuses) {
                throw new HostException("KVM_ENABLE_CAP", Errno.EINVAL);
            }
        }

        List<String> guarded() {
            KvmHostGuards.enable(this);
            return enabled;
        }
    }

    private static final Map<Integer, Integer> BOTH =
            Map.of(KvmCap.KVM_CAP_X86_BUS_LOCK_EXIT, 3, KvmCap.KVM_CAP_X86_NOTIFY_VMEXIT, 1);

    @Test
    void whatThereIsIsEnabled() {
        assertEquals(List.of("193=2", "219=3"), new FakeVm(BOTH, false).guarded());
    }

    @Test
    void whatThereIsNotIsLeftAlone() {
        assertEquals(List.of(), new FakeVm(Map.of(), false).guarded());
        assertEquals(List.of(), new FakeVm(Map.of(KvmCap.KVM_CAP_X86_BUS_LOCK_EXIT, 1), false).guarded());
    }

    @Test
    void aRefusalIsNoObstacle() {
        assertEquals(2, new FakeVm(BOTH, true).guarded().size());
    }

    private static final int EXITS = 200;

    private static VcpuExit handle(int reason, int notifyFlags, int times) {
        VcpuExit exit = VcpuExit.CONTINUE;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment run = arena.allocate(KvmRunLayout.SIZE, Long.BYTES);
            KvmRunLayout.setExitReason(run, reason);
            KvmRunLayout.setNotifyFlags(run, notifyFlags);
            ExitHandler exits = new ExitHandler(run, AddressBus.ports(), AddressBus.deviceMemory());
            for (int i = 0; i < times; i++) {
                exit = exits.handle();
            }
        }
        return exit;
    }

    @Test
    void aGuestThatLocksTheBusGoesOnButNotOften() {
        long start = System.nanoTime();
        assertEquals(VcpuExit.CONTINUE, handle(KvmExit.KVM_EXIT_X86_BUS_LOCK, 0, EXITS));
        assertTrue(System.nanoTime() - start >= EXITS * 900_000L);
    }

    @Test
    void aGuestThatLetsNoInterruptInGoesOnUnlessItsStateIsLost() {
        assertEquals(VcpuExit.CONTINUE, handle(KvmExit.KVM_EXIT_NOTIFY, 0, 1));
        assertEquals(VcpuExit.UNEXPECTED, handle(KvmExit.KVM_EXIT_NOTIFY, KvmConstants.KVM_NOTIFY_CONTEXT_INVALID, 1));
    }
}
