/** The host's C library, and what closes what was opened by it: the only package that calls native code other than through it. */
@NullMarked
package io.javisor.core.host;

import org.jspecify.annotations.NullMarked;
