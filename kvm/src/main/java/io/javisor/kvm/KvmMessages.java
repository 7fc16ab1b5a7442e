package io.javisor.kvm;

import io.javisor.core.irq.MsiSink;
import io.javisor.kvm.abi.KvmMsiLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Sends message-signalled interrupts by {@code KVM_SIGNAL_MSI}. */
public final class KvmMessages implements MsiSink, AutoCloseable {
    private final KvmIrqs irqs;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment message = arena.allocate(KvmMsiLayout.SIZE, Integer.BYTES);

    public KvmMessages(KvmIrqs irqs) {
        this.irqs = irqs;
    }

    @Override
    public synchronized boolean send(long addressGpa, int data) {
        KvmMsiLayout.setAddressLo(message, (int) addressGpa);
        KvmMsiLayout.setAddressHi(message, (int) (addressGpa >>> Integer.SIZE));
        KvmMsiLayout.setData(message, data);
        return irqs.signalMsi(message);
    }

    @Override
    public synchronized void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
