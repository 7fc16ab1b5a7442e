package io.javisor.kvm;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.host.Errno;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KvmStatsTest {
    @Test
    void anOlderKernelHasNone() {
        assertTrue(KvmStats.isUnknown(Errno.ENOTTY));
        assertTrue(KvmStats.isUnknown(Errno.EINVAL));
    }

    @ParameterizedTest
    @ValueSource(ints = {Errno.EMFILE, Errno.ENFILE, Errno.ENOMEM})
    void aHostWithoutRoomIsNoOlderKernel(int errno) {
        assertFalse(KvmStats.isUnknown(errno));
    }
}
