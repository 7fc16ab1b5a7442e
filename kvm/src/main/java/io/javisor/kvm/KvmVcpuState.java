package io.javisor.kvm;

import io.javisor.core.cpu.CpuidEntry;
import io.javisor.core.cpu.MsrEntry;
import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import io.javisor.kvm.abi.KvmDebugregsLayout;
import io.javisor.kvm.abi.KvmFpuLayout;
import io.javisor.kvm.abi.KvmIoctl;
import io.javisor.kvm.abi.KvmLapicStateLayout;
import io.javisor.kvm.abi.KvmMpStateLayout;
import io.javisor.kvm.abi.KvmMsrEntryLayout;
import io.javisor.kvm.abi.KvmMsrsLayout;
import io.javisor.kvm.abi.KvmRegsLayout;
import io.javisor.kvm.abi.KvmSregs2Layout;
import io.javisor.kvm.abi.KvmSregsLayout;
import io.javisor.kvm.abi.KvmVcpuEventsLayout;
import io.javisor.kvm.abi.KvmXcrsLayout;
import io.javisor.kvm.abi.KvmXsaveLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * The state of a vCPU: each kind is fetched into, or set from, a native segment in KVM's layout, so that a snapshot is a copy of
 * bytes; or by records, where there are few values.
 *
 * <p>Called by the vCPU's thread. After a port or memory exit, the guest's instruction is finished only by the next
 * {@link KvmVcpu#run}: enter it once more with immediate exit before the state is read for a snapshot (KVM api.rst §5).
 */
public final class KvmVcpuState {
    private final Fd fd;

    KvmVcpuState(Fd fd) {
        this.fd = fd;
    }

    /** Reads the general registers into {@code regs}, a {@code kvm_regs}. */
    public void getRegs(MemorySegment regs) {
        // KVM api.rst §4.11
        int _ = Ioctl.call(fd, "KVM_GET_REGS", KvmIoctl.KVM_GET_REGS, regs, KvmRegsLayout.SIZE);
    }

    /** Sets the general registers from {@code regs}, a {@code kvm_regs}. */
    public void setRegs(MemorySegment regs) {
        // KVM api.rst §4.12
        int _ = Ioctl.call(fd, "KVM_SET_REGS", KvmIoctl.KVM_SET_REGS, regs, KvmRegsLayout.SIZE);
    }

    /** Reads the segments and control registers into {@code sregs}, a {@code kvm_sregs}. */
    public void getSregs(MemorySegment sregs) {
        // KVM api.rst §4.13
        int _ = Ioctl.call(fd, "KVM_GET_SREGS", KvmIoctl.KVM_GET_SREGS, sregs, KvmSregsLayout.SIZE);
    }

    /** Sets the segments and control registers from {@code sregs}, a {@code kvm_sregs}. */
    public void setSregs(MemorySegment sregs) {
        // KVM api.rst §4.14
        int _ = Ioctl.call(fd, "KVM_SET_SREGS", KvmIoctl.KVM_SET_SREGS, sregs, KvmSregsLayout.SIZE);
    }

    /** Reads the segments and control registers, with the PAE page directory pointers into {@code sregs2}, a {@code kvm_sregs2}. */
    public void getSregs2(MemorySegment sregs2) {
        // KVM api.rst §4.131
        int _ = Ioctl.call(fd, "KVM_GET_SREGS2", KvmIoctl.KVM_GET_SREGS2, sregs2, KvmSregs2Layout.SIZE);
    }

    /** Sets the segments and control registers, with the PAE page directory pointers from {@code sregs2}, a {@code kvm_sregs2}. */
    public void setSregs2(MemorySegment sregs2) {
        // KVM api.rst §4.132
        int _ = Ioctl.call(fd, "KVM_SET_SREGS2", KvmIoctl.KVM_SET_SREGS2, sregs2, KvmSregs2Layout.SIZE);
    }

    /** Reads the x87 and SSE registers into {@code fpu}, a {@code kvm_fpu}. */
    public void getFpu(MemorySegment fpu) {
        // KVM api.rst §4.22
        int _ = Ioctl.call(fd, "KVM_GET_FPU", KvmIoctl.KVM_GET_FPU, fpu, KvmFpuLayout.SIZE);
    }

    /** Sets the x87 and SSE registers from {@code fpu}, a {@code kvm_fpu}. */
    public void setFpu(MemorySegment fpu) {
        // KVM api.rst §4.23
        int _ = Ioctl.call(fd, "KVM_SET_FPU", KvmIoctl.KVM_SET_FPU, fpu, KvmFpuLayout.SIZE);
    }

    /** Reads the extended processor state of hosts whose area is no larger than 4 KiB into {@code xsave}, a {@code kvm_xsave}. */
    public void getXsave(MemorySegment xsave) {
        // KVM api.rst §4.42
        int _ = Ioctl.call(fd, "KVM_GET_XSAVE", KvmIoctl.KVM_GET_XSAVE, xsave, KvmXsaveLayout.SIZE);
    }

    /**
     * Sets the extended processor state from {@code xsave}. KVM reads as many bytes as {@link KvmVm#xsaveSizeBytes} says, which may be
     * more than a {@code kvm_xsave} has.
     */
    public void setXsave(MemorySegment xsave) {
        // KVM api.rst §4.43
        int _ = Ioctl.call(fd, "KVM_SET_XSAVE", KvmIoctl.KVM_SET_XSAVE, xsave, KvmXsaveLayout.SIZE);
    }

    /**
     * Reads the extended processor state into {@code xsave}, whose size is what {@link KvmVm#xsaveSizeBytes} says; {@link #setXsave}
     * takes it back.
     */
    public void getXsave2(MemorySegment xsave) {
        // KVM api.rst §4.134
        int _ = Ioctl.call(fd, "KVM_GET_XSAVE2", KvmIoctl.KVM_GET_XSAVE2, xsave, KvmXsaveLayout.SIZE);
    }

    /** Reads the extended control registers into {@code xcrs}, a {@code kvm_xcrs}. */
    public void getXcrs(MemorySegment xcrs) {
        // KVM api.rst §4.44
        int _ = Ioctl.call(fd, "KVM_GET_XCRS", KvmIoctl.KVM_GET_XCRS, xcrs, KvmXcrsLayout.SIZE);
    }

    /** Sets the extended control registers from {@code xcrs}, a {@code kvm_xcrs}. */
    public void setXcrs(MemorySegment xcrs) {
        // KVM api.rst §4.45
        int _ = Ioctl.call(fd, "KVM_SET_XCRS", KvmIoctl.KVM_SET_XCRS, xcrs, KvmXcrsLayout.SIZE);
    }

    /** Reads the local APIC into {@code lapic}, a {@code kvm_lapic_state}. */
    public void getLapic(MemorySegment lapic) {
        // KVM api.rst §4.57
        int _ = Ioctl.call(fd, "KVM_GET_LAPIC", KvmIoctl.KVM_GET_LAPIC, lapic, KvmLapicStateLayout.SIZE);
    }

    /** Sets the local APIC from {@code lapic}, a {@code kvm_lapic_state}. */
    public void setLapic(MemorySegment lapic) {
        // KVM api.rst §4.58
        int _ = Ioctl.call(fd, "KVM_SET_LAPIC", KvmIoctl.KVM_SET_LAPIC, lapic, KvmLapicStateLayout.SIZE);
    }

    /** Reads the pending exceptions, interrupts, NMIs and SMIs into {@code events}, a {@code kvm_vcpu_events}. */
    public void getVcpuEvents(MemorySegment events) {
        // KVM api.rst §4.31
        int _ = Ioctl.call(fd, "KVM_GET_VCPU_EVENTS", KvmIoctl.KVM_GET_VCPU_EVENTS, events, KvmVcpuEventsLayout.SIZE);
    }

    /** Sets the pending exceptions, interrupts, NMIs and SMIs from {@code events}, a {@code kvm_vcpu_events}. */
    public void setVcpuEvents(MemorySegment events) {
        // KVM api.rst §4.32
        int _ = Ioctl.call(fd, "KVM_SET_VCPU_EVENTS", KvmIoctl.KVM_SET_VCPU_EVENTS, events, KvmVcpuEventsLayout.SIZE);
    }

    /** Reads the debug registers into {@code debugregs}, a {@code kvm_debugregs}. */
    public void getDebugregs(MemorySegment debugregs) {
        // KVM api.rst §4.33
        int _ = Ioctl.call(fd, "KVM_GET_DEBUGREGS", KvmIoctl.KVM_GET_DEBUGREGS, debugregs, KvmDebugregsLayout.SIZE);
    }

    /** Sets the debug registers from {@code debugregs}, a {@code kvm_debugregs}. */
    public void setDebugregs(MemorySegment debugregs) {
        // KVM api.rst §4.34
        int _ = Ioctl.call(fd, "KVM_SET_DEBUGREGS", KvmIoctl.KVM_SET_DEBUGREGS, debugregs, KvmDebugregsLayout.SIZE);
    }

    /** Whether it runs, halts or waits to be started: a {@code KVM_MP_STATE_} number. */
    public int mpState() {
        // KVM api.rst §4.38
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(KvmMpStateLayout.SIZE, Integer.BYTES);
            int _ = Ioctl.call(fd, "KVM_GET_MP_STATE", KvmIoctl.KVM_GET_MP_STATE, state, KvmMpStateLayout.SIZE);
            return KvmMpStateLayout.mpState(state);
        }
    }

    public void setMpState(int mpState) {
        // KVM api.rst §4.39
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(KvmMpStateLayout.SIZE, Integer.BYTES);
            KvmMpStateLayout.setMpState(state, mpState);
            int _ = Ioctl.call(fd, "KVM_SET_MP_STATE", KvmIoctl.KVM_SET_MP_STATE, state, KvmMpStateLayout.SIZE);
        }
    }

    /** The CPUID leaves that the guest sees. */
    public List<CpuidEntry> cpuid2() {
        // KVM api.rst §4.20
        return KvmCpuid.read(fd, "KVM_GET_CPUID2", KvmIoctl.KVM_GET_CPUID2);
    }

    /** Sets the CPUID leaves that the guest sees. Before the first {@link KvmVcpu#run}. */
    public void setCpuid2(List<CpuidEntry> entries) {
        // KVM api.rst §4.20
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment cpuid = KvmCpuid.encode(entries, arena);
            int _ = Ioctl.call(fd, "KVM_SET_CPUID2", KvmIoctl.KVM_SET_CPUID2, cpuid, cpuid.byteSize());
        }
    }

    /**
     * Reads the values of the MSRs that {@code msrs}, a {@code kvm_msrs}, lists.
     *
     * @return how many were read: KVM stops at the first that it does not know
     */
    public int getMsrs(MemorySegment msrs) {
        // KVM api.rst §4.18
        return Ioctl.call(fd, "KVM_GET_MSRS", KvmIoctl.KVM_GET_MSRS, msrs, sizeOf(msrs));
    }

    /**
     * Sets the MSRs that {@code msrs}, a {@code kvm_msrs}, lists.
     *
     * @return how many were set: KVM stops at the first that it refuses
     */
    public int setMsrs(MemorySegment msrs) {
        // KVM api.rst §4.19
        return Ioctl.call(fd, "KVM_SET_MSRS", KvmIoctl.KVM_SET_MSRS, msrs, sizeOf(msrs));
    }

    /**
     * Sets some MSRs.
     *
     * @throws KvmException naming the first MSR that KVM refuses; those before it are set
     */
    public void setMsrs(List<MsrEntry> entries) {
        int done = trySetMsrs(entries);
        if (done < entries.size()) {
            throw refused(entries.get(done));
        }
    }

    KvmException refused(MsrEntry entry) {
        return Ioctl.failed(fd, "KVM_SET_MSRS(" + entry + ")", -Errno.EINVAL);
    }

    /** Sets MSRs up to the first that KVM refuses. Returns how many. */
    int trySetMsrs(List<MsrEntry> entries) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment msrs = arena.allocate(KvmMsrsLayout.sizeBytes(entries.size()), Long.BYTES);
            KvmMsrsLayout.setNmsrs(msrs, entries.size());
            for (int i = 0; i < entries.size(); i++) {
                KvmMsrEntryLayout.setIndex(
                        msrs, KvmMsrsLayout.entryOffset(i), entries.get(i).index());
                KvmMsrEntryLayout.setData(
                        msrs, KvmMsrsLayout.entryOffset(i), entries.get(i).data());
            }
            return setMsrs(msrs);
        }
    }

    /**
     * The value of one MSR.
     *
     * @throws KvmException if KVM does not know it
     */
    public long msr(int index) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment msrs = arena.allocate(KvmMsrsLayout.sizeBytes(1), Long.BYTES);
            KvmMsrsLayout.setNmsrs(msrs, 1);
            KvmMsrEntryLayout.setIndex(msrs, KvmMsrsLayout.entryOffset(0), index);
            if (getMsrs(msrs) != 1) {
                throw Ioctl.failed(fd, "KVM_GET_MSRS(0x" + Integer.toHexString(index) + ")", -Errno.EINVAL);
            }
            return KvmMsrEntryLayout.data(msrs, KvmMsrsLayout.entryOffset(0));
        }
    }

    private static long sizeOf(MemorySegment msrs) {
        return KvmMsrsLayout.sizeBytes(KvmMsrsLayout.nmsrs(msrs));
    }
}
