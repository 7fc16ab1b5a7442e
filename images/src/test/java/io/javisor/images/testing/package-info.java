/** Fixtures shared by this module's tests. */
@NullMarked
package io.javisor.images.testing;

import org.jspecify.annotations.NullMarked;
