package io.javisor.kvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.bus.AddressBus;
import io.javisor.core.bus.BusDevice;
import io.javisor.core.cpu.CpuConfig;
import io.javisor.core.cpu.CpuModel;
import io.javisor.core.cpu.CpuRegisters;
import io.javisor.core.cpu.CpuState;
import io.javisor.core.cpu.CpuTopology;
import io.javisor.core.cpu.GeneralRegisters;
import io.javisor.core.cpu.MsrEntry;
import io.javisor.core.cpu.RunState;
import io.javisor.core.cpu.SegmentState;
import io.javisor.core.cpu.SystemRegisters;
import io.javisor.core.engine.Engine;
import io.javisor.core.engine.EngineInterrupts;
import io.javisor.core.engine.EngineProvider;
import io.javisor.core.engine.EngineVcpu;
import io.javisor.core.engine.EngineVm;
import io.javisor.core.engine.VmSpec;
import io.javisor.core.engine.VmState;
import io.javisor.core.event.EventLoop;
import io.javisor.core.memory.GuestMemory;
import io.javisor.core.memory.MemoryBackingConfig;
import io.javisor.core.memory.RegionSpec;
import io.javisor.core.vcpu.VcpuExit;
import io.javisor.testkit.junit.KvmTest;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** KVM through the ports of an engine. The vCPU is driven by the test's own thread. */
@KvmTest
@Timeout(60)
class KvmEngineTest {
    private static final int CODE_GPA = 0x1000;
    private static final int PORT = 0x84;
    private static final int TSC = 0x10;
    private static final int TSC_DEADLINE = 0x6E0;

    /** A machine of two vCPUs with 64 KiB and the chips of a PC. */
    private static final class Rig implements AutoCloseable {
        final List<Long> written = new ArrayList<>();
        final AddressBus ports = AddressBus.ports();
        final AddressBus deviceMemory = AddressBus.deviceMemory();
        final GuestMemory memory =
                GuestMemory.allocate(List.of(new RegionSpec(0, 0x10000)), MemoryBackingConfig.DEFAULT);
        final Engine engine = new KvmEngineProvider().open();
        final EngineVm vm;
        final EngineVcpu vcpu;
        final EngineVcpu second;

        Rig(String code) {
            this(code, Runnable::run);
        }

        Rig(String code, Executor helper) {
            var _ = ports.register("probe", PORT, 1, new BusDevice() {
                @Override
                public long read(long offset, int size) {
                    return 0x5A;
                }

                @Override
                public void write(long offset, int size, long value) {
                    written.add(value);
                }
            });
            vm = engine.createVm(
                    new VmSpec("rig", memory, ports, deviceMemory, VmSpec.Interrupts.PC, 0xFFFB_C000L, helper));
            vcpu = vm.createVcpu(0);
            second = vm.createVcpu(1);
            CpuModel model = CpuModel.of(vm.offer(), CpuConfig.DEFAULT, new CpuTopology(2));
            vcpu.powerOn(model.cpuid(0));
            second.powerOn(model.cpuid(1));
            byte[] bytes = HexFormat.of().parseHex(code.replace(" ", ""));
            memory.copyIn(bytes, 0, CODE_GPA, bytes.length);
            SystemRegisters now = vcpu.registers().system();
            vcpu.setRegisters(new CpuRegisters(
                    GeneralRegisters.at(CODE_GPA, 0x8000, 2),
                    new SystemRegisters(
                            SegmentState.realModeCode(0),
                            now.ds(),
                            now.es(),
                            now.fs(),
                            now.gs(),
                            now.ss(),
                            now.tr(),
                            now.ldt(),
                            now.gdt(),
                            now.idt(),
                            now.cr0(),
                            now.cr2(),
                            now.cr3(),
                            now.cr4(),
                            now.cr8(),
                            now.efer(),
                            now.apicBase())));
            vcpu.enterThread();
        }

        /** Runs until a number of writes have come. */
        void runTo(int writes) {
            while (written.size() < writes) {
                assertEquals(VcpuExit.CONTINUE, vcpu.run());
            }
        }

        /** Has the access in flight completed, and stops before the next instruction. */
        void settle() {
            vcpu.kick();
            assertEquals(VcpuExit.KICKED, vcpu.run());
            vcpu.clearKick();
        }

        @Override
        public void close() {
            vcpu.close();
            second.close();
            vm.close();
            engine.close();
            memory.close();
        }
    }

    /** Adds 1 to AX and writes AL, for ever. */
    private static final String COUNTER = "40 e6 84 eb fb"; // 1: inc ax; out 0x84, al; jmp 1b

    @Test
    void theProviderSaysWhatTheEngineSays() {
        EngineProvider provider = new KvmEngineProvider();
        try (Engine engine = provider.open()) {
            assertEquals("kvm", engine.name());
            assertEquals(provider.name(), engine.name());
            assertEquals(provider.traits(), engine.traits());
            assertTrue(engine.traits().interruptChips());
            assertTrue(engine.maxVcpus() >= 1);
        }
    }

