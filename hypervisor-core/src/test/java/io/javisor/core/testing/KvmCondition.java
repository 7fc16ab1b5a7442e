package io.javisor.core.testing;

import io.javisor.core.engine.EngineProvider;
import java.util.Optional;
import java.util.ServiceLoader;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/** Decides for {@link KvmTest} and {@link GuestTest}. */
final class KvmCondition implements ExecutionCondition {
    // .ci/TestSum.java knows the tests by these.
    private static final String NEEDS_KVM = "needs KVM: ";
    private static final String NEEDS_FAST_KVM = "needs KVM that is not emulated: ";

    private static final String KVM = "kvm";

    /** Looked at when the first test asks. */
    private static final class ThisHost {
        static final Optional<String> OBSTACLE = obstacle(ServiceLoader.load(EngineProvider.class));
    }

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        return decide(ThisHost.OBSTACLE, AnnotationSupport.isAnnotated(context.getElement(), GuestTest.class));
    }

    /**
     * Why KVM does not count.
     *
     * @throws IllegalStateException if the module that drives KVM is not there: no test that needs it could ever run
     */
    static Optional<String> obstacle(Iterable<EngineProvider> providers) {
        for (EngineProvider provider : providers) {
            if (provider.name().equals(KVM)) {
                return provider.obstacle();
            }
        }
        throw new IllegalStateException("there is no engine " + KVM + " on the class path");
    }

    static ConditionEvaluationResult decide(Optional<String> obstacle, boolean fast) {
        return obstacle.map(why -> ConditionEvaluationResult.disabled((fast ? NEEDS_FAST_KVM : NEEDS_KVM) + why))
                .orElseGet(() -> ConditionEvaluationResult.enabled("KVM counts here"));
    }
}
