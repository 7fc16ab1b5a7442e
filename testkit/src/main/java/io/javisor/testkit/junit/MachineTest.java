package io.javisor.testkit.junit;

import io.javisor.core.engine.EngineProvider;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test that needs a machine, whatever runs it. It stands in the place of {@code @Test}, runs once by each engine on the class path and
 * takes that engine as a parameter, an {@link EngineProvider}. By an engine that does not count here the test is skipped, with the reason
 * in the report; CI runs it by KVM in the emulated host then ({@code lab/kvm-tests}).
 *
 * <p>The system property {@code javisor.test.engines}, names with commas between, has the tests run by those engines alone, whether
 * they count or not.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@Tag("machine")
@TestTemplate
@ExtendWith(MachineTestEngines.class)
public @interface MachineTest {}
