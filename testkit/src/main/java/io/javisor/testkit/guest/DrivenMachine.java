package io.javisor.testkit.guest;

import io.javisor.core.bus.AddressBus;
import io.javisor.core.bus.BusDevice;
import io.javisor.core.cpu.CpuConfig;
import io.javisor.core.cpu.CpuModel;
import io.javisor.core.cpu.CpuRegisters;
import io.javisor.core.cpu.CpuTopology;
import io.javisor.core.cpu.GeneralRegisters;
import io.javisor.core.cpu.SegmentState;
import io.javisor.core.cpu.SystemRegisters;
import io.javisor.core.engine.Engine;
import io.javisor.core.engine.EngineProvider;
import io.javisor.core.engine.EngineVcpu;
import io.javisor.core.engine.EngineVm;
import io.javisor.core.engine.VmSpec;
import io.javisor.core.memory.GpaRange;
import io.javisor.core.memory.GuestMemory;
import io.javisor.core.memory.MemoryBackingConfig;
import io.javisor.core.vcpu.VcpuExit;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Executor;

/** A machine of two vCPUs with 64 KiB and the chips of a PC, in real mode. The first vCPU runs on the thread of whoever calls, exit by exit. */
public final class DrivenMachine implements AutoCloseable {
    /** Where its code is. */
    public static final int CODE_GPA = 0x1000;

    /** A port of 1 byte whose writes are kept; reads give 0x5A. */
    public static final int PORT = 0x84;

    private final List<Long> written = new ArrayList<>();
    private final AddressBus ports = AddressBus.ports();
    private final AddressBus deviceMemory = AddressBus.deviceMemory();
    private final GuestMemory memory =
            GuestMemory.allocate(List.of(new GpaRange(0, 0x10000)), MemoryBackingConfig.DEFAULT);
    private final Engine engine;
    private final EngineVm vm;
    private final GuestChips chips;
    private final EngineVcpu vcpu;
    private final EngineVcpu second;

    /** Puts {@code code}, hexadecimal, at {@link #CODE_GPA}. */
    public DrivenMachine(EngineProvider provider, String code) {
        this(provider, code, Runnable::run);
    }

    /** As the other constructor. {@code helper} is the VM's: {@link VmSpec#helper}. */
    public DrivenMachine(EngineProvider provider, String code, Executor helper) {
        engine = provider.open();
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
        chips = GuestChips.of("rig", vm, ports, deviceMemory);
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
    public void runTo(int writes) {
        while (written.size() < writes) {
            expect(VcpuExit.CONTINUE);
        }
    }

    /** Has the access in flight completed, and stops before the next instruction. */
    public void settle() {
        vcpu.kick();
        expect(VcpuExit.KICKED);
        vcpu.clearKick();
    }

    private void expect(VcpuExit wanted) {
        VcpuExit exit = vcpu.run();
        if (exit != wanted) {
            throw new AssertionError("expected " + wanted + ", was " + exit + ": " + vcpu.failure(exit));
        }
    }

    /** What the guest wrote to {@link #PORT}. */
    public List<Long> written() {
        return List.copyOf(written);
    }

    public GuestMemory memory() {
        return memory;
    }

    /** What answers accesses beyond its RAM: nothing at first. */
    public AddressBus deviceMemory() {
        return deviceMemory;
    }

    public EngineVm vm() {
        return vm;
    }

    /** The one that runs. */
    public EngineVcpu vcpu() {
        return vcpu;
    }

    /** The one that waits for its start-up message. */
    public EngineVcpu second() {
        return second;
    }

    @Override
    public void close() {
        vcpu.close();
        second.close();
        chips.close();
        vm.close();
        engine.close();
        memory.close();
    }
}
