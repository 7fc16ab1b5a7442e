package io.javisor.kvm;

import io.javisor.core.host.Fd;
import io.javisor.kvm.abi.KvmCap;
import io.javisor.kvm.abi.KvmClockDataLayout;
import io.javisor.kvm.abi.KvmEnableCapLayout;
import io.javisor.kvm.abi.KvmIoctl;
import io.javisor.kvm.abi.KvmXsaveLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A virtual machine's file descriptor: capabilities, addresses that KVM needs for itself, clock, vCPUs. Memory slots and interrupt
 * controllers have classes of their own: {@link #memory()}, {@link #irqs()}, {@link #ioEvents()}.
 *
 * <p>Any thread; KVM serialises what must be.
 */
public final class KvmVm implements KvmHostGuards.Capabilities, AutoCloseable {
    private final Fd fd;
    private final int vcpuMmapSize;
    private final KvmMemorySlots memory;
    private final KvmIrqs irqs;
    private final KvmIoEvents ioEvents;

    KvmVm(Fd fd, int vcpuMmapSize) {
        this.fd = fd;
        this.vcpuMmapSize = vcpuMmapSize;
        this.memory = new KvmMemorySlots(fd);
        this.irqs = new KvmIrqs(fd);
        this.ioEvents = new KvmIoEvents(fd);
    }

    public KvmMemorySlots memory() {
        return memory;
    }

    public KvmIrqs irqs() {
        return irqs;
    }

    public KvmIoEvents ioEvents() {
        return ioEvents;
    }

    /**
     * As {@link Kvm#checkExtension}, for this VM: some answers depend on what was enabled in it.
     *
     * @param cap one of {@link KvmCap}
     */
    @Override
    public int checkExtension(int cap) {
        // KVM api.rst §4.4
        return Ioctl.call(fd, "KVM_CHECK_EXTENSION", KvmIoctl.KVM_CHECK_EXTENSION, cap);
    }

    /**
     * Turns on an optional part of KVM for this VM.
     *
     * @param cap one of {@link KvmCap}
     * @param argument the capability's first argument; the others are 0
     */
    @Override
    public void enableCap(int cap, long argument) {
        enableCap(fd, cap, argument);
    }

    // KVM api.rst §4.37
    static void enableCap(Fd fd, int cap, long argument) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = arena.allocate(KvmEnableCapLayout.SIZE, Long.BYTES);
            KvmEnableCapLayout.setCap(request, cap);
            KvmEnableCapLayout.setArgs(request, 0, argument);
            int result = Ioctl.tryCall(fd, "KVM_ENABLE_CAP", KvmIoctl.KVM_ENABLE_CAP, request, KvmEnableCapLayout.SIZE);
            if (result < 0) {
                throw Ioctl.failed(fd, "KVM_ENABLE_CAP(cap=" + cap + ", argument=" + argument + ")", result);
            }
        }
    }

    /**
     * Where KVM keeps a task state segment to run real mode on Intel processors: three pages of guest-physical memory below 4 GiB
     * that nothing else uses.
     */
    public void setTssAddr(long tssGpa) {
        // KVM api.rst §4.36
        int _ = Ioctl.call(fd, "KVM_SET_TSS_ADDR", KvmIoctl.KVM_SET_TSS_ADDR, tssGpa);
    }

    /** Where KVM keeps a page table for unpaged modes on Intel processors: one page, before the first vCPU is made. */
    public void setIdentityMapAddr(long pageGpa) {
        // KVM api.rst §4.40
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment argument = arena.allocateFrom(ValueLayout.JAVA_LONG, pageGpa);
            int _ = Ioctl.call(
                    fd, "KVM_SET_IDENTITY_MAP_ADDR", KvmIoctl.KVM_SET_IDENTITY_MAP_ADDR, argument, Long.BYTES);
        }
    }

    /** Which vCPU is the bootstrap processor; 0 if never called. Before the first vCPU is made. */
    public void setBootCpuId(int vcpuId) {
        // KVM api.rst §4.41
        int _ = Ioctl.call(fd, "KVM_SET_BOOT_CPU_ID", KvmIoctl.KVM_SET_BOOT_CPU_ID, vcpuId);
    }

    /**
     * Makes a vCPU.
     *
     * @param id its number, which is its initial APIC id
     */
    public KvmVcpu createVcpu(int id) {
        // KVM api.rst §4.7
        int result = Ioctl.call(fd, "KVM_CREATE_VCPU", KvmIoctl.KVM_CREATE_VCPU, id);
        return KvmVcpu.own(Fd.own(fd.name() + " vCPU " + id, result), id, vcpuMmapSize);
    }

    /** Reads the guest's kvmclock into {@code clock}, a {@code kvm_clock_data}. */
    public void getClock(MemorySegment clock) {
        // KVM api.rst §4.29
        int _ = Ioctl.call(fd, "KVM_GET_CLOCK", KvmIoctl.KVM_GET_CLOCK, clock, KvmClockDataLayout.SIZE);
    }

    /** Sets the guest's kvmclock from {@code clock}, a {@code kvm_clock_data}. */
    public void setClock(MemorySegment clock) {
        // KVM api.rst §4.30
        int _ = Ioctl.call(fd, "KVM_SET_CLOCK", KvmIoctl.KVM_SET_CLOCK, clock, KvmClockDataLayout.SIZE);
    }

    /** Bytes that {@code KVM_GET_XSAVE2} writes for a vCPU of this VM, at least 4096. */
    public int xsaveSizeBytes() {
        // KVM api.rst §4.134
        return Math.max(KvmXsaveLayout.SIZE, checkExtension(KvmCap.KVM_CAP_XSAVE2));
    }

    /** Opens the VM's statistics. */
    public KvmStats stats() {
        return KvmStats.open(fd);
    }

    /** Closes the descriptor; KVM frees the VM when its vCPUs are closed too. */
    @Override
    public void close() {
        fd.close();
    }
}
