/** Fixtures that the tests of several modules share. */
@NullMarked
package io.javisor.core.testing;

import org.jspecify.annotations.NullMarked;
