package io.javisor.kvm;

import io.javisor.core.bus.AddressBus;
import io.javisor.core.bus.LittleEndian;
import io.javisor.core.engine.EngineVcpu;
import io.javisor.core.vcpu.VcpuExit;
import io.javisor.kvm.abi.KvmConstants;
import io.javisor.kvm.abi.KvmExit;
import io.javisor.kvm.abi.KvmRunLayout;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/**
 * Decodes what KVM left in the {@code kvm_run} page and serves it from the buses. One per vCPU, called on its thread; allocates
 * nothing.
 */
public final class ExitHandler {
    /** At most a thousand a second for each vCPU. */
    private static final long BUS_LOCK_PAUSE_NANOS = 1_000_000;

    private final MemorySegment run;
    private final AddressBus ports;
    private final AddressBus deviceMemory;
    private long portReads;
    private long portWrites;
    private long deviceReads;
    private long deviceWrites;

    /** Over the mapped {@code kvm_run} page with the port data page behind it. */
    public ExitHandler(MemorySegment run, AddressBus ports, AddressBus deviceMemory) {
        this.run = run;
        this.ports = ports;
        this.deviceMemory = deviceMemory;
    }

    /** Serves one exit. KVM api.rst §5. */
    public VcpuExit handle() {
        return switch (KvmRunLayout.exitReason(run)) {
            case KvmExit.KVM_EXIT_IO -> port();
            case KvmExit.KVM_EXIT_MMIO -> memory();
            case KvmExit.KVM_EXIT_INTR, KvmExit.KVM_EXIT_IRQ_WINDOW_OPEN -> VcpuExit.CONTINUE;
            case KvmExit.KVM_EXIT_HLT -> VcpuExit.HALT;
            case KvmExit.KVM_EXIT_SHUTDOWN -> VcpuExit.TRIPLE_FAULT;
            case KvmExit.KVM_EXIT_SYSTEM_EVENT -> systemEvent();
            case KvmExit.KVM_EXIT_DEBUG -> VcpuExit.DEBUG;
            case KvmExit.KVM_EXIT_FAIL_ENTRY -> VcpuExit.FAIL_ENTRY;
            case KvmExit.KVM_EXIT_X86_BUS_LOCK -> busLock();
            case KvmExit.KVM_EXIT_NOTIFY ->
                (KvmRunLayout.notifyFlags(run) & KvmConstants.KVM_NOTIFY_CONTEXT_INVALID) == 0
                        ? VcpuExit.CONTINUE
                        : VcpuExit.UNEXPECTED;
            case KvmExit.KVM_EXIT_INTERNAL_ERROR -> VcpuExit.INTERNAL_ERROR;
            default -> VcpuExit.UNEXPECTED;
        };
    }

    /** The access was made: who makes another waits. */
    private static VcpuExit busLock() {
        LockSupport.parkNanos(BUS_LOCK_PAUSE_NANOS);
        return VcpuExit.CONTINUE;
    }

    private VcpuExit port() {
        int port = KvmRunLayout.ioPort(run);
        int size = KvmRunLayout.ioSize(run);
        int count = KvmRunLayout.ioCount(run);
        long dataOffset = KvmRunLayout.ioDataOffset(run);
        boolean out = KvmRunLayout.ioDirection(run) == KvmConstants.KVM_EXIT_IO_OUT;
        if (out) {
            portWrites++;
        } else {
            portReads++;
        }
        if (count == 1) {
            if (out) {
                ports.write(port, size, LittleEndian.get(run, dataOffset, size));
            } else {
                LittleEndian.put(run, dataOffset, size, ports.read(port, size));
            }
        } else if (out) {
            ports.writeString(port, size, run, dataOffset, count);
        } else {
            ports.readString(port, size, run, dataOffset, count);
        }
        return VcpuExit.CONTINUE;
    }

    private VcpuExit memory() {
        long gpa = KvmRunLayout.mmioPhysAddr(run);
        int size = KvmRunLayout.mmioLen(run);
        if (KvmRunLayout.mmioIsWrite(run) != 0) {
            deviceWrites++;
            deviceMemory.write(gpa, size, LittleEndian.get(run, KvmRunLayout.MMIO_DATA_OFFSET, size));
        } else {
            deviceReads++;
            LittleEndian.put(run, KvmRunLayout.MMIO_DATA_OFFSET, size, deviceMemory.read(gpa, size));
        }
        return VcpuExit.CONTINUE;
    }

    /** Puts what was served, by {@link EngineVcpu}'s names. Any thread. */
    void count(Map<String, Long> counters) {
        counters.put(EngineVcpu.PORT_READS, portReads);
        counters.put(EngineVcpu.PORT_WRITES, portWrites);
        counters.put(EngineVcpu.DEVICE_READS, deviceReads);
        counters.put(EngineVcpu.DEVICE_WRITES, deviceWrites);
    }

    private VcpuExit systemEvent() {
        return switch (KvmRunLayout.systemEventType(run)) {
            case KvmConstants.KVM_SYSTEM_EVENT_SHUTDOWN -> VcpuExit.SYSTEM_SHUTDOWN;
            case KvmConstants.KVM_SYSTEM_EVENT_RESET -> VcpuExit.SYSTEM_RESET;
            case KvmConstants.KVM_SYSTEM_EVENT_CRASH -> VcpuExit.SYSTEM_CRASH;
            default -> VcpuExit.UNEXPECTED;
        };
    }
}
