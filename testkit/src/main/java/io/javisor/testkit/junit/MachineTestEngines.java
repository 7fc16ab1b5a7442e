package io.javisor.testkit.junit;

import io.javisor.core.engine.EngineProvider;
import io.javisor.testkit.junit.TestEngines.Candidate;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContextProvider;
import org.junit.platform.commons.support.AnnotationSupport;

/** Makes a {@link MachineTest} a test by each engine. */
final class MachineTestEngines implements TestTemplateInvocationContextProvider {
    @Override
    public boolean supportsTestTemplate(ExtensionContext context) {
        return true;
    }

    @Override
    public Stream<TestTemplateInvocationContext> provideTestTemplateInvocationContexts(ExtensionContext context) {
        return invocations(TestEngines.here()).stream();
    }

    /** One for each, also for those that are skipped: so no test vanishes from a sum. */
    static List<TestTemplateInvocationContext> invocations(List<Candidate> engines) {
        return engines.stream()
                .<TestTemplateInvocationContext>map(Invocation::new)
                .toList();
    }

    private record Invocation(Candidate engine) implements TestTemplateInvocationContext {
        @Override
        public String getDisplayName(int invocationIndex) {
            return "[" + engine.provider().name() + "]";
        }

        @Override
        public List<Extension> getAdditionalExtensions() {
            return List.of(new IfUsable(engine), new ProviderParameter(engine.provider()));
        }
    }

    /** Skips the test by an engine that does not count. */
    record IfUsable(Candidate engine) implements ExecutionCondition {
        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            return decide(AnnotationSupport.isAnnotated(context.getElement(), NotInEmulatedHost.class));
        }

        ConditionEvaluationResult decide(boolean notEmulated) {
            return engine.obstacle()
                    .map(why ->
                            ConditionEvaluationResult.disabled(TestEngines.need(engine.provider(), why, notEmulated)))
                    .orElseGet(() -> ConditionEvaluationResult.enabled(
                            "by engine " + engine.provider().name()));
        }
    }

    private record ProviderParameter(EngineProvider engine) implements ParameterResolver {
        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == EngineProvider.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return engine;
        }
    }
}
