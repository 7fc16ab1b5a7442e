package io.javisor.kvm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import io.javisor.core.host.WakeupSignal;
import io.javisor.core.irq.ConnectedLine;
import io.javisor.core.irq.GsiInput;
import io.javisor.kvm.abi.KvmConstants;
import io.javisor.kvm.abi.KvmExit;
import io.javisor.kvm.abi.KvmRegsLayout;
import io.javisor.kvm.abi.KvmRunLayout;
import io.javisor.kvm.abi.KvmSegmentLayout;
import io.javisor.kvm.abi.KvmSregsLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A VM with 64 KiB at address 0 and one vCPU that starts in real mode at 0x1000. */
final class TinyVm implements AutoCloseable {
    static final int MEMORY_SIZE = 0x10000;
    static final int CODE_GPA = 0x1000;

    final Kvm kvm = Kvm.open();
    final KvmVm vm = kvm.createVm("tiny VM");
    final Arena arena = Arena.ofShared();
    final MemorySegment memory;
    final KvmVcpu vcpu;
    private final KvmLines lines = new KvmLines(vm.irqs());

    TinyVm(boolean irqchip) {
        this(irqchip, 0);
    }

    TinyVm(boolean irqchip, int memoryFlags) {
        long hva = Libc.check(
                "mmap",
                Libc.mmap(
                        0,
                        MEMORY_SIZE,
                        HostConstants.PROT_READ | HostConstants.PROT_WRITE,
                        HostConstants.MAP_PRIVATE | HostConstants.MAP_ANONYMOUS,
                        -1,
                        0));
        memory = Libc.segmentAt(hva, MEMORY_SIZE, arena);
        vm.setIdentityMapAddr(0xFEFF_C000L);
        vm.setTssAddr(0xFEFF_D000L);
        if (irqchip) {
            vm.irqs().createIrqchip();
        }
        vm.memory().setUserMemoryRegion(0, memoryFlags, 0, MEMORY_SIZE, hva);
        vcpu = vm.createVcpu(0);
    }

    /** Puts code at {@link #CODE_GPA} and sets the vCPU to start there, CS at 0, stack at 0x8000, interrupts off. */
    TinyVm code(String hex) {
        poke(CODE_GPA, hex);
        MemorySegment sregs = arena.allocate(KvmSregsLayout.SIZE, 8);
        vcpu.state().getSregs(sregs);
        KvmSegmentLayout.setBase(sregs, KvmSregsLayout.CS_OFFSET, 0);
        KvmSegmentLayout.setSelector(sregs, KvmSregsLayout.CS_OFFSET, 0);
        vcpu.state().setSregs(sregs);
        MemorySegment regs = arena.allocate(KvmRegsLayout.SIZE, 8);
        KvmRegsLayout.setRip(regs, CODE_GPA);
        KvmRegsLayout.setRsp(regs, 0x8000);
        KvmRegsLayout.setRflags(regs, 2);
        vcpu.state().setRegs(regs);
        return this;
    }

    void poke(int gpa, String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
        MemorySegment.copy(MemorySegment.ofArray(bytes), 0, memory, gpa, bytes.length);
    }

    ConnectedLine edge(int gsi) {
        return lines.connect(GsiInput.isa(gsi));
    }

    ConnectedLine level(int gsi) {
        return lines.connect(new GsiInput(gsi, GsiInput.Trigger.LEVEL, GsiInput.Polarity.ACTIVE_LOW));
    }

    MemorySegment buffer(long size) {
        return arena.allocate(size, 8);
    }

    /** Runs until the next exit; -EINTR if there is none in five seconds, so that a guest that waits in vain fails its test. */
    int run() {
        WakeupSignal.ensureInstalled();
        WakeupSignal.acceptInThisThread();
        int tid = Libc.gettid();
        CountDownLatch done = new CountDownLatch(1);
        Thread watchdog = Thread.ofPlatform().daemon().start(() -> {
            try {
                if (!done.await(5, TimeUnit.SECONDS)) {
                    vcpu.setImmediateExit(true);
                    WakeupSignal.send(tid);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        int result = vcpu.run();
        done.countDown();
        try {
            watchdog.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return result;
    }

    /** Runs to the next exit, which must be a write to a port. Returns the port. */
    int runToOut() {
        assertEquals(0, run(), "KVM_RUN");
        MemorySegment page = vcpu.runPage();
        assertEquals("KVM_EXIT_IO", KvmExit.name(KvmRunLayout.exitReason(page)));
        assertEquals(KvmConstants.KVM_EXIT_IO_OUT, KvmRunLayout.ioDirection(page));
        return KvmRunLayout.ioPort(page);
    }

    long rip() {
        MemorySegment regs = buffer(KvmRegsLayout.SIZE);
        vcpu.state().getRegs(regs);
        return KvmRegsLayout.rip(regs);
    }

    @Override
    public void close() {
        vcpu.close();
        vm.close();
        kvm.close();
        long hva = memory.address();
        arena.close();
        int _ = Libc.munmap(hva, MEMORY_SIZE);
    }
}
