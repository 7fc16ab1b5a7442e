/** Fixtures shared by this module's tests. */
@NullMarked
package io.javisor.firmware.testing;

import org.jspecify.annotations.NullMarked;
