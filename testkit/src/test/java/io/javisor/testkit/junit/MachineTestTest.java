package io.javisor.testkit.junit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.engine.EngineProvider;
import io.javisor.core.engine.Obstacle;
import io.javisor.testkit.junit.TestEngines.Candidate;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;

/** By which engines a {@link MachineTest} runs. */
class MachineTestTest {
    private static final EngineProvider SOFTWARE_KVM = new MadeUpEngine("kvm", Optional.of(Obstacle.of("by software")));
    private static final EngineProvider OTHER = new MadeUpEngine("other", Optional.empty());
    private static final List<EngineProvider> BOTH = List.of(SOFTWARE_KVM, OTHER);

    private static ConditionEvaluationResult decide(Candidate engine) {
        return new MachineTestEngines.IfUsable(engine).decide(false);
    }

    @Test
    void aTestIsThereOnceForEachEngine() {
        List<TestTemplateInvocationContext> invocations = MachineTestEngines.invocations(TestEngines.of(BOTH, null));
        assertEquals(
                List.of("[kvm]", "[other]"),
                invocations.stream().map(each -> each.getDisplayName(1)).toList());
    }

    @Test
    void byAnEngineThatDoesNotCountItIsSkippedWithTheReason() {
        List<Candidate> engines = TestEngines.of(BOTH, null);
        ConditionEvaluationResult byKvm = decide(engines.get(0));
        assertTrue(byKvm.isDisabled());
        assertEquals("needs KVM: by software", byKvm.getReason().orElseThrow());
        assertEquals(
                "needs KVM that is not emulated: by software",
                new MachineTestEngines.IfUsable(engines.get(0))
                        .decide(true)
                        .getReason()
                        .orElseThrow());
        assertFalse(decide(engines.get(1)).isDisabled());
        Candidate unusable = new Candidate(OTHER, Optional.of("no reason"));
        assertEquals(
                "needs engine other: no reason", decide(unusable).getReason().orElseThrow());
    }

    @Test
    void anEngineThatIsAskedForIsTakenAlone() {
        List<Candidate> engines = TestEngines.of(BOTH, "kvm");
        assertEquals(List.of(new Candidate(SOFTWARE_KVM, Optional.empty())), engines);
        assertFalse(decide(engines.getFirst()).isDisabled());
    }

    @Test
    void withoutTheEngineNothingIsSkippedInSilence() {
        assertThrows(IllegalStateException.class, () -> TestEngines.of(List.of(), null));
        IllegalStateException e = assertThrows(IllegalStateException.class, () -> TestEngines.of(BOTH, "kvm,none"));
        assertEquals(
                "javisor.test.engines: there is no engine 'none' on the class path, which has [kvm, other]",
                e.getMessage());
    }
}
