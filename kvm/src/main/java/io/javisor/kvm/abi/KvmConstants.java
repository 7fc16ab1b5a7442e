package io.javisor.kvm.abi;

/** Flags and enumerations of {@code linux/kvm.h} and {@code asm/kvm.h}, verbatim. */
public final class KvmConstants {
    public static final int KVM_API_VERSION = 12;

    public static final int KVM_MEM_LOG_DIRTY_PAGES = 1;
    public static final int KVM_MEM_READONLY = 2;

    public static final int KVM_EXIT_IO_IN = 0;
    public static final int KVM_EXIT_IO_OUT = 1;

    public static final int KVM_RUN_X86_SMM = 1;

    public static final int KVM_INTERNAL_ERROR_EMULATION = 1;
    public static final int KVM_INTERNAL_ERROR_SIMUL_EX = 2;
    public static final int KVM_INTERNAL_ERROR_DELIVERY_EV = 3;
    public static final int KVM_INTERNAL_ERROR_UNEXPECTED_EXIT_REASON = 4;
    public static final int KVM_INTERNAL_ERROR_EMULATION_FLAG_INSTRUCTION_BYTES = 1;

    public static final int KVM_SYSTEM_EVENT_SHUTDOWN = 1;
    public static final int KVM_SYSTEM_EVENT_RESET = 2;
    public static final int KVM_SYSTEM_EVENT_CRASH = 3;
    public static final int KVM_BUS_LOCK_DETECTION_EXIT = 2;
    public static final int KVM_X86_NOTIFY_VMEXIT_ENABLED = 1;
    public static final int KVM_X86_NOTIFY_VMEXIT_USER = 2;
    public static final int KVM_NOTIFY_CONTEXT_INVALID = 1;
    public static final int KVM_SYSTEM_EVENT_WAKEUP = 4;
    public static final int KVM_SYSTEM_EVENT_SUSPEND = 5;
    public static final int KVM_SYSTEM_EVENT_SEV_TERM = 6;

    public static final int KVM_MP_STATE_RUNNABLE = 0;
    public static final int KVM_MP_STATE_UNINITIALIZED = 1;
    public static final int KVM_MP_STATE_INIT_RECEIVED = 2;
    public static final int KVM_MP_STATE_HALTED = 3;
    public static final int KVM_MP_STATE_SIPI_RECEIVED = 4;

    public static final int KVM_IRQCHIP_PIC_MASTER = 0;
    public static final int KVM_IRQCHIP_PIC_SLAVE = 1;
    public static final int KVM_IRQCHIP_IOAPIC = 2;
    public static final int KVM_IOAPIC_NUM_PINS = 24;

    public static final int KVM_IRQ_ROUTING_IRQCHIP = 1;
    public static final int KVM_IRQ_ROUTING_MSI = 2;

    public static final int KVM_IRQFD_FLAG_DEASSIGN = 1;
    public static final int KVM_IRQFD_FLAG_RESAMPLE = 2;

    public static final int KVM_IOEVENTFD_FLAG_DATAMATCH = 1;
    public static final int KVM_IOEVENTFD_FLAG_PIO = 2;
    public static final int KVM_IOEVENTFD_FLAG_DEASSIGN = 4;

    public static final int KVM_MSI_VALID_DEVID = 1;

    public static final int KVM_PIT_SPEAKER_DUMMY = 1;
    public static final int KVM_PIT_FLAGS_HPET_LEGACY = 1;
    public static final int KVM_PIT_FLAGS_SPEAKER_DATA_ON = 2;

    public static final int KVM_CLOCK_TSC_STABLE = 2;
    public static final int KVM_CLOCK_REALTIME = 4;
    public static final int KVM_CLOCK_HOST_TSC = 8;

    public static final int KVM_CPUID_FLAG_SIGNIFCANT_INDEX = 1;
    public static final int KVM_CPUID_FLAG_STATEFUL_FUNC = 2;
    public static final int KVM_CPUID_FLAG_STATE_READ_NEXT = 4;

    public static final int KVM_SREGS2_FLAGS_PDPTRS_VALID = 1;

    public static final int KVM_VCPUEVENT_VALID_NMI_PENDING = 1;
    public static final int KVM_VCPUEVENT_VALID_SIPI_VECTOR = 2;
    public static final int KVM_VCPUEVENT_VALID_SHADOW = 4;
    public static final int KVM_VCPUEVENT_VALID_SMM = 8;
    public static final int KVM_VCPUEVENT_VALID_PAYLOAD = 0x10;
    public static final int KVM_VCPUEVENT_VALID_TRIPLE_FAULT = 0x20;

    public static final int KVM_X86_SHADOW_INT_MOV_SS = 1;
    public static final int KVM_X86_SHADOW_INT_STI = 2;

    public static final int KVM_GUESTDBG_ENABLE = 1;
    public static final int KVM_GUESTDBG_SINGLESTEP = 2;
    public static final int KVM_GUESTDBG_USE_SW_BP = 0x10000;
    public static final int KVM_GUESTDBG_USE_HW_BP = 0x20000;
    public static final int KVM_GUESTDBG_INJECT_DB = 0x40000;
    public static final int KVM_GUESTDBG_INJECT_BP = 0x80000;
    public static final int KVM_GUESTDBG_BLOCKIRQ = 0x100000;

    public static final int KVM_SYNC_X86_REGS = 1;
    public static final int KVM_SYNC_X86_SREGS = 2;
    public static final int KVM_SYNC_X86_EVENTS = 4;

    public static final int KVM_X86_DISABLE_EXITS_MWAIT = 1;
    public static final int KVM_X86_DISABLE_EXITS_HLT = 2;
    public static final int KVM_X86_DISABLE_EXITS_PAUSE = 4;
    public static final int KVM_X86_DISABLE_EXITS_CSTATE = 8;

    public static final int KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE = 1;
    public static final int KVM_DIRTY_LOG_INITIALLY_SET = 2;

    public static final int KVM_STATS_TYPE_MASK = 0xf;
    public static final int KVM_STATS_TYPE_CUMULATIVE = 0;
    public static final int KVM_STATS_TYPE_INSTANT = 1;
    public static final int KVM_STATS_TYPE_PEAK = 2;
    public static final int KVM_STATS_TYPE_LINEAR_HIST = 3;
    public static final int KVM_STATS_TYPE_LOG_HIST = 4;
    public static final int KVM_STATS_UNIT_MASK = 0xf0;
    public static final int KVM_STATS_BASE_SHIFT = 8;
    public static final int KVM_STATS_BASE_MASK = 0xf00;

    public static final int KVM_PIO_PAGE_OFFSET = 1;
    public static final int KVM_COALESCED_MMIO_PAGE_OFFSET = 2;

    private KvmConstants() {}
}
