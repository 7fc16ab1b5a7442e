package io.javisor.kvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.javisor.core.cpu.CpuidEntry;
import io.javisor.core.cpu.MsrEntry;
import io.javisor.core.host.Errno;
import io.javisor.kvm.abi.KvmCap;
import io.javisor.kvm.abi.KvmConstants;
import io.javisor.kvm.abi.KvmDebugregsLayout;
import io.javisor.kvm.abi.KvmExit;
import io.javisor.kvm.abi.KvmFpuLayout;
import io.javisor.kvm.abi.KvmGuestDebugLayout;
import io.javisor.kvm.abi.KvmLapicStateLayout;
import io.javisor.kvm.abi.KvmRegsLayout;
import io.javisor.kvm.abi.KvmRunLayout;
import io.javisor.kvm.abi.KvmSegmentLayout;
import io.javisor.kvm.abi.KvmSregs2Layout;
import io.javisor.kvm.abi.KvmSregsLayout;
import io.javisor.kvm.abi.KvmTranslationLayout;
import io.javisor.kvm.abi.KvmVcpuEventsLayout;
import io.javisor.kvm.abi.KvmXcrLayout;
import io.javisor.kvm.abi.KvmXcrsLayout;
import io.javisor.kvm.abi.KvmXsaveLayout;
import io.javisor.testkit.junit.KvmTest;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is set in a vCPU is what is read from it. */
@KvmTest
class KvmStateTest {
    private static final int MSR_IA32_SYSENTER_CS = 0x174;
    private static final int MSR_IA32_SYSENTER_ESP = 0x175;

    private TinyVm tiny;
    private KvmVcpuState state;

    @BeforeEach
    void create() {
        tiny = new TinyVm(true);
        state = tiny.vcpu.state();
    }

    @AfterEach
    void close() {
        tiny.close();
    }

    @Test
    void regs() {
        MemorySegment regs = tiny.buffer(KvmRegsLayout.SIZE);
        for (int offset = 0; offset < KvmRegsLayout.RIP_OFFSET; offset += 8) {
            regs.set(ValueLayout.JAVA_LONG, offset, 0x1111_0000_0000L + offset);
        }
        KvmRegsLayout.setRip(regs, 0x1234);
        KvmRegsLayout.setRflags(regs, 0x202);
        state.setRegs(regs);
        MemorySegment read = tiny.buffer(KvmRegsLayout.SIZE);
        state.getRegs(read);
        assertEquals(-1, regs.mismatch(read));
        assertEquals(0x1111_0000_0000L + KvmRegsLayout.R15_OFFSET, KvmRegsLayout.r15(read));
    }

    @Test
    void sregs() {
        MemorySegment sregs = tiny.buffer(KvmSregsLayout.SIZE);
        state.getSregs(sregs);
        assertEquals(0xF000, KvmSegmentLayout.selector(sregs, KvmSregsLayout.CS_OFFSET));
        KvmSegmentLayout.setBase(sregs, KvmSregsLayout.FS_OFFSET, 0x12340);
        KvmSegmentLayout.setSelector(sregs, KvmSregsLayout.FS_OFFSET, 0x1234);
        KvmSregsLayout.setCr2(sregs, 0xDEAD_B000L);
        state.setSregs(sregs);
        MemorySegment read = tiny.buffer(KvmSregsLayout.SIZE);
        state.getSregs(read);
        assertEquals(0x12340, KvmSegmentLayout.base(read, KvmSregsLayout.FS_OFFSET));
        assertEquals(0x1234, KvmSegmentLayout.selector(read, KvmSregsLayout.FS_OFFSET));
        assertEquals(0xDEAD_B000L, KvmSregsLayout.cr2(read));
    }

