package io.javisor.kvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.event.EventFd;
import io.javisor.core.host.Errno;
import io.javisor.core.irq.GsiRoute;
import io.javisor.core.irq.InterruptChips;
import io.javisor.kvm.abi.KvmCap;
import io.javisor.kvm.abi.KvmClockDataLayout;
import io.javisor.kvm.abi.KvmConstants;
import io.javisor.kvm.abi.KvmExit;
import io.javisor.kvm.abi.KvmIoapicStateLayout;
import io.javisor.kvm.abi.KvmIrqchipLayout;
import io.javisor.kvm.abi.KvmPitChannelStateLayout;
import io.javisor.kvm.abi.KvmPitState2Layout;
import io.javisor.kvm.abi.KvmRunLayout;
import io.javisor.testkit.junit.KvmTest;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The system and VM ioctls. */
@KvmTest
class KvmVmTest {
    @Test
    void systemFacts() {
        try (Kvm kvm = Kvm.open()) {
            assertTrue(kvm.vcpuMmapSize() >= 2 * 4096);
            assertTrue(kvm.maxVcpus() >= 1);
            assertEquals(1, kvm.checkExtension(KvmCap.KVM_CAP_IRQCHIP));
            assertEquals(0, kvm.checkExtension(4711));
            assertTrue(Arrays.stream(kvm.msrIndexList()).anyMatch(index -> index == 0x174), "IA32_SYSENTER_CS");
        }
    }

    @Test
    void theControllersKeepTheirState() {
        try (TinyVm tiny = new TinyVm(true)) {
            MemorySegment chip = tiny.buffer(KvmIrqchipLayout.SIZE);
            KvmIrqchipLayout.setChipId(chip, KvmConstants.KVM_IRQCHIP_IOAPIC);
            tiny.vm.irqs().getIrqchip(chip);
            assertEquals(0xFEC0_0000L, KvmIoapicStateLayout.baseAddress(chip, KvmIrqchipLayout.CHIP_OFFSET));
            KvmIoapicStateLayout.setRedirtbl(chip, KvmIrqchipLayout.CHIP_OFFSET, 7, 0x1_0055);
            tiny.vm.irqs().setIrqchip(chip);
            MemorySegment read = tiny.buffer(KvmIrqchipLayout.SIZE);
            KvmIrqchipLayout.setChipId(read, KvmConstants.KVM_IRQCHIP_IOAPIC);
            tiny.vm.irqs().getIrqchip(read);
            assertEquals(0x1_0055, KvmIoapicStateLayout.redirtbl(read, KvmIrqchipLayout.CHIP_OFFSET, 7));
        }
    }

    @Test
    void theIntervalTimerKeepsItsState() {
        try (Kvm kvm = Kvm.open();
                KvmVm vm = kvm.createVm("pit");
                Arena arena = Arena.ofConfined()) {
            vm.irqs().createIrqchip();
            vm.irqs().createPit2(KvmConstants.KVM_PIT_SPEAKER_DUMMY);
            MemorySegment pit = arena.allocate(KvmPitState2Layout.SIZE, 8);
            vm.irqs().getPit2(pit);
            KvmPitChannelStateLayout.setCount(pit, KvmPitState2Layout.channelOffset(2), 0x4321);
            vm.irqs().setPit2(pit);
            MemorySegment read = arena.allocate(KvmPitState2Layout.SIZE, 8);
            vm.irqs().getPit2(read);
            assertEquals(0x4321, KvmPitChannelStateLayout.count(read, KvmPitState2Layout.channelOffset(2)));
        }
    }

    @Test
    void theIntervalTimerCanLetGoOfTheInterruptRoutingWhileItIsReplaced() {
        try (Kvm kvm = Kvm.open();
                KvmVm vm = kvm.createVm("pit")) {
            vm.irqs().createIrqchip();
            vm.irqs().createPit2(KvmConstants.KVM_PIT_SPEAKER_DUMMY);
            vm.irqs().reinjectPit(false);
            GsiRouter router = new GsiRouter(vm.irqs());
            router.reload();
            vm.irqs().reinjectPit(true);
        }
    }

    @Test
    void withoutAnIntervalTimerThereIsNothingToReinject() {
        try (Kvm kvm = Kvm.open();
                KvmVm vm = kvm.createVm("no pit")) {
            vm.irqs().createIrqchip();
            KvmException failure =
                    assertThrows(KvmException.class, () -> vm.irqs().reinjectPit(false));
            assertTrue(failure.toString().contains("KVM_REINJECT_CONTROL"), failure::toString);
        }
    }

    @Test
    void theClockCanBeSet() {
        try (TinyVm tiny = new TinyVm(true)) {
            MemorySegment clock = tiny.buffer(KvmClockDataLayout.SIZE);
            tiny.vm.getClock(clock);
            long ahead = KvmClockDataLayout.clock(clock) + 3_600_000_000_000L;
            MemorySegment set = tiny.buffer(KvmClockDataLayout.SIZE);
            KvmClockDataLayout.setClock(set, ahead);
            tiny.vm.setClock(set);
            tiny.vm.getClock(clock);
            long past = KvmClockDataLayout.clock(clock) - ahead;
            assertTrue(past >= 0 && past < 10_000_000_000L, () -> past + " ns later");
        }
    }

