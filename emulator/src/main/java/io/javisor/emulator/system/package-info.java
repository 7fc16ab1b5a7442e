/**
 * The system architecture: segments, control transfers, interrupts, tasks, control registers. SDM is Intel's Software Developer's Manual,
 * with its chapters numbered as in the editions that have tasks in chapter 8 of volume 3.
 */
@NullMarked
package io.javisor.emulator.system;

import org.jspecify.annotations.NullMarked;
