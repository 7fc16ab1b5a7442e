package io.javisor.core.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.cpu.CpuTemplate;
import io.javisor.core.engine.Engine;
import io.javisor.core.engine.EngineProvider;
import io.javisor.core.engine.EngineTraits;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class KvmConditionTest {
    private record Provider(String name, Optional<String> obstacle) implements EngineProvider {
        @Override
        public EngineTraits traits() {
            return new EngineTraits(true, CpuTemplate.HOST);
        }

        @Override
        public Engine open() {
            throw new IllegalStateException("the condition opens nothing");
        }
    }

    private static final Provider OTHER = new Provider("other", Optional.empty());
    private static final Provider SOFTWARE = new Provider("kvm", Optional.of("by software"));

    @Test
    void whereKvmDoesNotCountATestIsSkippedWithTheReason() {
        var result = KvmCondition.decide(KvmCondition.obstacle(List.of(OTHER, SOFTWARE)), false);
        assertTrue(result.isDisabled());
        assertEquals("needs KVM: by software", result.getReason().orElseThrow());
    }

    @Test
    void aTestThatNeedsAFastKvmSaysSo() {
        var result = KvmCondition.decide(KvmCondition.obstacle(List.of(SOFTWARE)), true);
        assertTrue(result.isDisabled());
        assertEquals(
                "needs KVM that is not emulated: by software",
                result.getReason().orElseThrow());
    }

    @Test
    void withKvmATestRuns() {
        Provider kvm = new Provider("kvm", Optional.empty());
        assertFalse(
                KvmCondition.decide(KvmCondition.obstacle(List.of(kvm)), false).isDisabled());
    }

    @Test
    void withoutTheModuleNothingIsSkippedInSilence() {
        assertThrows(IllegalStateException.class, () -> KvmCondition.obstacle(List.of(OTHER)));
    }
}