    @Test
    void theBootCpuIsChosenBeforeTheFirstVcpu() {
        try (Kvm kvm = Kvm.open();
                KvmVm vm = kvm.createVm("boot")) {
            vm.irqs().createIrqchip();
            vm.setBootCpuId(1);
            try (KvmVcpu first = vm.createVcpu(0);
                    KvmVcpu second = vm.createVcpu(1)) {
                assertEquals(
                        KvmConstants.KVM_MP_STATE_UNINITIALIZED, first.state().mpState());
                assertEquals(KvmConstants.KVM_MP_STATE_RUNNABLE, second.state().mpState());
                KvmException late = assertThrows(KvmException.class, () -> vm.setBootCpuId(0));
                assertEquals(Errno.EBUSY, late.errno());
            }
        }
    }

    @Test
    void aSecondVcpuOfTheSameNumberIsRefusedByName() {
        try (TinyVm tiny = new TinyVm(false)) {
            KvmException e = assertThrows(KvmException.class, () -> tiny.vm.createVcpu(0));
            assertEquals("KVM_CREATE_VCPU(0) on tiny VM: EEXIST (File exists)", e.getMessage());
        }
    }

    @Test
    void theDirtyLogTellsWhichPageTheGuestWrote() {
        try (TinyVm tiny = new TinyVm(false, KvmConstants.KVM_MEM_LOG_DIRTY_PAGES)) {
            tiny.code("c6 06 34 52 01 f4"); // mov byte [0x5234], 1; hlt
            // KVM may map a page that the guest only reads or runs as writable, and takes it as dirty then (make_spte,
            // from Linux 5.15).
            long codePage = 1L << (TinyVm.CODE_GPA / 4096);
            MemorySegment bitmap = tiny.buffer(KvmMemorySlots.dirtyBitmapSizeBytes(TinyVm.MEMORY_SIZE));
            tiny.vm.memory().getDirtyLog(0, bitmap);
            assertEquals(0, tiny.run());
            assertEquals("KVM_EXIT_HLT", KvmExit.name(KvmRunLayout.exitReason(tiny.vcpu.runPage())));
            tiny.vm.memory().getDirtyLog(0, bitmap);
            long dirty = bitmap.get(ValueLayout.JAVA_LONG, 0);
            assertEquals(1L << 5, dirty & ~codePage, () -> Long.toBinaryString(dirty));
            tiny.vm.memory().getDirtyLog(0, bitmap);
            assertEquals(0, bitmap.get(ValueLayout.JAVA_LONG, 0));
        }
    }

    @Test
    void theDirtyLogIsClearedByHandWhereThatIsEnabled() {
        try (TinyVm tiny = new TinyVm(false)) {
            tiny.vm.enableCap(
                    KvmCap.KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2, KvmConstants.KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE);
            tiny.vm.memory().delete(0);
            tiny.vm
                    .memory()
                    .setUserMemoryRegion(
                            0, KvmConstants.KVM_MEM_LOG_DIRTY_PAGES, 0, TinyVm.MEMORY_SIZE, tiny.memory.address());
            tiny.code("c6 06 34 52 01 f4"); // mov byte [0x5234], 1; hlt
            assertEquals(0, tiny.run());
            MemorySegment bitmap = tiny.buffer(KvmMemorySlots.dirtyBitmapSizeBytes(TinyVm.MEMORY_SIZE));
            tiny.vm.memory().getDirtyLog(0, bitmap);
            tiny.vm.memory().getDirtyLog(0, bitmap);
            assertNotEquals(0, bitmap.get(ValueLayout.JAVA_LONG, 0) & 1L << 5, "reading does not clear");
            tiny.vm.memory().clearDirtyLog(0, 0, TinyVm.MEMORY_SIZE / 4096, bitmap);
            tiny.vm.memory().getDirtyLog(0, bitmap);
            assertEquals(0, bitmap.get(ValueLayout.JAVA_LONG, 0));
        }
    }

    @Test
    void aWriteToReadOnlyMemoryIsAnMmioExit() {
        try (TinyVm tiny = new TinyVm(false, KvmConstants.KVM_MEM_READONLY)) {
            tiny.code("c6 06 34 52 01 f4"); // mov byte [0x5234], 1; hlt
            assertEquals(0, tiny.run());
            assertEquals("KVM_EXIT_MMIO", KvmExit.name(KvmRunLayout.exitReason(tiny.vcpu.runPage())));
            assertEquals(0x5234, KvmRunLayout.mmioPhysAddr(tiny.vcpu.runPage()));
        }
    }

