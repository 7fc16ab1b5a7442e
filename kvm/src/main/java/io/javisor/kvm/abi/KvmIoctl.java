package io.javisor.kvm.abi;

/**
 * The request numbers of KVM's ioctls, in ascending order of their numbers. Some numbers serve a VM and a vCPU alike, so a request
 * is meaningful only with the right kind of file descriptor.
 */
public final class KvmIoctl {
    // asm-generic/ioctl.h: direction in bits 30..31, size in 16..29, type in 8..15, number in 0..7
    private static final int DIRECTION_SHIFT = 30;
    private static final int SIZE_SHIFT = 16;
    private static final int TYPE_SHIFT = 8;
    private static final long WRITE = 1;
    private static final long READ = 2;

    public static final int KVMIO = 0xAE;

    public static final long KVM_GET_API_VERSION = io(0x00);
    public static final long KVM_CREATE_VM = io(0x01);
    public static final long KVM_GET_MSR_INDEX_LIST = iowr(0x02, KvmMsrListLayout.SIZE);
    public static final long KVM_CHECK_EXTENSION = io(0x03);
    public static final long KVM_GET_VCPU_MMAP_SIZE = io(0x04);
    public static final long KVM_GET_SUPPORTED_CPUID = iowr(0x05, KvmCpuid2Layout.SIZE);
    public static final long KVM_CREATE_VCPU = io(0x41);
    public static final long KVM_GET_DIRTY_LOG = iow(0x42, KvmDirtyLogLayout.SIZE);
    public static final long KVM_SET_USER_MEMORY_REGION = iow(0x46, KvmUserspaceMemoryRegionLayout.SIZE);
    public static final long KVM_SET_TSS_ADDR = io(0x47);
    public static final long KVM_SET_IDENTITY_MAP_ADDR = iow(0x48, Long.BYTES);
    public static final long KVM_CREATE_IRQCHIP = io(0x60);
    public static final long KVM_IRQ_LINE = iow(0x61, KvmIrqLevelLayout.SIZE);
    public static final long KVM_GET_IRQCHIP = iowr(0x62, KvmIrqchipLayout.SIZE);
    public static final long KVM_SET_IRQCHIP = ior(0x63, KvmIrqchipLayout.SIZE);
    public static final long KVM_SET_GSI_ROUTING = iow(0x6a, KvmIrqRoutingLayout.SIZE);
    public static final long KVM_REINJECT_CONTROL = io(0x71);
    public static final long KVM_IRQFD = iow(0x76, KvmIrqfdLayout.SIZE);
    public static final long KVM_CREATE_PIT2 = iow(0x77, KvmPitConfigLayout.SIZE);
    public static final long KVM_SET_BOOT_CPU_ID = io(0x78);
    public static final long KVM_IOEVENTFD = iow(0x79, KvmIoeventfdLayout.SIZE);
    public static final long KVM_SET_CLOCK = iow(0x7b, KvmClockDataLayout.SIZE);
    public static final long KVM_GET_CLOCK = ior(0x7c, KvmClockDataLayout.SIZE);
    public static final long KVM_RUN = io(0x80);
    public static final long KVM_GET_REGS = ior(0x81, KvmRegsLayout.SIZE);
    public static final long KVM_SET_REGS = iow(0x82, KvmRegsLayout.SIZE);
    public static final long KVM_GET_SREGS = ior(0x83, KvmSregsLayout.SIZE);
    public static final long KVM_SET_SREGS = iow(0x84, KvmSregsLayout.SIZE);
    public static final long KVM_TRANSLATE = iowr(0x85, KvmTranslationLayout.SIZE);
    public static final long KVM_INTERRUPT = iow(0x86, KvmInterruptLayout.SIZE);
    public static final long KVM_GET_MSRS = iowr(0x88, KvmMsrsLayout.SIZE);
    public static final long KVM_SET_MSRS = iow(0x89, KvmMsrsLayout.SIZE);
    public static final long KVM_GET_FPU = ior(0x8c, KvmFpuLayout.SIZE);
    public static final long KVM_SET_FPU = iow(0x8d, KvmFpuLayout.SIZE);
    public static final long KVM_GET_LAPIC = ior(0x8e, KvmLapicStateLayout.SIZE);
    public static final long KVM_SET_LAPIC = iow(0x8f, KvmLapicStateLayout.SIZE);
    public static final long KVM_SET_CPUID2 = iow(0x90, KvmCpuid2Layout.SIZE);
    public static final long KVM_GET_CPUID2 = iowr(0x91, KvmCpuid2Layout.SIZE);
    public static final long KVM_GET_MP_STATE = ior(0x98, KvmMpStateLayout.SIZE);
    public static final long KVM_SET_MP_STATE = iow(0x99, KvmMpStateLayout.SIZE);
    public static final long KVM_NMI = io(0x9a);
    public static final long KVM_SET_GUEST_DEBUG = iow(0x9b, KvmGuestDebugLayout.SIZE);
    public static final long KVM_GET_PIT2 = ior(0x9f, KvmPitState2Layout.SIZE);
    public static final long KVM_GET_VCPU_EVENTS = ior(0x9f, KvmVcpuEventsLayout.SIZE);
    public static final long KVM_SET_PIT2 = iow(0xa0, KvmPitState2Layout.SIZE);
    public static final long KVM_SET_VCPU_EVENTS = iow(0xa0, KvmVcpuEventsLayout.SIZE);
    public static final long KVM_GET_DEBUGREGS = ior(0xa1, KvmDebugregsLayout.SIZE);
    public static final long KVM_SET_DEBUGREGS = iow(0xa2, KvmDebugregsLayout.SIZE);
    public static final long KVM_SET_TSC_KHZ = io(0xa2);
    public static final long KVM_GET_TSC_KHZ = io(0xa3);
    public static final long KVM_ENABLE_CAP = iow(0xa3, KvmEnableCapLayout.SIZE);
    public static final long KVM_GET_XSAVE = ior(0xa4, KvmXsaveLayout.SIZE);
    public static final long KVM_SET_XSAVE = iow(0xa5, KvmXsaveLayout.SIZE);
    public static final long KVM_SIGNAL_MSI = iow(0xa5, KvmMsiLayout.SIZE);
    public static final long KVM_GET_XCRS = ior(0xa6, KvmXcrsLayout.SIZE);
    public static final long KVM_SET_XCRS = iow(0xa7, KvmXcrsLayout.SIZE);
    public static final long KVM_KVMCLOCK_CTRL = io(0xad);
    public static final long KVM_CLEAR_DIRTY_LOG = iowr(0xc0, KvmClearDirtyLogLayout.SIZE);
    public static final long KVM_GET_SREGS2 = ior(0xcc, KvmSregs2Layout.SIZE);
    public static final long KVM_SET_SREGS2 = iow(0xcd, KvmSregs2Layout.SIZE);
    public static final long KVM_GET_STATS_FD = io(0xce);
    public static final long KVM_GET_XSAVE2 = ior(0xcf, KvmXsaveLayout.SIZE);

    private KvmIoctl() {}

    private static long io(int number) {
        return request(0, number, 0);
    }

    private static long ior(int number, int sizeBytes) {
        return request(READ, number, sizeBytes);
    }

    private static long iow(int number, int sizeBytes) {
        return request(WRITE, number, sizeBytes);
    }

    private static long iowr(int number, int sizeBytes) {
        return request(READ | WRITE, number, sizeBytes);
    }

    private static long request(long direction, int number, int sizeBytes) {
        return direction << DIRECTION_SHIFT | (long) sizeBytes << SIZE_SHIFT | (long) KVMIO << TYPE_SHIFT | number;
    }
}
