/** The host's processor as the oracle of steps: the same states go through a small C program and through {@code Stepper}. */
@NullMarked
package io.javisor.emulator.oracle;

import org.jspecify.annotations.NullMarked;
