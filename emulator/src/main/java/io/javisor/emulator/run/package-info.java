/**
 * Runs: blocks of the guest's code, emitted as code of the host and executed from then on.
 *
 * <p>{@link io.javisor.emulator.run.Runs} is what a vCPU's loop calls. A block is up to 64 instructions of 64-bit code within one page;
 * it is known by the guest-physical address where it begins and what of the vCPU's state it depends on, and does not depend on where
 * the page is mapped. General registers stay in the host's ({@link io.javisor.emulator.emit.RunRegisters}) from block to block, status
 * flags in the host's flags as far as nothing clobbers them. Blocks of the same page are linked, others found by the jump cache.
 *
 * <p>Emitted code leaves with all state stored, at an instruction that it does not carry out: Java takes that one as a step, with all its
 * walks, device accesses and faults, and enters the block again behind it.
 */
@NullMarked
package io.javisor.emulator.run;

import org.jspecify.annotations.NullMarked;
