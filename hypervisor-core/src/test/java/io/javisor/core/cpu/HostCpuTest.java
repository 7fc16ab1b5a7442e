package io.javisor.core.cpu;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class HostCpuTest {
    @Test
    void supportIsAnyOfTheFeaturesBits() {
        HostCpu host = Hosts.intelHost();
        assertTrue(host.supports("avx512f"));
        assertTrue(host.supports("kvmclock"));
        assertTrue(host.supports("tsc_deadline_timer"));
        assertFalse(host.supports("svm"));
        assertFalse(new HostCpu(Hosts.intel(), false, 0).supports("tsc_deadline_timer"));
    }
}