    @Test
    void sregs2() {
        assumeTrue(tiny.vm.checkExtension(KvmCap.KVM_CAP_SREGS2) > 0);
        MemorySegment sregs = tiny.buffer(KvmSregs2Layout.SIZE);
        state.getSregs2(sregs);
        KvmSregs2Layout.setCr2(sregs, 0xBEEF_0000L);
        state.setSregs2(sregs);
        MemorySegment read = tiny.buffer(KvmSregs2Layout.SIZE);
        state.getSregs2(read);
        assertEquals(0xBEEF_0000L, KvmSregs2Layout.cr2(read));
        assertEquals(0, KvmSregs2Layout.flags(read));
    }

    @Test
    void fpu() {
        MemorySegment fpu = tiny.buffer(KvmFpuLayout.SIZE);
        KvmFpuLayout.setFcw(fpu, 0x37F);
        KvmFpuLayout.setMxcsr(fpu, 0x1F80);
        fpu.set(ValueLayout.JAVA_LONG, KvmFpuLayout.XMM_OFFSET + 16, 0x0123_4567_89AB_CDEFL);
        state.setFpu(fpu);
        MemorySegment read = tiny.buffer(KvmFpuLayout.SIZE);
        state.getFpu(read);
        assertEquals(0x37F, KvmFpuLayout.fcw(read));
        assertEquals(0x0123_4567_89AB_CDEFL, read.get(ValueLayout.JAVA_LONG, KvmFpuLayout.XMM_OFFSET + 16));
    }

    @Test
    void xsave() {
        assertTrue(tiny.vm.xsaveSizeBytes() >= KvmXsaveLayout.SIZE);
        MemorySegment xsave = tiny.buffer(tiny.vm.xsaveSizeBytes());
        state.getXsave2(xsave);
        KvmXsaveLayout.setRegion(xsave, 0, 0x037F); // FCW and FSW, SDM vol. 1 table 13-1
        KvmXsaveLayout.setRegion(xsave, 40, 0x5A5A_5A5A); // XMM0, low
        KvmXsaveLayout.setRegion(xsave, 128, KvmXsaveLayout.region(xsave, 128) | 3); // XSTATE_BV: x87 and SSE
        state.setXsave(xsave);
        MemorySegment read = tiny.buffer(KvmXsaveLayout.SIZE);
        state.getXsave(read);
        assertEquals(0x5A5A_5A5A, KvmXsaveLayout.region(read, 40));
        MemorySegment read2 = tiny.buffer(tiny.vm.xsaveSizeBytes());
        state.getXsave2(read2);
        assertEquals(0x5A5A_5A5A, KvmXsaveLayout.region(read2, 40));
    }

    @Test
    void xcrs() {
        state.setCpuid2(tiny.kvm.supportedCpuid());
        MemorySegment xcrs = tiny.buffer(KvmXcrsLayout.SIZE);
        state.getXcrs(xcrs);
        assertEquals(1, KvmXcrsLayout.nrXcrs(xcrs));
        assertEquals(0, KvmXcrLayout.xcr(xcrs, KvmXcrsLayout.xcrOffset(0)));
        assertEquals(1, KvmXcrLayout.value(xcrs, KvmXcrsLayout.xcrOffset(0)));
        KvmXcrLayout.setValue(xcrs, KvmXcrsLayout.xcrOffset(0), 3);
        state.setXcrs(xcrs);
        MemorySegment read = tiny.buffer(KvmXcrsLayout.SIZE);
        state.getXcrs(read);
        assertEquals(3, KvmXcrLayout.value(read, KvmXcrsLayout.xcrOffset(0)));
    }

    @Test
    void msrs() {
        state.setCpuid2(tiny.kvm.supportedCpuid());
        state.setMsrs(List.of(new MsrEntry(MSR_IA32_SYSENTER_CS, 0x10), new MsrEntry(MSR_IA32_SYSENTER_ESP, 0x8000)));
        assertEquals(0x10, state.msr(MSR_IA32_SYSENTER_CS));
        assertEquals(0x8000, state.msr(MSR_IA32_SYSENTER_ESP));
    }

    @Test
    void anUnknownMsrIsNamed() {
        KvmException e = assertThrows(
                KvmException.class,
                () -> state.setMsrs(List.of(new MsrEntry(MSR_IA32_SYSENTER_CS, 0), new MsrEntry(0xDEAD_0000, 1))));
        assertTrue(e.toString().contains("MSR 0xdead0000 = 0x1"), e.toString());
        assertThrows(KvmException.class, () -> state.msr(0xDEAD_0000));
    }

