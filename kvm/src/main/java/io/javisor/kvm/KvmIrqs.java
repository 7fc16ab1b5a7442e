package io.javisor.kvm;

import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import io.javisor.core.host.Libc;
import io.javisor.core.irq.GsiRoute;
import io.javisor.core.irq.InterruptChips;
import io.javisor.kvm.abi.KvmConstants;
import io.javisor.kvm.abi.KvmIoctl;
import io.javisor.kvm.abi.KvmIrqLevelLayout;
import io.javisor.kvm.abi.KvmIrqRoutingEntryLayout;
import io.javisor.kvm.abi.KvmIrqRoutingLayout;
import io.javisor.kvm.abi.KvmIrqchipLayout;
import io.javisor.kvm.abi.KvmIrqfdLayout;
import io.javisor.kvm.abi.KvmMsiLayout;
import io.javisor.kvm.abi.KvmPitConfigLayout;
import io.javisor.kvm.abi.KvmPitState2Layout;
import io.javisor.kvm.abi.KvmReinjectControlLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** The interrupt controllers and the interval timer that KVM emulates for a VM, and the ways to drive their inputs. Any thread. */
public final class KvmIrqs {
    /** {@code struct kvm_irq_level} of every pin at level 0 and 1, constant, so that driving a line neither allocates nor locks. */
    private static final MemorySegment LEVELS = levels();

    private static final int ROUTE_WORDS = KvmIrqRoutingEntryLayout.SIZE / Integer.BYTES;

    private final Fd fd;

    KvmIrqs(Fd fd) {
        this.fd = fd;
    }

    private static MemorySegment levels() {
        MemorySegment levels =
                Arena.global().allocate(2L * InterruptChips.PIN_COUNT * KvmIrqLevelLayout.SIZE, Integer.BYTES);
        for (int gsi = 0; gsi < InterruptChips.PIN_COUNT; gsi++) {
            for (int level = 0; level <= 1; level++) {
                long at = (2L * gsi + level) * KvmIrqLevelLayout.SIZE;
                KvmIrqLevelLayout.setIrq(levels, at, gsi);
                KvmIrqLevelLayout.setLevel(levels, at, level);
            }
        }
        return levels;
    }

    /** Makes both 8259As, the I/O APIC, and a local APIC in every vCPU made from now on. Before the first vCPU. */
    public void createIrqchip() {
        // KVM api.rst §4.24
        int _ = Ioctl.call(fd, "KVM_CREATE_IRQCHIP", KvmIoctl.KVM_CREATE_IRQCHIP, 0);
    }

