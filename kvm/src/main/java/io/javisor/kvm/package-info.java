/** The Linux KVM API (Documentation/virt/kvm/api.rst) over file descriptors and ioctls. */
@NullMarked
package io.javisor.kvm;

import org.jspecify.annotations.NullMarked;
