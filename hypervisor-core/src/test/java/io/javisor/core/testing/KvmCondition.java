package io.javisor.core.testing;

import io.javisor.core.kvm.KvmHost;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Decides for {@link KvmTest} and {@link GuestTest}. */
final class KvmCondition implements ExecutionCondition {
    private static final KvmHost HOST = KvmHost.look();

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        return decide(HOST);
    }

    static ConditionEvaluationResult decide(KvmHost host) {
        return host.obstacle()
                .map(why -> ConditionEvaluationResult.disabled("needs KVM: " + why))
                .orElseGet(() -> ConditionEvaluationResult.enabled("KVM counts here"));
    }
}
