package io.javisor.testkit.junit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * As {@link KvmTest}, of tests that start the packaged javisor again and again: the emulated host is too slow for them. Where KVM does not
 * count they run nowhere, and CI says so.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Tag("guest")
@ExtendWith(KvmCondition.class)
public @interface GuestTest {}
