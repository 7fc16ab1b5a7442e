/** Conditions of JUnit's; the one package here that needs it. */
@NullMarked
package io.javisor.testkit.junit;

import org.jspecify.annotations.NullMarked;