    @Test
    void aStateGoesOnInAnotherMachine() {
        CpuState boot;
        CpuState application;
        VmState vmState;
        try (Rig source = new Rig(COUNTER)) {
            source.runTo(3);
            source.settle();
            assertInstanceOf(EngineInterrupts.Chips.class, source.vm.interrupts());
            vmState = source.vm.save();
            boot = source.vcpu.save();
            application = source.second.save();
            assertEquals(RunState.RUNNABLE, boot.runState());
            assertEquals(RunState.UNINITIALIZED, application.runState());
            assertEquals(1024, boot.localApic().length());
            assertTrue(boot.xsave().length() >= 576);
            assertEquals(withoutClocks(boot), withoutClocks(source.vcpu.save()), "saving changes nothing");
        }
        try (Rig target = new Rig("f4")) { // other code, which the memory of the source replaces
            byte[] code = HexFormat.of().parseHex(COUNTER.replace(" ", ""));
            target.memory.copyIn(code, 0, CODE_GPA, code.length);
            target.vm.restore(vmState);
            target.vcpu.restore(boot);
            target.second.restore(application);
            assertEquals(withoutClocks(boot), withoutClocks(target.vcpu.save()));
            assertEquals(withoutClocks(application), withoutClocks(target.second.save()));
            VmState again = target.vm.save();
            assertEquals(vmState.chips().subList(0, 3), again.chips().subList(0, 3)); // the 8254 counts on
            assertTrue(again.clock().nanos() >= vmState.clock().nanos());
            target.runTo(2);
            assertEquals(List.of(4L, 5L), target.written);
        }
    }

    /** The time stamp counter goes on, and with it the deadline that the engine works out from it. */
    private static CpuState withoutClocks(CpuState state) {
        List<MsrEntry> msrs = state.msrs().stream()
                .filter(entry -> entry.index() != TSC && entry.index() != TSC_DEADLINE)
                .filter(entry -> (entry.index() & 0xFFFF_FF00) != 0x4000_0000) // Hyper-V's clocks among them
                .toList();
        return new CpuState(
                state.version(),
                state.registers(),
                state.pdptrs(),
                msrs,
                state.xcr0(),
                state.xsave(),
                state.debug(),
                state.events(),
                state.runState(),
                state.localApic());
    }

    @Test
    void aDoorbellRingsOnTheLoopForItsValueAlone() throws InterruptedException {
        // 1: mov ax, 0xf000; mov ds, ax; mov word [0x10], 8; mov word [0x10], 7; out 0x84, al; jmp 1b
        String code = "b8 00 f0 8e d8 c7 06 10 00 08 00 c7 06 10 00 07 00 e6 84 eb ed";
        List<Long> onTheBus = new ArrayList<>();
        try (Rig rig = new Rig(code);
                EventLoop loop = EventLoop.start("test/io-loop")) {
            var _ = rig.deviceMemory.register("doorbells", 0xF0010, 2, new BusDevice() {
                @Override
                public long read(long offset, int size) {
                    return 0;
                }

                @Override
                public void write(long offset, int size, long value) {
                    onTheBus.add(value);
                }
            });
            CountDownLatch rung = new CountDownLatch(1);
            EngineVm.Binding binding = rig.vm.bindDoorbell("bell", 0xF0010, 2, 7, loop, rung::countDown);
            rig.runTo(1);
            assertTrue(rung.await(10, TimeUnit.SECONDS));
            assertEquals(List.of(8L), onTheBus);
            binding.close();
            binding.close();
            rig.runTo(2);
            assertEquals(List.of(8L, 8L, 7L), onTheBus);
        }
    }

    @Test
    void aDoorbellThatCannotBeTakenBackLeavesNoDescriptor() throws IOException {
        try (EventLoop loop = EventLoop.start("test/io-loop");
                Rig rig = new Rig(COUNTER)) {
            long before = descriptors("[eventfd]");
            EngineVm.Binding binding = rig.vm.bindDoorbell("bell", 0xF0010, 2, 7, loop, () -> {});
            assertEquals(before + 1, descriptors("[eventfd]"));
            rig.vm.close();
            assertThrows(IllegalStateException.class, binding::close);
            assertEquals(before, descriptors("[eventfd]"));
        }
    }

    @Test
    void aVmEndsThoughItsHelperRefuses() throws IOException {
        long before = descriptors("kvm-vm");
        RejectedExecutionException refused = new RejectedExecutionException();
        try (Rig rig = new Rig(COUNTER, _ -> {
            throw refused;
        })) {
            assertEquals(before + 1, descriptors("kvm-vm"));
            assertSame(refused, assertThrows(RejectedExecutionException.class, rig.vm::close));
            assertEquals(before, descriptors("kvm-vm"));
        }
    }

    /** This process's descriptors of that kind of anonymous inode. */
    private static long descriptors(String kind) throws IOException {
        long count = 0;
        try (DirectoryStream<Path> links = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path link : links) {
                if (Files.isSymbolicLink(link)
                        && Files.readSymbolicLink(link).toString().equals("anon_inode:" + kind)) {
                    count++;
                }
            }
        }
        return count;
    }
}
