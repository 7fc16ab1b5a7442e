/** Guests of a few instructions, by every engine that a machine may have. */
@NullMarked
package io.javisor.machine.guest;

import org.jspecify.annotations.NullMarked;
