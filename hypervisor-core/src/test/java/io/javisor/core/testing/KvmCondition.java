package io.javisor.core.testing;

import io.javisor.core.kvm.KvmHost;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/** Decides for {@link KvmTest} and {@link GuestTest}. */
final class KvmCondition implements ExecutionCondition {
    // .ci/TestSum.java knows the tests by these.
    private static final String NEEDS_KVM = "needs KVM: ";
    private static final String NEEDS_FAST_KVM = "needs KVM that is not emulated: ";

    private static final KvmHost HOST = KvmHost.look();

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        return decide(HOST, AnnotationSupport.isAnnotated(context.getElement(), GuestTest.class));
    }

    static ConditionEvaluationResult decide(KvmHost host, boolean fast) {
        return host.obstacle()
                .map(why -> ConditionEvaluationResult.disabled((fast ? NEEDS_FAST_KVM : NEEDS_KVM) + why))
                .orElseGet(() -> ConditionEvaluationResult.enabled("KVM counts here"));
    }
}
