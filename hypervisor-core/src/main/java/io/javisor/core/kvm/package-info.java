/** The Linux KVM API (Documentation/virt/kvm/api.rst) over file descriptors and ioctls. */
@NullMarked
package io.javisor.core.kvm;

import org.jspecify.annotations.NullMarked;
