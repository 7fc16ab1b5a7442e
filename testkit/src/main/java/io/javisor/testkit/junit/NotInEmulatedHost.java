package io.javisor.testkit.junit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;

/**
 * Beside {@link MachineTest}: by KVM the test runs only where that counts on the machine itself, and {@code lab/kvm-tests} leaves it out of
 * the emulated host. By other engines it runs anywhere. The test says why.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@Tag("not-in-emulated-host")
public @interface NotInEmulatedHost {}
