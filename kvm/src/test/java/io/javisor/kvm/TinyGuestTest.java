package io.javisor.kvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.javisor.core.host.Errno;
import io.javisor.kvm.abi.KvmConstants;
import io.javisor.kvm.abi.KvmExit;
import io.javisor.kvm.abi.KvmRunLayout;
import io.javisor.testkit.junit.KvmTest;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

/** Guests of a few instructions: each exit's fields as KVM fills them. */
@KvmTest
class TinyGuestTest {
    @Test
    void outThenHlt() {
        // mov al, 0x5a; out 0x80, al; hlt
        try (TinyVm tiny = new TinyVm(false).code("b0 5a e6 80 f4")) {
            MemorySegment run = tiny.vcpu.runPage();
            assertEquals(0, tiny.vcpu.run());
            assertEquals(KvmExit.KVM_EXIT_IO, KvmRunLayout.exitReason(run));
            assertEquals(KvmConstants.KVM_EXIT_IO_OUT, KvmRunLayout.ioDirection(run));
            assertEquals(0x80, KvmRunLayout.ioPort(run));
            assertEquals(1, KvmRunLayout.ioSize(run));
            assertEquals(1, KvmRunLayout.ioCount(run));
            assertEquals(0x5A, run.get(ValueLayout.JAVA_BYTE, KvmRunLayout.ioDataOffset(run)));
            assertEquals(0, tiny.vcpu.run());
            assertEquals(KvmExit.KVM_EXIT_HLT, KvmRunLayout.exitReason(run));
            assertEquals(TinyVm.CODE_GPA + 5, tiny.rip());
        }
    }

    @Test
    void inTakesWhatIsPutIntoTheRunPage() {
        // mov dx, 0x1234; in ax, dx; mov [0x2000], ax; hlt
        try (TinyVm tiny = new TinyVm(false).code("ba 34 12 ed a3 00 20 f4")) {
            MemorySegment run = tiny.vcpu.runPage();
            assertEquals(0, tiny.vcpu.run());
            assertEquals(KvmConstants.KVM_EXIT_IO_IN, KvmRunLayout.ioDirection(run));
            assertEquals(0x1234, KvmRunLayout.ioPort(run));
            assertEquals(2, KvmRunLayout.ioSize(run));
            run.set(ValueLayout.JAVA_SHORT_UNALIGNED, KvmRunLayout.ioDataOffset(run), (short) 0xBEEF);
            assertEquals(0, tiny.vcpu.run());
            assertEquals(KvmExit.KVM_EXIT_HLT, KvmRunLayout.exitReason(run));
            assertEquals((short) 0xBEEF, tiny.memory.get(ValueLayout.JAVA_SHORT_UNALIGNED, 0x2000));
        }
    }

    @Test
    void aStoreOutsideMemoryIsAnMmioExit() {
        // mov ax, 0xf000; mov ds, ax; mov byte [0x10], 0x77; hlt   (0xf0010)
        try (TinyVm tiny = new TinyVm(false).code("b8 00 f0 8e d8 c6 06 10 00 77 f4")) {
            MemorySegment run = tiny.vcpu.runPage();
            assertEquals(0, tiny.vcpu.run());
            assertEquals(KvmExit.KVM_EXIT_MMIO, KvmRunLayout.exitReason(run));
            assertEquals(0xF0010, KvmRunLayout.mmioPhysAddr(run));
            assertEquals(1, KvmRunLayout.mmioLen(run));
            assertEquals(1, KvmRunLayout.mmioIsWrite(run));
            assertEquals(0x77, run.get(ValueLayout.JAVA_BYTE, KvmRunLayout.MMIO_DATA_OFFSET));
        }
    }

    @Test
    void immediateExitReturnsAtOnceUntilCleared() {
        // hlt
        try (TinyVm tiny = new TinyVm(false).code("f4")) {
            tiny.vcpu.setImmediateExit(true);
            assertEquals(-Errno.EINTR, tiny.vcpu.run());
            assertEquals(-Errno.EINTR, tiny.vcpu.run());
            tiny.vcpu.setImmediateExit(false);
            assertEquals(0, tiny.vcpu.run());
            assertEquals(KvmExit.KVM_EXIT_HLT, KvmRunLayout.exitReason(tiny.vcpu.runPage()));
        }
    }

    @Test
    void theRunPageIsOutOfReachAfterClose() {
        TinyVm tiny = new TinyVm(false);
        MemorySegment run = tiny.vcpu.runPage();
        KvmVcpu vcpu = tiny.vcpu;
        tiny.close();
        assertThrows(IllegalStateException.class, () -> KvmRunLayout.exitReason(run));
        assertThrows(IllegalStateException.class, () -> vcpu.setImmediateExit(true));
        assertThrows(IllegalStateException.class, vcpu::run);
        vcpu.close();
    }
}
