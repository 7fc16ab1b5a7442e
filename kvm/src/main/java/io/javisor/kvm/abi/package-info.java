/** Layouts and ioctl numbers of {@code linux/kvm.h} and {@code asm/kvm.h}, x86-64. */
@NullMarked
package io.javisor.kvm.abi;

import org.jspecify.annotations.NullMarked;
