package io.javisor.kvm;

import io.javisor.core.cpu.PendingEvents;
import io.javisor.core.cpu.PendingEvents.Management;
import io.javisor.core.cpu.PendingEvents.PendingException;
import io.javisor.core.cpu.PendingEvents.PendingInterrupt;
import io.javisor.core.cpu.PendingEvents.Shadow;
import io.javisor.kvm.abi.KvmConstants;
import io.javisor.kvm.abi.KvmVcpuEventsLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** {@code struct kvm_vcpu_events} to and from a record. */
final class KvmEvents {
    private KvmEvents() {}

    static PendingEvents get(KvmVcpuState vcpu) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment events = arena.allocate(KvmVcpuEventsLayout.SIZE, Long.BYTES);
            vcpu.getVcpuEvents(events);
            return decode(events);
        }
    }

    static void set(KvmVcpuState vcpu, PendingEvents state) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment events = arena.allocate(KvmVcpuEventsLayout.SIZE, Long.BYTES);
            vcpu.getVcpuEvents(events); // for its flags, which say what this KVM has
            int flags = KvmVcpuEventsLayout.flags(events);
            encode(state, flags, events.fill((byte) 0));
            vcpu.setVcpuEvents(events);
        }
    }

    static PendingEvents decode(MemorySegment m) {
        int flags = KvmVcpuEventsLayout.flags(m);
        return new PendingEvents(
                exception(m, flags),
                KvmVcpuEventsLayout.interruptInjected(m) == 0
                        ? null
                        : new PendingInterrupt(
                                KvmVcpuEventsLayout.interruptNr(m), KvmVcpuEventsLayout.interruptSoft(m) != 0),
                shadow(KvmVcpuEventsLayout.interruptShadow(m)),
                KvmVcpuEventsLayout.nmiInjected(m) != 0,
                KvmVcpuEventsLayout.nmiPending(m) != 0,
                KvmVcpuEventsLayout.nmiMasked(m) != 0,
                KvmVcpuEventsLayout.sipiVector(m),
                new Management(
                        KvmVcpuEventsLayout.smiSmm(m) != 0,
                        KvmVcpuEventsLayout.smiPending(m) != 0,
                        KvmVcpuEventsLayout.smiSmmInsideNmi(m) != 0,
                        KvmVcpuEventsLayout.smiLatchedInit(m) != 0),
                (flags & KvmConstants.KVM_VCPUEVENT_VALID_TRIPLE_FAULT) != 0
                        && KvmVcpuEventsLayout.tripleFaultPending(m) != 0);
    }

    private static @Nullable PendingException exception(MemorySegment m, int flags) {
        boolean injected = KvmVcpuEventsLayout.exceptionInjected(m) != 0;
        boolean payload = (flags & KvmConstants.KVM_VCPUEVENT_VALID_PAYLOAD) != 0;
        // Without the flag the field is not filled in, and what is pending is told as injected.
        if (!injected && !(payload && KvmVcpuEventsLayout.exceptionPending(m) != 0)) {
            return null;
        }
        return new PendingException(
                KvmVcpuEventsLayout.exceptionNr(m),
                KvmVcpuEventsLayout.exceptionHasErrorCode(m) == 0
                        ? null
                        : Integer.valueOf(KvmVcpuEventsLayout.exceptionErrorCode(m)),
                payload && KvmVcpuEventsLayout.exceptionHasPayload(m) != 0
                        ? Long.valueOf(KvmVcpuEventsLayout.exceptionPayload(m))
                        : null,
                injected);
    }

    /**
     * Fills a zeroed structure.
     *
     * @param flags what this KVM fills in itself
     */
    static void encode(PendingEvents state, int flags, MemorySegment m) {
        PendingException exception = state.exception();
        if (exception != null) {
            // Without the flag KVM takes no exception that waits, and would forget it.
            boolean injected = exception.injected() || (flags & KvmConstants.KVM_VCPUEVENT_VALID_PAYLOAD) == 0;
            KvmVcpuEventsLayout.setExceptionInjected(m, bit(injected));
            KvmVcpuEventsLayout.setExceptionPending(m, bit(!injected));
            KvmVcpuEventsLayout.setExceptionNr(m, exception.vector());
            Integer code = exception.errorCode();
            KvmVcpuEventsLayout.setExceptionHasErrorCode(m, bit(code != null));
            KvmVcpuEventsLayout.setExceptionErrorCode(m, code == null ? 0 : code);
            Long payload = exception.payload();
            KvmVcpuEventsLayout.setExceptionHasPayload(m, bit(payload != null));
            KvmVcpuEventsLayout.setExceptionPayload(m, payload == null ? 0 : payload);
        }
        PendingInterrupt interrupt = state.interrupt();
        if (interrupt != null) {
            KvmVcpuEventsLayout.setInterruptInjected(m, 1);
            KvmVcpuEventsLayout.setInterruptNr(m, interrupt.vector());
            KvmVcpuEventsLayout.setInterruptSoft(m, bit(interrupt.software()));
        }
        KvmVcpuEventsLayout.setInterruptShadow(
                m,
                switch (state.interruptShadow()) {
                    case NONE -> 0;
                    case STI -> KvmConstants.KVM_X86_SHADOW_INT_STI;
                    case MOV_SS -> KvmConstants.KVM_X86_SHADOW_INT_MOV_SS;
                });
        KvmVcpuEventsLayout.setNmiInjected(m, bit(state.nmiInjected()));
        KvmVcpuEventsLayout.setNmiPending(m, bit(state.nmiPending()));
        KvmVcpuEventsLayout.setNmiMasked(m, bit(state.nmiMasked()));
        KvmVcpuEventsLayout.setSipiVector(m, state.sipiVector());
        KvmVcpuEventsLayout.setSmiSmm(m, bit(state.management().active()));
        KvmVcpuEventsLayout.setSmiPending(m, bit(state.management().pending()));
        KvmVcpuEventsLayout.setSmiSmmInsideNmi(m, bit(state.management().insideNmi()));
        KvmVcpuEventsLayout.setSmiLatchedInit(m, bit(state.management().initLatched()));
        KvmVcpuEventsLayout.setTripleFaultPending(m, bit(state.tripleFault()));
        KvmVcpuEventsLayout.setFlags(
                m, flags | (state.sipiVector() == 0 ? 0 : KvmConstants.KVM_VCPUEVENT_VALID_SIPI_VECTOR));
    }

    private static Shadow shadow(int value) {
        if ((value & KvmConstants.KVM_X86_SHADOW_INT_MOV_SS) != 0) {
            return Shadow.MOV_SS;
        }
        return (value & KvmConstants.KVM_X86_SHADOW_INT_STI) != 0 ? Shadow.STI : Shadow.NONE;
    }

    private static int bit(boolean value) {
        return value ? 1 : 0;
    }
}