    @Test
    void lapic() {
        MemorySegment lapic = tiny.buffer(KvmLapicStateLayout.SIZE);
        state.getLapic(lapic);
        KvmLapicStateLayout.setRegister(lapic, 0x360, 0x400); // LVT LINT1: NMI
        state.setLapic(lapic);
        MemorySegment read = tiny.buffer(KvmLapicStateLayout.SIZE);
        state.getLapic(read);
        assertEquals(0x400, KvmLapicStateLayout.register(read, 0x360));
    }

    @Test
    void vcpuEvents() {
        MemorySegment events = tiny.buffer(KvmVcpuEventsLayout.SIZE);
        state.getVcpuEvents(events);
        KvmVcpuEventsLayout.setNmiMasked(events, 1);
        KvmVcpuEventsLayout.setFlags(events, KvmConstants.KVM_VCPUEVENT_VALID_NMI_PENDING);
        state.setVcpuEvents(events);
        MemorySegment read = tiny.buffer(KvmVcpuEventsLayout.SIZE);
        state.getVcpuEvents(read);
        assertEquals(1, KvmVcpuEventsLayout.nmiMasked(read));
    }

    @Test
    void debugregs() {
        MemorySegment debug = tiny.buffer(KvmDebugregsLayout.SIZE);
        state.getDebugregs(debug);
        KvmDebugregsLayout.setDb(debug, 2, 0x1234);
        state.setDebugregs(debug);
        MemorySegment read = tiny.buffer(KvmDebugregsLayout.SIZE);
        state.getDebugregs(read);
        assertEquals(0x1234, KvmDebugregsLayout.db(read, 2));
        assertThrows(IndexOutOfBoundsException.class, () -> KvmDebugregsLayout.db(read, 4));
    }

    @Test
    void mpState() {
        assertEquals(KvmConstants.KVM_MP_STATE_RUNNABLE, state.mpState());
        state.setMpState(KvmConstants.KVM_MP_STATE_HALTED);
        assertEquals(KvmConstants.KVM_MP_STATE_HALTED, state.mpState());
    }

    @Test
    void cpuid2() {
        List<CpuidEntry> entries = new ArrayList<>(tiny.kvm.supportedCpuid());
        assertTrue(entries.stream().anyMatch(e -> e.function() == 0), "leaf 0 is missing");
        entries.add(CpuidEntry.leaf(0x4000_00FF, 1, 2, 3, 4));
        state.setCpuid2(entries);
        List<CpuidEntry> read = state.cpuid2();
        assertEquals(entries.size(), read.size());
        assertEquals(CpuidEntry.leaf(0x4000_00FF, 1, 2, 3, 4), read.getLast());
    }

    @Test
    void tscKhz() {
        int khz = tiny.vcpu.tscKhz();
        assertTrue(khz > 100_000, () -> "TSC of " + khz + " kHz");
        tiny.vcpu.setTscKhz(khz);
        assertEquals(khz, tiny.vcpu.tscKhz());
    }

    @Test
    void translate() {
        MemorySegment translation = tiny.buffer(KvmTranslationLayout.SIZE);
        KvmTranslationLayout.setLinearAddress(translation, 0x1234);
        tiny.vcpu.translate(translation);
        assertEquals(1, KvmTranslationLayout.valid(translation));
        assertEquals(0x1234, KvmTranslationLayout.physicalAddress(translation));
    }

    @Test
    void aNonMaskableInterruptIsDelivered() {
        tiny.code("f4 eb fd"); // 1: hlt; jmp 1b
        tiny.poke(2 * 4, "00 11 00 00");
        tiny.poke(0x1100, "e6 82 cf"); // out 0x82, al; iret
        tiny.vcpu.nmi();
        assertEquals(0x82, tiny.runToOut());
    }

