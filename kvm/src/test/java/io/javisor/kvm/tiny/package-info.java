/** Guests of a few instructions on real KVM, run through the vCPU threads and buses of the core as a machine would. */
@NullMarked
package io.javisor.kvm.tiny;

import org.jspecify.annotations.NullMarked;
