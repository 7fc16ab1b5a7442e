/** Guests of a few instructions, so that a test of javisor's own needs no Linux. */
@NullMarked
package io.javisor.testkit.guest;

import org.jspecify.annotations.NullMarked;
