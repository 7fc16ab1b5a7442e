package io.javisor.testkit.junit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.engine.EngineProvider;
import io.javisor.core.engine.Obstacle;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class KvmConditionTest {
    private static final EngineProvider OTHER = new MadeUpEngine("other", Optional.empty());
    private static final EngineProvider SOFTWARE = new MadeUpEngine("kvm", Optional.of(Obstacle.of("by software")));

    @Test
    void whereKvmDoesNotCountATestIsSkippedWithTheReason() {
        var result = KvmCondition.decide(KvmCondition.obstacle(List.of(OTHER, SOFTWARE), null));
        assertTrue(result.isDisabled());
        assertEquals("needs KVM: by software", result.getReason().orElseThrow());
    }

    @Test
    void withKvmATestRuns() {
        EngineProvider kvm = new MadeUpEngine("kvm", Optional.empty());
        assertFalse(
                KvmCondition.decide(KvmCondition.obstacle(List.of(kvm), null)).isDisabled());
    }

    @Test
    void withoutTheModuleNothingIsSkippedInSilence() {
        assertThrows(IllegalStateException.class, () -> KvmCondition.obstacle(List.of(OTHER), null));
    }

    @Test
    void askedForByNameASoftwareKvmIsTaken() {
        assertEquals(Optional.empty(), KvmCondition.obstacle(List.of(SOFTWARE), "other,kvm"));
    }

    @Test
    void whereOnlyOthersAreAskedForATestIsSkippedWithTheReason() {
        MadeUpEngine kvm = new MadeUpEngine("kvm", Optional.empty());
        assertEquals(Optional.of("javisor.test.engines is other"), KvmCondition.obstacle(List.of(OTHER, kvm), "other"));
    }
}
