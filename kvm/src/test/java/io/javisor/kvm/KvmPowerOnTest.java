package io.javisor.kvm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.javisor.kvm.abi.KvmFpuLayout;
import io.javisor.kvm.abi.KvmLapicStateLayout;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class KvmPowerOnTest {
    @Test
    void theLintPinsKeepTheirMasks() {
        MemorySegment lapic = MemorySegment.ofArray(new byte[KvmLapicStateLayout.SIZE]);
        KvmLapicStateLayout.setRegister(lapic, 0x350, 0x1_0200);
        KvmLapicStateLayout.setRegister(lapic, 0x360, 0x1_0000);
        KvmPowerOn.wireLints(lapic);
        assertEquals(0x1_0700, KvmLapicStateLayout.register(lapic, 0x350));
        assertEquals(0x1_0400, KvmLapicStateLayout.register(lapic, 0x360));
        assertEquals(0, KvmLapicStateLayout.register(lapic, 0x370));
    }

    @Test
    void theFpuIsAsAfterFninit() {
        MemorySegment fpu = MemorySegment.ofArray(new byte[KvmFpuLayout.SIZE]);
        fpu.fill((byte) 0xFF);
        KvmPowerOn.initFpu(fpu);
        assertEquals(0x37F, KvmFpuLayout.fcw(fpu));
        assertEquals(0x1F80, KvmFpuLayout.mxcsr(fpu));
        assertEquals(0, KvmFpuLayout.fsw(fpu));
        assertEquals(0, KvmFpuLayout.ftwx(fpu));
    }
}
