/** The system architecture: segments, control transfers, interrupts, tasks, control registers (Intel SDM vol. 3). */
@NullMarked
package io.javisor.emulator.system;

import org.jspecify.annotations.NullMarked;
