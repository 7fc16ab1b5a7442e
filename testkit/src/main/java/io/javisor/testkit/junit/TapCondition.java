package io.javisor.testkit.junit;

import io.javisor.testkit.host.NetNamespace;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Decides for {@link TapTest}. */
final class TapCondition implements ExecutionCondition {
    private static final @Nullable String OBSTACLE = NetNamespace.obstacle();

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        if (OBSTACLE == null) {
            return ConditionEvaluationResult.enabled("taps can be made");
        }
        if ("true".equals(System.getenv("CI"))) {
            throw new IllegalStateException("taps are required here: " + OBSTACLE);
        }
        return ConditionEvaluationResult.disabled("needs taps: " + OBSTACLE);
    }
}
