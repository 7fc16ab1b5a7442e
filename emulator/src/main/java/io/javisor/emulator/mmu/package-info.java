/** Linear to physical to host memory: page walks, the translation buffer, access with page crossing and device memory. */
@NullMarked
package io.javisor.emulator.mmu;

import org.jspecify.annotations.NullMarked;
