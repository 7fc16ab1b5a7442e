package io.javisor.core.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.javisor.core.kvm.abi.KvmFpuLayout;
import io.javisor.core.kvm.abi.KvmLapicStateLayout;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;

class CpuResetStateTest {
    @Test
    void theLintPinsKeepTheirMasks() {
        MemorySegment lapic = MemorySegment.ofArray(new byte[KvmLapicStateLayout.SIZE]);
        KvmLapicStateLayout.setRegister(lapic, 0x350, 0x1_0200);
        KvmLapicStateLayout.setRegister(lapic, 0x360, 0x1_0000);
        CpuResetState.wireLints(lapic);
        assertEquals(0x1_0700, KvmLapicStateLayout.register(lapic, 0x350));
        assertEquals(0x1_0400, KvmLapicStateLayout.register(lapic, 0x360));
        assertEquals(0, KvmLapicStateLayout.register(lapic, 0x370));
    }

    @Test
    void theFpuIsAsAfterFninit() {
        MemorySegment fpu = MemorySegment.ofArray(new byte[KvmFpuLayout.SIZE]);
        fpu.fill((byte) 0xFF);
        CpuResetState.initFpu(fpu);
        assertEquals(0x37F, KvmFpuLayout.fcw(fpu));
        assertEquals(0x1F80, KvmFpuLayout.mxcsr(fpu));
        assertEquals(0, KvmFpuLayout.fsw(fpu));
        assertEquals(0, KvmFpuLayout.ftwx(fpu));
    }

    @Test
    void onlyMsrsThatKvmHasAreSet() {
        List<MsrEntry> entries = BootMsrs.entries(new int[] {0x174, 0x10, 0x1A0, 0xC000_0081, 0x4711});
        assertEquals(
                List.of(
                        new MsrEntry(0x174, 0),
                        new MsrEntry(0xC000_0081, 0),
                        new MsrEntry(0x10, 0),
                        new MsrEntry(0x1A0, 1),
                        new MsrEntry(0x2FF, 0x806)),
                entries);
        assertFalse(entries.contains(new MsrEntry(0x175, 0)));
    }
}
