package io.javisor.core.testing;

import io.javisor.core.kvm.Kvm;
import io.javisor.core.kvm.KvmUnavailableException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Decides for {@link KvmTest}. */
final class KvmCondition implements ExecutionCondition {
    static final String REQUIRE_PROPERTY = "javisor.requireKvm";

    private static final @Nullable String OBSTACLE = obstacle(Kvm.DEVICE);

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        boolean required = Boolean.getBoolean(REQUIRE_PROPERTY) || "true".equals(System.getenv("CI"));
        return decide(OBSTACLE, required);
    }

    /** Why KVM can't be used, or null if it can. */
    static @Nullable String obstacle(String device) {
        try (Kvm _ = Kvm.open(device)) {
            return null;
        } catch (KvmUnavailableException e) {
            return e.getMessage();
        }
    }

    static ConditionEvaluationResult decide(@Nullable String obstacle, boolean required) {
        if (obstacle == null) {
            return ConditionEvaluationResult.enabled("KVM can be used");
        }
        if (required) {
            throw new IllegalStateException("KVM is required here: " + obstacle);
        }
        return ConditionEvaluationResult.disabled("needs KVM: " + obstacle);
    }
}
