/** Measurements of javisor, side by side with a C program that makes the same KVM calls. */
@NullMarked
package io.javisor.benchmarks;

import org.jspecify.annotations.NullMarked;