    @Test
    void aSingleStepEndsInADebugExit() {
        tiny.code("90 90 f4"); // nop; nop; hlt
        MemorySegment debug = tiny.buffer(KvmGuestDebugLayout.SIZE);
        KvmGuestDebugLayout.setControl(debug, KvmConstants.KVM_GUESTDBG_ENABLE | KvmConstants.KVM_GUESTDBG_SINGLESTEP);
        tiny.vcpu.setGuestDebug(debug);
        assertEquals(0, tiny.run());
        assertEquals("KVM_EXIT_DEBUG", KvmExit.name(KvmRunLayout.exitReason(tiny.vcpu.runPage())));
        assertEquals(TinyVm.CODE_GPA + 1, KvmRunLayout.debugArchPc(tiny.vcpu.runPage()));
        assertEquals(TinyVm.CODE_GPA + 1, tiny.rip());
    }

    @Test
    void kvmclockCtrlTellsWhetherTheGuestHasAClock() {
        assertFalse(tiny.vcpu.kvmclockCtrl());
    }

    @Test
    void statisticsCountExits() {
        tiny.code("e6 80 f4"); // out 0x80, al; hlt
        try (KvmStats stats = tiny.vcpu.stats()) {
            long before = value(stats.read(), "exits");
            assertEquals(0x80, tiny.runToOut());
            assertTrue(value(stats.read(), "exits") > before);
        }
        try (KvmStats stats = tiny.vm.stats()) {
            assertTrue(stats.read().size() > 5);
        }
    }

    private static long value(Map<String, long[]> values, String name) {
        long[] value = values.get(name);
        assertTrue(value != null && value.length == 1, () -> name + " is not in " + values.keySet());
        return value[0];
    }

    @Test
    void anExternalInterruptCanBeQueuedWithoutControllers() {
        try (TinyVm bare = new TinyVm(false)) {
            bare.code("fb 90 90 f4"); // sti; nop; nop; hlt
            bare.poke(0x55 * 4, "00 11 00 00");
            bare.poke(0x1100, "e6 83 cf"); // out 0x83, al; iret
            // After sti an interrupt waits for one instruction; KVM takes it when the guest can.
            MemorySegment regs = bare.buffer(KvmRegsLayout.SIZE);
            bare.vcpu.state().getRegs(regs);
            KvmRegsLayout.setRflags(regs, 0x202);
            bare.vcpu.state().setRegs(regs);
            bare.vcpu.interrupt(0x55);
            assertEquals(0x83, bare.runToOut());
        }
        KvmException e = assertThrows(KvmException.class, () -> tiny.vcpu.interrupt(0x55));
        assertEquals(Errno.ENXIO, e.errno());
    }

    @Test
    void aVcpuCapabilityIsRefusedByName() {
        KvmException e = assertThrows(KvmException.class, () -> tiny.vcpu.enableCap(4711, 0));
        assertTrue(e.toString().contains("KVM_ENABLE_CAP(cap=4711, argument=0) on tiny VM vCPU 0"), e.toString());
    }

    @Test
    void heapAndShortBuffersAreRefusedBeforeTheKernelSeesThem() {
        assertThrows(
                IllegalArgumentException.class,
                () -> state.getRegs(MemorySegment.ofArray(new byte[KvmRegsLayout.SIZE])));
        assertThrows(IllegalArgumentException.class, () -> state.getRegs(tiny.buffer(KvmRegsLayout.SIZE - 8)));
    }

    /** The kernel takes fewer than 256 in a call (MAX_IO_MSRS in Linux arch/x86/kvm/x86.c). */
    @Test
    void moreMsrsThanACallTakesAreReadAndSet() {
        List<MsrEntry> entries = Collections.nCopies(600, new MsrEntry(MSR_IA32_SYSENTER_CS, 0x10));
        KvmMsrs.write(tiny.vcpu.state(), entries);
        assertEquals(
                entries, KvmMsrs.read(tiny.vcpu.state(), Collections.nCopies(entries.size(), MSR_IA32_SYSENTER_CS)));
    }
}
