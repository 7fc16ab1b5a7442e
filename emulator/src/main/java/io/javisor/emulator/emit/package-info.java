/**
 * Code for the host's processor. {@link io.javisor.emulator.emit.CodeMemory} holds it, {@link io.javisor.emulator.emit.FormEncoder} makes the
 * guest's instruction anew with the registers that {@link io.javisor.emulator.emit.HostRegisters} gives it, and
 * {@link io.javisor.emulator.emit.StepCode} wraps it into what a step calls. Runs will use the same encoder.
 *
 * <p>Conventions of emitted code: r15 points {@link io.javisor.emulator.emit.CodeWriter#BIAS} bytes into the vCPU's block, rbp to the
 * memory operand; the guest's rsp is never the host's. rax, rcx, rdx, rbx, rsi and rdi of the guest are the same on the host, so
 * that instructions which imply registers need nothing. Only the six status flags of the guest are ever in the host's RFLAGS. Code
 * is entered by a thunk that keeps the registers which belong to its caller, and leaves with MXCSR, x87 and the upper halves of
 * the vector registers as Java wants them.
 */
@NullMarked
package io.javisor.emulator.emit;

import org.jspecify.annotations.NullMarked;
