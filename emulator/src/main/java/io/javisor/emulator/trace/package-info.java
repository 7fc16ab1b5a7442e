/** A trace of the guest's instructions, for those who write kernels. */
@NullMarked
package io.javisor.emulator.trace;

import org.jspecify.annotations.NullMarked;
