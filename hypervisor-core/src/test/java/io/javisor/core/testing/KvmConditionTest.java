package io.javisor.core.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.kvm.KvmHost;
import io.javisor.core.kvm.KvmUnavailableException.Reason;
import org.junit.jupiter.api.Test;

class KvmConditionTest {
    @Test
    void withoutKvmATestIsSkippedWithTheReason() {
        var result = KvmCondition.decide(new KvmHost.Unusable(Reason.MISSING, "cannot open /dev/kvm: ENOENT"), false);
        assertTrue(result.isDisabled());
        assertEquals(
                "needs KVM: cannot open /dev/kvm: ENOENT", result.getReason().orElseThrow());
    }

    @Test
    void softwareKvmDoesNotCount() {
        var result = KvmCondition.decide(new KvmHost.Software("by software"), true);
        assertTrue(result.isDisabled());
        assertEquals(
                "needs KVM that is not emulated: by software",
                result.getReason().orElseThrow());
    }

    @Test
    void withKvmATestRuns() {
        assertFalse(KvmCondition.decide(new KvmHost.Counts(), false).isDisabled());
    }
}
