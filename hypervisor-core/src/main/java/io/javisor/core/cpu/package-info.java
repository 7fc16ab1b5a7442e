/** The model of a guest's processor: CPUID leaves, named features and templates, MSRs and other state at boot. No KVM calls. */
@NullMarked
package io.javisor.core.cpu;

import org.jspecify.annotations.NullMarked;
