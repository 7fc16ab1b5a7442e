package io.javisor.kvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.fail;

import io.javisor.core.cpu.Bytes;
import io.javisor.core.engine.VcpuFailure;
import io.javisor.core.host.Errno;
import io.javisor.core.vcpu.VcpuExit;
import io.javisor.kvm.abi.KvmConstants;
import io.javisor.kvm.abi.KvmExit;
import io.javisor.kvm.abi.KvmRunLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class KvmFailureTest {
    private static final Bytes NOP = Bytes.of(new byte[] {(byte) 0x90});

    private final MemorySegment run = Arena.ofAuto().allocate(KvmRunLayout.SIZE, Long.BYTES);

    @Test
    void aFailedRunIsToldWithItsErrno() {
        VcpuFailure failure = KvmFailure.of(run, VcpuExit.RUN_FAILED, Errno.EIO, () -> NOP);
        assertEquals("KVM_RUN failed with " + Errno.describe(Errno.EIO), failure.reason());
        assertEquals(NOP, failure.instruction());
        assertNull(failure.hint());
    }

    /** A VM that the kernel has given up answers every call with EIO. */
    @Test
    void theReasonIsToldWhereTheInstructionCannotBeRead() {
        VcpuFailure failure = KvmFailure.of(run, VcpuExit.RUN_FAILED, Errno.EIO, () -> {
            throw new KvmException("KVM_GET_SREGS", Errno.EIO);
        });
        assertEquals("KVM_RUN failed with " + Errno.describe(Errno.EIO), failure.reason());
        assertEquals(Bytes.NONE, failure.instruction());
    }

    @Test
    void whatKvmTellsIsTakenBeforeWhatMemoryHolds() {
        run.set(ValueLayout.JAVA_INT, KvmRunLayout.EXIT_REASON_OFFSET, KvmExit.KVM_EXIT_INTERNAL_ERROR);
        run.set(ValueLayout.JAVA_INT, KvmRunLayout.INTERNAL_SUBERROR_OFFSET, KvmConstants.KVM_INTERNAL_ERROR_EMULATION);
        run.set(ValueLayout.JAVA_INT, KvmRunLayout.INTERNAL_NDATA_OFFSET, 4);
        run.set(
                ValueLayout.JAVA_LONG,
                KvmRunLayout.EMULATION_FAILURE_FLAGS_OFFSET,
                KvmConstants.KVM_INTERNAL_ERROR_EMULATION_FLAG_INSTRUCTION_BYTES);
        run.set(ValueLayout.JAVA_BYTE, KvmRunLayout.EMULATION_FAILURE_INSN_SIZE_OFFSET, (byte) 2);
        run.set(ValueLayout.JAVA_BYTE, KvmRunLayout.EMULATION_FAILURE_INSN_BYTES_OFFSET, (byte) 0x0F);
        run.set(ValueLayout.JAVA_BYTE, KvmRunLayout.EMULATION_FAILURE_INSN_BYTES_OFFSET + 1, (byte) 0x0B);
        VcpuFailure failure = KvmFailure.of(run, VcpuExit.INTERNAL_ERROR, 0, () -> fail("asked for"));
        assertEquals("0f 0b", failure.instruction().toString());
        assertEquals("KVM_EXIT_INTERNAL_ERROR, suberror 1 (an instruction that KVM cannot emulate)", failure.reason());
        assertNotNull(failure.hint());
    }
}