    @Test
    void anOverlappingSlotIsRefusedWithItsOperands() {
        try (TinyVm tiny = new TinyVm(false)) {
            KvmException e = assertThrows(
                    KvmException.class,
                    () -> tiny.vm.memory().setUserMemoryRegion(1, 0, 0x1000, 0x1000, tiny.memory.address()));
            assertEquals(Errno.EEXIST, e.errno());
            assertTrue(e.toString().contains("slot=1, flags=0x0, gpa=0x1000, size=0x1000"), e.toString());
        }
    }

    @Test
    void aPortDoorbellSignalsItsEventFdForTheMatchingValueAlone() {
        try (TinyVm tiny = new TinyVm(false);
                EventFd any = EventFd.create("any");
                EventFd two = EventFd.create("two")) {
            // out 0x10, al; mov al, 1; out 0x11, al; mov al, 2; out 0x11, al; out 0x12, al
            tiny.code("e6 10 b0 01 e6 11 b0 02 e6 11 e6 12 f4");
            tiny.vm.ioEvents().assignPio(0x10, 1, any.fd().value());
            tiny.vm.ioEvents().assignPio(0x11, 1, two.fd().value(), 2);
            assertEquals(0x11, tiny.runToOut(), "value 1 is not the doorbell's");
            assertEquals(1, any.drain());
            assertEquals(0x12, tiny.runToOut());
            assertEquals(1, two.drain());
            tiny.vm.ioEvents().deassignPio(0x10, 1, any.fd().value());
            tiny.vm.ioEvents().deassignPio(0x11, 1, two.fd().value(), 2);
            tiny.code("e6 10 e6 11 f4");
            assertEquals(0x10, tiny.runToOut());
            assertEquals(0x11, tiny.runToOut());
        }
    }

    @Test
    void aMemoryDoorbellSignalsItsEventFd() {
        try (TinyVm tiny = new TinyVm(false);
                EventFd any = EventFd.create("any");
                EventFd seven = EventFd.create("seven")) {
            // mov ax, 0xf000; mov ds, ax; mov word [0], 7; mov word [8], 7; out 0x80, al; hlt
            String code = "b8 00 f0 8e d8 c7 06 00 00 07 00 c7 06 08 00 07 00 e6 80 f4";
            tiny.code(code);
            tiny.vm.ioEvents().assignMmio(0xF0000, 0, any.fd().value());
            tiny.vm.ioEvents().assignMmio(0xF0008, 2, seven.fd().value(), 7);
            assertEquals(0x80, tiny.runToOut());
            assertEquals(1, any.drain());
            assertEquals(1, seven.drain());
            tiny.vm.ioEvents().deassignMmio(0xF0000, 0, any.fd().value());
            tiny.vm.ioEvents().deassignMmio(0xF0008, 2, seven.fd().value(), 7);
            tiny.code(code);
            assertEquals(0, tiny.run());
            assertEquals("KVM_EXIT_MMIO", KvmExit.name(KvmRunLayout.exitReason(tiny.vcpu.runPage())));
            KvmException e = assertThrows(
                    KvmException.class,
                    () -> tiny.vm.ioEvents().deassignMmio(0xF0000, 0, any.fd().value()));
            assertEquals(Errno.ENOENT, e.errno());
        }
    }

    @Test
    void theWiringOfAPcFitsAndMayBePutIntoForceAtAnyTime() {
        try (TinyVm tiny = new TinyVm(true)) {
            assertTrue(GsiRoute.pc().size() <= tiny.vm.checkExtension(KvmCap.KVM_CAP_IRQ_ROUTING));
            GsiRouter router = new GsiRouter(tiny.vm.irqs());
            router.reload();
            GsiRoute noSuchPin = new GsiRoute(5, GsiRoute.Chip.IOAPIC, InterruptChips.PIN_COUNT);
            KvmException failure =
                    assertThrows(KvmException.class, () -> tiny.vm.irqs().setGsiRouting(List.of(noSuchPin)));
            assertTrue(failure.toString().contains("KVM_SET_GSI_ROUTING(nr=1)"), failure::toString);
        }
    }

    @Test
    void closedMachinesLeaveNoDescriptor() throws IOException {
        try (TinyVm tiny = new TinyVm(true)) {
            assertTrue(tiny.vm.checkExtension(KvmCap.KVM_CAP_USER_MEMORY) > 0);
        }
        long before = openDescriptors();
        try (TinyVm _ = new TinyVm(true)) {
            assertEquals(before + 3, openDescriptors(), "the device, a VM and a vCPU");
        }
        for (int i = 0; i < 20; i++) {
            new TinyVm(true).close();
        }
        assertEquals(before, openDescriptors());
    }

    /** KVM's descriptors alone: the virtual machine opens jars and libraries when it likes. */
    private static long openDescriptors() throws IOException {
        long count = 0;
        try (var descriptors = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path descriptor : descriptors) {
                try {
                    String target = Files.readSymbolicLink(descriptor).toString();
                    count += target.equals(Kvm.DEVICE) || target.startsWith("anon_inode:kvm") ? 1 : 0;
                } catch (NoSuchFileException e) {
                    // closed meanwhile
                }
            }
        }
        return count;
    }
}
