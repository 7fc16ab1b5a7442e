/** Fixtures that the tests of several modules share; no engine and no JUnit among them. */
@NullMarked
package io.javisor.testkit;

import org.jspecify.annotations.NullMarked;
