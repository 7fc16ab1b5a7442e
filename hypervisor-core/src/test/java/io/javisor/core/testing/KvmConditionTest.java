package io.javisor.core.testing;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class KvmConditionTest {
    @Test
    void withoutKvmATestIsSkippedWithTheReason() {
        String obstacle = KvmCondition.obstacle("/nonexistent/kvm");
        assertNotNull(obstacle);
        var result = KvmCondition.decide(obstacle, false);
        assertTrue(result.isDisabled());
        assertTrue(result.getReason().orElseThrow().contains("/nonexistent/kvm"));
    }

    @Test
    void whereKvmIsRequiredItsAbsenceFails() {
        assertThrows(IllegalStateException.class, () -> KvmCondition.decide("no KVM", true));
    }

    @Test
    void withKvmATestRuns() {
        assertFalse(KvmCondition.decide(null, true).isDisabled());
        assertFalse(KvmCondition.decide(null, false).isDisabled());
    }
}
