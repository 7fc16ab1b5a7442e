package io.javisor.kvm;

import io.javisor.core.cpu.CpuRegisters;
import io.javisor.core.cpu.CpuState;
import io.javisor.core.cpu.CpuidEntry;
import io.javisor.core.cpu.RunState;
import io.javisor.core.engine.DebugRequest;
import io.javisor.core.engine.EngineVcpu;
import io.javisor.core.engine.InstructionAt;
import io.javisor.core.engine.VcpuFailure;
import io.javisor.core.engine.VmSpec;
import io.javisor.core.host.Errno;
import io.javisor.core.host.HostException;
import io.javisor.core.host.Libc;
import io.javisor.core.host.WakeupSignal;
import io.javisor.core.memory.GuestMemory;
import io.javisor.core.vcpu.VcpuExit;
import io.javisor.kvm.abi.KvmTranslationLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * A virtual CPU of KVM's as an engine's.
 *
 * <p>It is kicked by {@code immediate_exit}, for the next run, and by a signal, for one that is under way. KVM looks at
 * {@code immediate_exit} when it has completed the access of the last exit (KVM api.rst §5).
 */
public final class KvmEngineVcpu implements EngineVcpu {
    private static final long MESSAGE_GPA = 0xFEE0_0000L;
    private static final int MESSAGE_DESTINATION_SHIFT = 12;
    private static final int MESSAGE_NMI = 0x400;

    private final Kvm kvm;
    private final KvmVm vm;
    private final KvmVcpu vcpu;
    private final boolean apic;
    private final GuestMemory memory;
    private final ExitHandler exits;
    private final KvmDebug debug;
    private int tid; // written before kick() may be called
    private int errno; // of the last KVM_RUN that failed
    private @Nullable KvmStats stats; // null without power, or if the kernel has none

    /** Takes {@code vcpu}, which this closes from now on. */
    public KvmEngineVcpu(Kvm kvm, KvmVm vm, KvmVcpu vcpu, VmSpec spec) {
        this.kvm = kvm;
        this.vm = vm;
        this.vcpu = vcpu;
        this.apic = spec.interrupts() == VmSpec.Interrupts.PC;
        this.memory = spec.memory();
        this.exits = new ExitHandler(vcpu.runPage(), spec.ports(), spec.deviceMemory());
        this.debug = new KvmDebug(kvm, vcpu);
        WakeupSignal.ensureInstalled();
    }

    KvmVcpu kvmVcpu() {
        return vcpu;
    }

    @Override
    public int index() {
        return vcpu.id();
    }

    @Override
    public void enterThread() {
        WakeupSignal.acceptInThisThread();
        tid = Libc.gettid();
    }

    @Override
    public VcpuExit run() {
        if (debug.stopsBeforeRun()) {
            return VcpuExit.DEBUG;
        }
        int result = vcpu.run();
        if (result != 0) {
            errno = -result;
            return exitOf(errno);
        }
        VcpuExit exit = exits.handle();
        return exit == VcpuExit.DEBUG ? debug.stopped() : exit;
    }

    /** What it means that KVM_RUN failed with {@code errno}. */
    static VcpuExit exitOf(int errno) {
        return switch (errno) {
            case Errno.EINTR -> VcpuExit.KICKED;
            case Errno.EAGAIN -> VcpuExit.CONTINUE; // an application processor got its start-up message
            default -> VcpuExit.RUN_FAILED;
        };
    }

    @Override
    public void kick() {
        vcpu.setImmediateExit(true);
        WakeupSignal.send(tid);
    }

    @Override
    public void clearKick() {
        vcpu.setImmediateExit(false);
    }

    @Override
    public void powerOn(List<CpuidEntry> cpuid) {
        KvmPowerOn.apply(kvm, vcpu.state(), cpuid, apic);
        if (stats == null) {
            stats = openStats();
        }
    }

    private @Nullable KvmStats openStats() {
        try {
            return vcpu.stats();
        } catch (HostException e) {
            if (KvmStats.isUnknown(e.errno())) {
                return null;
            }
            throw e;
        }
    }

    @Override
    public CpuRegisters registers() {
        return KvmRegisters.get(vcpu.state());
    }

    @Override
    public void setRegisters(CpuRegisters registers) {
        KvmRegisters.set(vcpu.state(), registers);
    }

    @Override
    public OptionalLong translate(long linear) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment translation = arena.allocate(KvmTranslationLayout.SIZE, Long.BYTES);
            KvmTranslationLayout.setLinearAddress(translation, linear);
            vcpu.translate(translation);
            return KvmTranslationLayout.valid(translation) == 0
                    ? OptionalLong.empty()
                    : OptionalLong.of(KvmTranslationLayout.physicalAddress(translation));
        }
    }

    @Override
    public VcpuFailure failure(VcpuExit exit) {
        return KvmFailure.of(vcpu.runPage(), exit, errno, () -> InstructionAt.of(this, memory));
    }

    @Override
    public RunState runState() {
        return KvmCpuSnapshot.runState(vcpu.state().mpState());
    }

    @Override
    public void debug(DebugRequest request) {
        debug.set(request);
    }

    @Override
    public int maxBreakpoints() {
        return KvmDebug.MAX_BREAKPOINTS;
    }

    @Override
    public void nmi() {
        if (!apic) {
            vcpu.nmi();
            return;
        }
        // KVM_NMI would wait for a vCPU that runs; a message does not. Intel SDM vol. 3 §11.11.2, delivery mode NMI
        try (KvmMessages messages = new KvmMessages(vm.irqs())) {
            boolean _ = messages.send(MESSAGE_GPA | (long) vcpu.id() << MESSAGE_DESTINATION_SHIFT, MESSAGE_NMI);
        }
    }

    @Override
    public void pausedMeanwhile() {
        boolean _ = vcpu.kvmclockCtrl();
    }

    @Override
    public Map<String, Long> counters() {
        Map<String, Long> counters = new LinkedHashMap<>();
        exits.count(counters);
        KvmStats ofKvm = stats;
        if (ofKvm != null) {
            counters.putAll(ofKvm.counters());
        }
        return counters;
    }

    @Override
    public CpuState save() {
        return new KvmCpuSnapshot(kvm, vm, vcpu.state(), apic).save();
    }

    /** Puts a state back into a vCPU that has been powered on with the same CPUID: {@link KvmVmSnapshot} says when. */
    void restore(CpuState state) {
        new KvmCpuSnapshot(kvm, vm, vcpu.state(), apic).restore(state);
    }

    @Override
    public void close() {
        KvmStats ofKvm = stats;
        if (ofKvm != null) {
            ofKvm.close();
        }
        vcpu.close();
    }
}
