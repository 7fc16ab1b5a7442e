package io.javisor.kvm;

import io.javisor.core.irq.MsiSink;
import io.javisor.kvm.abi.KvmMsiLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Sends interrupt messages by {@code KVM_SIGNAL_MSI}. That costs the system call that an irqfd would, and needs no route: one a message would have KVM
 * replace its whole table, and wait for who uses the old one, each time that a guest programs or masks a vector. Routes are for who signals in the kernel
 * itself (vhost, VFIO). KVM's own I/O APIC does not come this way, so until there is PCI only tests send here.
 */
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
