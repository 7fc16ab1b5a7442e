package io.javisor.kvm;

import io.javisor.core.cpu.CpuidEntry;
import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import io.javisor.kvm.abi.KvmCap;
import io.javisor.kvm.abi.KvmConstants;
import io.javisor.kvm.abi.KvmIoctl;
import io.javisor.kvm.abi.KvmMsrListLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code /dev/kvm}: what the host's KVM can do, and the making of VMs. Any thread. */
public final class Kvm implements AutoCloseable {
    public static final String DEVICE = "/dev/kvm";

    private final Fd fd;
    private final int vcpuMmapSize;
    private int @Nullable [] msrIndices; // guarded by this
    private @Nullable Boolean breakpoints; // guarded by this

    private Kvm(Fd fd, int vcpuMmapSize) {
        this.fd = fd;
        this.vcpuMmapSize = vcpuMmapSize;
    }

    /**
     * Opens {@link #DEVICE}.
     *
     * @throws KvmUnavailableException if this host or this user cannot use KVM
     */
    public static Kvm open() {
        return open(DEVICE);
    }

    /** As {@link #open()}, at another path. */
    public static Kvm open(String path) {
        int result = Libc.open(path, HostConstants.O_RDWR, 0);
        if (result < 0) {
            throw KvmUnavailableException.onOpen(path, -result);
        }
        Fd fd = Fd.own(path, result);
        try {
            requireApiVersion(fd);
            // KVM api.rst §4.5
            return new Kvm(fd, Ioctl.call(fd, "KVM_GET_VCPU_MMAP_SIZE", KvmIoctl.KVM_GET_VCPU_MMAP_SIZE, 0));
        } catch (RuntimeException e) {
            fd.close();
            throw e;
        }
    }

    // KVM api.rst §4.1
    private static void requireApiVersion(Fd fd) {
        int version = Libc.ioctl(fd.value(), KvmIoctl.KVM_GET_API_VERSION, 0);
        if (version < 0) {
            throw new KvmUnavailableException(
                    KvmUnavailableException.Reason.NOT_KVM, "KVM_GET_API_VERSION on " + fd.name(), -version);
        }
        if (version != KvmConstants.KVM_API_VERSION) {
            throw new KvmUnavailableException(
                    KvmUnavailableException.Reason.NOT_KVM,
                    "KVM_GET_API_VERSION on " + fd.name() + " is " + version,
                    Errno.EOPNOTSUPP);
        }
    }

    /**
     * What KVM answers for a capability: 0 for "no", else 1 or a number that the capability defines.
     *
     * @param cap one of {@link KvmCap}
     */
    public int checkExtension(int cap) {
        // KVM api.rst §4.4
        return Ioctl.call(fd, "KVM_CHECK_EXTENSION", KvmIoctl.KVM_CHECK_EXTENSION, cap);
    }

    /** Bytes of the area that a vCPU shares with its thread. KVM api.rst §4.5 */
    public int vcpuMmapSize() {
        return vcpuMmapSize;
    }

    /** The most vCPUs that a VM may have. */
    public int maxVcpus() {
        // KVM api.rst §4.7
        return Math.max(1, checkExtension(KvmCap.KVM_CAP_MAX_VCPUS));
    }

    /**
     * Makes a VM without memory, interrupt controllers or vCPUs.
     *
     * @param name for messages
     * @throws KvmUnavailableException if another hypervisor holds the processor's virtualisation
     */
    public KvmVm createVm(String name) {
        // KVM api.rst §4.2; the kernel's set-up can be interrupted by a signal
        int result;
        do {
            result = Libc.ioctl(fd.value(), KvmIoctl.KVM_CREATE_VM, 0);
        } while (result == -Errno.EINTR);
        if (result == -Errno.EBUSY) {
            throw new KvmUnavailableException(
                    KvmUnavailableException.Reason.BUSY, "KVM_CREATE_VM on " + fd.name(), Errno.EBUSY);
        }
        if (result < 0) {
            throw Ioctl.failed(fd, "KVM_CREATE_VM", result);
        }
        return new KvmVm(Fd.own(name, result), vcpuMmapSize);
    }

    /** The CPUID leaves that KVM can offer to a guest on this host. */
    public List<CpuidEntry> supportedCpuid() {
        // KVM api.rst §4.46
        return KvmCpuid.read(fd, "KVM_GET_SUPPORTED_CPUID", KvmIoctl.KVM_GET_SUPPORTED_CPUID);
    }

    /** The numbers of the MSRs that belong to a guest's state on this host, which KVM is asked for once. */
    public synchronized int[] msrIndexList() {
        if (msrIndices == null) {
            msrIndices = fetchMsrIndices();
        }
        return msrIndices.clone();
    }

    /** Whether breakpoints by debug registers stop a guest, which is tried once, in some milliseconds. */
    synchronized boolean breakpointsWork() {
        if (breakpoints == null) {
            breakpoints = BreakpointProbe.works(this);
        }
        return breakpoints;
    }

    private int[] fetchMsrIndices() {
        // KVM api.rst §4.3: the first call, too small, tells the count
        try (Arena arena = Arena.ofConfined()) {
            int count = 0;
            while (true) {
                long size = KvmMsrListLayout.sizeBytes(count);
                MemorySegment list = arena.allocate(size, Integer.BYTES);
                KvmMsrListLayout.setNmsrs(list, count);
                int result = Ioctl.tryCall(fd, "KVM_GET_MSR_INDEX_LIST", KvmIoctl.KVM_GET_MSR_INDEX_LIST, list, size);
                if (result == -Errno.E2BIG) {
                    count = KvmMsrListLayout.nmsrs(list);
                    continue;
                }
                if (result < 0) {
                    throw Ioctl.failed(fd, "KVM_GET_MSR_INDEX_LIST", result);
                }
                return KvmMsrListLayout.msrIndices(list, KvmMsrListLayout.nmsrs(list));
            }
        }
    }

    /** Closes the device. VMs made from it go on. */
    @Override
    public void close() {
        fd.close();
    }
}
