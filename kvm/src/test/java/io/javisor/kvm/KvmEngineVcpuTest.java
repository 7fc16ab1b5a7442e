package io.javisor.kvm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.javisor.core.host.Errno;
import io.javisor.core.vcpu.VcpuExit;
import org.junit.jupiter.api.Test;

class KvmEngineVcpuTest {
    @Test
    void aRunThatFailedIsOverOnlyWhereNothingElseIsMeant() {
        assertEquals(VcpuExit.KICKED, KvmEngineVcpu.exitOf(Errno.EINTR));
        assertEquals(VcpuExit.CONTINUE, KvmEngineVcpu.exitOf(Errno.EAGAIN));
        assertEquals(VcpuExit.RUN_FAILED, KvmEngineVcpu.exitOf(Errno.EFAULT));
        assertEquals(VcpuExit.RUN_FAILED, KvmEngineVcpu.exitOf(Errno.EIO));
    }
}
