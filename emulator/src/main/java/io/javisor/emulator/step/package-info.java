/**
 * Steps: one instruction of the guest at a time, in every mode, with its exact faults. {@link io.javisor.emulator.step.Stepper} fetches,
 * decodes and hands an instruction to whoever carries out its class; what the host can compute goes to
 * {@link io.javisor.emulator.emit.StepCode}.
 *
 * <p>Order within an instruction: no guest register, rsp included, changes before its last check; what is read and written is checked for
 * writing first. A fault is the vCPU's one {@link io.javisor.emulator.state.CpuFault}; the state is then as before the instruction, but for
 * strings, which stop between two elements. Nothing here allocates.
 *
 * <p>What another part brings comes through two ports: {@link io.javisor.emulator.step.OperandMemory} (segments, pages, devices) and
 * {@link io.javisor.emulator.step.SystemInstructions}.
 */
@NullMarked
package io.javisor.emulator.step;

import org.jspecify.annotations.NullMarked;
