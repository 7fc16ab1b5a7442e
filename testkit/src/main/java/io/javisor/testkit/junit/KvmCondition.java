package io.javisor.testkit.junit;

import io.javisor.core.engine.EngineProvider;
import io.javisor.core.engine.Obstacle;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Decides for {@link KvmTest}. */
final class KvmCondition implements ExecutionCondition {
    /** Of this host, asked once. */
    private static final class Here {
        static final Optional<String> OBSTACLE =
                obstacle(ServiceLoader.load(EngineProvider.class), System.getProperty(TestEngines.PROPERTY));
    }

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        return decide(Here.OBSTACLE);
    }

    /**
     * Why tests are not run by KVM.
     *
     * @param asked the value of {@link TestEngines#PROPERTY}
     * @throws IllegalStateException if the module that drives KVM is not there: no test that needs it could ever run
     */
    static Optional<String> obstacle(Iterable<EngineProvider> providers, @Nullable String asked) {
        if (asked != null && !List.of(asked.split(",", -1)).contains(TestEngines.KVM)) {
            return Optional.of(TestEngines.PROPERTY + " is " + asked);
        }
        for (EngineProvider provider : providers) {
            if (provider.name().equals(TestEngines.KVM)) {
                return asked == null ? provider.obstacle().map(Obstacle::toString) : Optional.empty();
            }
        }
        throw new IllegalStateException("there is no engine " + TestEngines.KVM + " on the class path");
    }

    static ConditionEvaluationResult decide(Optional<String> obstacle) {
        return obstacle.map(why -> ConditionEvaluationResult.disabled(TestEngines.needKvm(why, false)))
                .orElseGet(() -> ConditionEvaluationResult.enabled("tests are run by KVM"));
    }
}
