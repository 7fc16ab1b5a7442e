package io.javisor.kvm;

import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import io.javisor.kvm.abi.KvmGuestDebugLayout;
import io.javisor.kvm.abi.KvmInterruptLayout;
import io.javisor.kvm.abi.KvmIoctl;
import io.javisor.kvm.abi.KvmRunLayout;
import io.javisor.kvm.abi.KvmTranslationLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A virtual CPU's file descriptor and the area that it shares with its thread. Its registers are {@link #state()}.
 *
 * <p>One thread owns a vCPU and makes all calls, save for {@link #setImmediateExit}, which any thread may make until the vCPU is
 * closed.
 */
public final class KvmVcpu implements AutoCloseable {
    private final Fd fd;
    private final int id;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment runPage;
    private final KvmVcpuState state;

    private KvmVcpu(Fd fd, int id, int mmapSize) {
        this.fd = fd;
        this.id = id;
        long runHva = Libc.check(
                "mmap(kvm_run of " + fd.name() + ", length=" + mmapSize + ")",
                Libc.mmap(
                        0,
                        mmapSize,
                        HostConstants.PROT_READ | HostConstants.PROT_WRITE,
                        HostConstants.MAP_SHARED,
                        fd.value(),
                        0));
        this.runPage = Libc.segmentAt(runHva, mmapSize, arena);
        this.state = new KvmVcpuState(fd);
    }

    static KvmVcpu own(Fd fd, int id, int mmapSize) {
        try {
            return new KvmVcpu(fd, id, mmapSize);
        } catch (RuntimeException e) {
            fd.close();
            throw e;
        }
    }

    /** The number that it was made with: its initial APIC id. */
    public int id() {
        return id;
    }

    /**
     * Runs the guest until it needs user space. Allocates nothing and never throws for what the call returns.
     *
     * @return 0 with {@code exit_reason} set in {@link #runPage()}, or a negated errno: EINTR for a signal or
     *     {@link #setImmediateExit}, EAGAIN for a vCPU that waits for its first start-up message
     */
    public int run() {
        // KVM api.rst §4.10
        return Libc.ioctl(fd.value(), KvmIoctl.KVM_RUN, 0);
    }

    /**
     * The shared area, {@code struct kvm_run} first ({@link KvmRunLayout}); the data of string I/O lies in it too, at
     * {@code io.data_offset}. Accesses after {@link #close} throw {@link IllegalStateException}.
     */
    public MemorySegment runPage() {
        return runPage;
    }

    /** Makes {@link #run} return EINTR at once, now or when it is next called, until set to false. Any thread. */
    public void setImmediateExit(boolean immediateExit) {
        // KVM api.rst §5, immediate_exit
        KvmRunLayout.setImmediateExit(runPage, immediateExit ? 1 : 0);
    }

    /** The registers and other state. */
    public KvmVcpuState state() {
        return state;
    }

    /** Queues a non-maskable interrupt. */
    public void nmi() {
        // KVM api.rst §4.64
        int _ = Ioctl.call(fd, "KVM_NMI", KvmIoctl.KVM_NMI, 0);
    }

    /** Queues an external interrupt; only for a VM without interrupt controllers in the kernel. */
    public void interrupt(int vector) {
        // KVM api.rst §4.16
        try (Arena local = Arena.ofConfined()) {
            MemorySegment request = local.allocate(KvmInterruptLayout.SIZE, Integer.BYTES);
            KvmInterruptLayout.setIrq(request, vector);
            int _ = Ioctl.call(fd, "KVM_INTERRUPT", KvmIoctl.KVM_INTERRUPT, request, KvmInterruptLayout.SIZE);
        }
    }

    /**
     * Tells the guest, if it uses kvmclock, that it was paused, so that its watchdog is patient.
     *
     * @return whether the guest uses kvmclock
     */
    public boolean kvmclockCtrl() {
        // KVM api.rst §4.70: EINVAL if the guest has not set its kvmclock up
        int result = Libc.ioctl(fd.value(), KvmIoctl.KVM_KVMCLOCK_CTRL, 0);
        if (result == -Errno.EINVAL) {
            return false;
        }
        if (result < 0) {
            throw Ioctl.failed(fd, "KVM_KVMCLOCK_CTRL", result);
        }
        return true;
    }

    /** The frequency of the guest's time stamp counter, in kHz. */
    public int tscKhz() {
        // KVM api.rst §4.56
        return Ioctl.call(fd, "KVM_GET_TSC_KHZ", KvmIoctl.KVM_GET_TSC_KHZ, 0);
    }

    /** Sets the frequency of the guest's time stamp counter; far from the host's it needs {@code KVM_CAP_TSC_CONTROL}. */
    public void setTscKhz(int khz) {
        // KVM api.rst §4.55
        int _ = Ioctl.call(fd, "KVM_SET_TSC_KHZ", KvmIoctl.KVM_SET_TSC_KHZ, khz);
    }

    /**
     * Turns on an optional part of KVM for this vCPU.
     *
     * @param cap one of {@link io.javisor.kvm.abi.KvmCap}
     */
    public void enableCap(int cap, long argument) {
        // KVM api.rst §4.37
        KvmVm.enableCap(fd, cap, argument);
    }

    /** Single-steps or sets breakpoints as {@code debug}, a {@code kvm_guest_debug}, says: they end {@link #run} with a debug exit. */
    public void setGuestDebug(MemorySegment debug) {
        // KVM api.rst §4.87
        int _ = Ioctl.call(fd, "KVM_SET_GUEST_DEBUG", KvmIoctl.KVM_SET_GUEST_DEBUG, debug, KvmGuestDebugLayout.SIZE);
    }

    /** Walks the guest's page tables for the address in {@code translation}, a {@code kvm_translation}, and fills in the rest. */
    public void translate(MemorySegment translation) {
        // KVM api.rst §4.15
        int _ = Ioctl.call(fd, "KVM_TRANSLATE", KvmIoctl.KVM_TRANSLATE, translation, KvmTranslationLayout.SIZE);
    }

    /** Opens the vCPU's statistics. */
    public KvmStats stats() {
        return KvmStats.open(fd);
    }

    /** Unmaps the shared area and closes the descriptor. The vCPU's thread must have left {@link #run}. */
    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            long runHva = runPage.address();
            arena.close();
            int _ = Libc.munmap(runHva, runPage.byteSize());
        }
        fd.close();
    }

    @Override
    public String toString() {
        return fd.toString();
    }
}
