/** Guest-physical memory: host mappings, checked access, leases for zero-copy I/O. */
@NullMarked
package io.javisor.core.memory;

import org.jspecify.annotations.NullMarked;