    /**
     * Makes the 8254 interval timer. Needs {@link #createIrqchip}.
     *
     * @param flags {@link KvmConstants#KVM_PIT_SPEAKER_DUMMY} to answer port 0x61 too, or 0
     */
    public void createPit2(int flags) {
        // KVM api.rst §4.71
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment config = arena.allocate(KvmPitConfigLayout.SIZE, Long.BYTES);
            KvmPitConfigLayout.setFlags(config, flags);
            int _ = Ioctl.call(fd, "KVM_CREATE_PIT2", KvmIoctl.KVM_CREATE_PIT2, config, KvmPitConfigLayout.SIZE);
        }
    }

    /** Reads the controller that {@code chip}, a {@code kvm_irqchip}, names in its {@code chip_id}. */
    public void getIrqchip(MemorySegment chip) {
        // KVM api.rst §4.26
        int _ = Ioctl.call(fd, "KVM_GET_IRQCHIP", KvmIoctl.KVM_GET_IRQCHIP, chip, KvmIrqchipLayout.SIZE);
    }

    /** Sets the controller that {@code chip}, a {@code kvm_irqchip}, names in its {@code chip_id}. */
    public void setIrqchip(MemorySegment chip) {
        // KVM api.rst §4.27
        int _ = Ioctl.call(fd, "KVM_SET_IRQCHIP", KvmIoctl.KVM_SET_IRQCHIP, chip, KvmIrqchipLayout.SIZE);
    }

    /** Reads the interval timer into {@code pit}, a {@code kvm_pit_state2}. */
    public void getPit2(MemorySegment pit) {
        // KVM api.rst §4.72
        int _ = Ioctl.call(fd, "KVM_GET_PIT2", KvmIoctl.KVM_GET_PIT2, pit, KvmPitState2Layout.SIZE);
    }

    /** Sets the interval timer from {@code pit}, a {@code kvm_pit_state2}. */
    public void setPit2(MemorySegment pit) {
        // KVM api.rst §4.73
        int _ = Ioctl.call(fd, "KVM_SET_PIT2", KvmIoctl.KVM_SET_PIT2, pit, KvmPitState2Layout.SIZE);
    }

    /**
     * Whether ticks of the interval timer that the guest has not acknowledged in time are made up for, as they are unless this was
     * called.
     */
    public void reinjectPit(boolean reinject) {
        // KVM_CAP_REINJECT_CONTROL; Linux arch/x86/kvm/i8254.c, kvm_pit_set_reinject
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment control = arena.allocate(KvmReinjectControlLayout.SIZE);
            KvmReinjectControlLayout.setPitReinject(control, reinject ? 1 : 0);
            int _ = Ioctl.call(
                    fd, "KVM_REINJECT_CONTROL", KvmIoctl.KVM_REINJECT_CONTROL, control, KvmReinjectControlLayout.SIZE);
        }
    }

    /**
     * Drives an input to a level. Allocates nothing.
     *
     * @param gsi 0 to 23
     */
    public void irqLine(int gsi, boolean asserted) {
        // KVM api.rst §4.25
        if (gsi < 0 || gsi >= InterruptChips.PIN_COUNT) {
            throw new IllegalArgumentException("GSI " + gsi + " is not an input");
        }
        long levelHva = LEVELS.address() + (2L * gsi + (asserted ? 1 : 0)) * KvmIrqLevelLayout.SIZE;
        int result = Libc.ioctl(fd.value(), KvmIoctl.KVM_IRQ_LINE, levelHva);
        if (result < 0) {
            throw Ioctl.failed(fd, "KVM_IRQ_LINE(gsi=" + gsi + ", level=" + asserted + ")", result);
        }
    }

    /** A signal on the eventfd asserts and at once de-asserts the GSI. */
    public void assignIrqfd(int gsi, int eventFd) {
        irqfd(gsi, eventFd, 0);
    }

    /** Parts the eventfd from the GSI; when this returns, no more signal arrives. */
    public void deassignIrqfd(int gsi, int eventFd) {
        irqfd(gsi, eventFd, KvmConstants.KVM_IRQFD_FLAG_DEASSIGN);
    }

    // KVM api.rst §4.75
    private void irqfd(int gsi, int eventFd, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = arena.allocate(KvmIrqfdLayout.SIZE, Integer.BYTES);
            KvmIrqfdLayout.setFd(request, eventFd);
            KvmIrqfdLayout.setGsi(request, gsi);
            KvmIrqfdLayout.setFlags(request, flags);
            int result = Ioctl.tryCall(fd, "KVM_IRQFD", KvmIoctl.KVM_IRQFD, request, KvmIrqfdLayout.SIZE);
            if (result < 0) {
                throw Ioctl.failed(fd, "KVM_IRQFD(gsi=%d, fd=%d, flags=0x%x)".formatted(gsi, eventFd, flags), result);
            }
        }
    }

    /** Replaces the whole routing table. {@link GsiRouter} is the one caller in a machine. */
    void setGsiRouting(List<GsiRoute> routes) {
        // KVM api.rst §4.52
        try (Arena arena = Arena.ofConfined()) {
            long size = KvmIrqRoutingLayout.sizeBytes(routes.size());
            MemorySegment table = arena.allocate(size, Long.BYTES);
            KvmIrqRoutingLayout.setNr(table, routes.size());
            int[] words = new int[routes.size() * ROUTE_WORDS];
            for (int i = 0; i < routes.size(); i++) {
                encode(routes.get(i), words, i * ROUTE_WORDS);
            }
            KvmIrqRoutingLayout.putEntryWords(table, words);
            int result = Ioctl.tryCall(fd, "KVM_SET_GSI_ROUTING", KvmIoctl.KVM_SET_GSI_ROUTING, table, size);
            if (result < 0) {
                throw Ioctl.failed(fd, "KVM_SET_GSI_ROUTING(nr=" + routes.size() + ")", result);
            }
        }
    }

    private static void encode(GsiRoute route, int[] words, int at) {
        words[at + word(KvmIrqRoutingEntryLayout.GSI_OFFSET)] = route.gsi();
        words[at + word(KvmIrqRoutingEntryLayout.TYPE_OFFSET)] = KvmConstants.KVM_IRQ_ROUTING_IRQCHIP;
        words[at + word(KvmIrqRoutingEntryLayout.U_IRQCHIP_IRQCHIP_OFFSET)] = chipId(route.chip());
        words[at + word(KvmIrqRoutingEntryLayout.U_IRQCHIP_PIN_OFFSET)] = route.pin();
    }

    private static int word(int offset) {
        return offset / Integer.BYTES;
    }

    private static int chipId(GsiRoute.Chip chip) {
        return switch (chip) {
            case PIC_MASTER -> KvmConstants.KVM_IRQCHIP_PIC_MASTER;
            case PIC_SLAVE -> KvmConstants.KVM_IRQCHIP_PIC_SLAVE;
            case IOAPIC -> KvmConstants.KVM_IRQCHIP_IOAPIC;
        };
    }

    /**
     * Delivers {@code msi}, a {@code kvm_msi}, at once, without a route.
     *
     * @return whether a local APIC took it; false if none has its address, or the guest has it masked or switched off
     */
    public boolean signalMsi(MemorySegment msi) {
        // KVM api.rst §4.71: 0 if the guest blocks it, and -1, which is read as EPERM, if it is nobody's.
        int result = Ioctl.tryCall(fd, "KVM_SIGNAL_MSI", KvmIoctl.KVM_SIGNAL_MSI, msi, KvmMsiLayout.SIZE);
        if (result == -Errno.EPERM) {
            return false;
        }
        if (result < 0) {
            throw Ioctl.failed(
                    fd,
                    "KVM_SIGNAL_MSI(address=0x%x%08x, data=0x%x)"
                            .formatted(
                                    KvmMsiLayout.addressHi(msi), KvmMsiLayout.addressLo(msi), KvmMsiLayout.data(msi)),
                    result);
        }
        return result > 0;
    }
}
