package io.javisor.kvm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.bus.BusDevice;
import io.javisor.core.cpu.Bytes;
import io.javisor.core.cpu.CpuState;
import io.javisor.core.cpu.MsrEntry;
import io.javisor.core.cpu.RunState;
import io.javisor.core.engine.Engine;
import io.javisor.core.engine.EngineInterrupts;
import io.javisor.core.engine.EngineProvider;
import io.javisor.core.engine.EngineVm;
import io.javisor.core.engine.VmState;
import io.javisor.core.event.EventLoop;
import io.javisor.core.vcpu.VcpuExit;
import io.javisor.testkit.guest.DrivenMachine;
import io.javisor.testkit.junit.KvmTest;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** KVM through the ports of an engine. The vCPU is driven by the test's own thread. */
@KvmTest
@Timeout(60)
class KvmEngineTest {
    private static final long MESSAGE_GPA = 0xFEE0_0000L;
    private static final int INIT = 0x4500;
    private static final int START_UP = 0x4600;
    private static final int TSC = 0x10;
    private static final int TSC_DEADLINE = 0x6E0;

    private static DrivenMachine machine(String code) {
        return new DrivenMachine(new KvmEngineProvider(), code);
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
        VmState saved;
        try (DrivenMachine source = machine(COUNTER)) {
            source.runTo(3);
            source.settle();
            assertInstanceOf(EngineInterrupts.Chips.class, source.vm().interrupts());
            saved = source.vm().save();
            CpuState boot = saved.cpus().getFirst();
            assertEquals(RunState.RUNNABLE, boot.runState());
            assertEquals(RunState.UNINITIALIZED, saved.cpus().get(1).runState());
            assertEquals(1024, boot.localApic().length());
            assertTrue(boot.xsave().length() >= 576);
            assertEquals(withoutClocks(boot), withoutClocks(source.vcpu().save()), "saving changes nothing");
        }
        try (DrivenMachine target = machine("f4")) { // other code, which the memory of the source replaces
            byte[] code = HexFormat.of().parseHex(COUNTER.replace(" ", ""));
            target.memory().copyIn(code, 0, DrivenMachine.CODE_GPA, code.length);
            target.vm().restore(saved);
            VmState again = target.vm().save();
            for (int i = 0; i < 2; i++) {
                assertEquals(
                        withoutClocks(saved.cpus().get(i)),
                        withoutClocks(again.cpus().get(i)));
            }
            assertEquals(saved.chips(), again.chips());
            assertTrue(again.clock().nanos() >= saved.clock().nanos());
            target.runTo(2);
            assertEquals(List.of(4L, 5L), target.written());
        }
    }

    /** KVM pads what it saves to 4 KiB at least, and reads as much as it would save. */
    @Test
    void extendedStateOfAnotherSizeIsPutBack() {
        try (DrivenMachine machine = machine(COUNTER)) {
            machine.runTo(1);
            machine.settle();
            VmState saved = machine.vm().save();
            CpuState state = saved.cpus().getFirst();
            int legacyAndHeader = 576;
            byte[] shortened = Arrays.copyOf(state.xsave().toArray(), legacyAndHeader);
            shortened[512] &= 3; // XSTATE_BV: x87 and SSE
            CpuState changed = withXsave(state, Bytes.of(shortened));
            machine.vm()
                    .restore(new VmState(
                            VmState.VERSION,
                            saved.engine(),
                            saved.clock(),
                            List.of(changed, saved.cpus().get(1)),
                            saved.chips()));
            Bytes again = machine.vcpu().save().xsave();
            assertTrue(again.length() >= 4096);
            assertArrayEquals(shortened, Arrays.copyOf(again.toArray(), legacyAndHeader));
        }
    }

    /** Its first run ends with EAGAIN. */
    @Test
    void anApplicationProcessorGoesOnAfterItsStartUpMessage() {
        try (DrivenMachine machine = machine(COUNTER)) {
            machine.second().enterThread();
            boolean _ = machine.vm().messages().send(MESSAGE_GPA | 1 << 12, INIT);
            boolean _ = machine.vm().messages().send(MESSAGE_GPA | 1 << 12, START_UP | DrivenMachine.CODE_GPA >> 12);
            while (machine.written().size() < 2) {
                assertEquals(VcpuExit.CONTINUE, machine.second().run());
            }
        }
    }

    private static CpuState withXsave(CpuState state, Bytes xsave) {
        return new CpuState(
                state.version(),
                state.registers(),
                state.pdptrs(),
                state.msrs(),
                state.xcr0(),
                xsave,
                state.debug(),
                state.events(),
                state.runState(),
                state.localApic());
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
        try (DrivenMachine rig = machine(code);
                EventLoop loop = EventLoop.start("test/io-loop")) {
            var _ = rig.deviceMemory().register("doorbells", 0xF0010, 2, new BusDevice() {
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
            EngineVm.Binding binding = rig.vm().bindDoorbell("bell", 0xF0010, 2, 7, loop, rung::countDown);
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
                DrivenMachine rig = machine(COUNTER)) {
            long before = descriptors("[eventfd]");
            EngineVm.Binding binding = rig.vm().bindDoorbell("bell", 0xF0010, 2, 7, loop, () -> {});
            assertEquals(before + 1, descriptors("[eventfd]"));
            rig.vm().close();
            assertThrows(IllegalStateException.class, binding::close);
            assertEquals(before, descriptors("[eventfd]"));
        }
    }

    @Test
    void aVmEndsThoughItsHelperRefuses() throws IOException {
        long before = descriptors("kvm-vm");
        RejectedExecutionException refused = new RejectedExecutionException();
        try (DrivenMachine rig = new DrivenMachine(new KvmEngineProvider(), COUNTER, _ -> {
            throw refused;
        })) {
            assertEquals(before + 1, descriptors("kvm-vm"));
            assertSame(refused, assertThrows(RejectedExecutionException.class, rig.vm()::close));
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
