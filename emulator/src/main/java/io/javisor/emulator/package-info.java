/**
 * The software engine: an x86-64 machine on an x86-64 host that has no KVM. Guest and host are the same processor, so nothing here
 * computes what the host can compute: the decoder reads a guest's instruction into its <em>form</em> and operands, and the emitter makes
 * the same form again, with registers and addresses of its choice, for the host to run. Bytes of a guest are never run.
 *
 * <p>A form is of one of these classes ({@link io.javisor.emulator.decode.InstructionClass}):
 *
 * <ul>
 *   <li><em>compute</em>: registers, flags, vector state and at most one memory operand. The host runs it.
 *   <li><em>stack</em> and <em>string</em>: moves between registers and memory with addresses of their own. Java walks the addresses.
 *   <li><em>state</em>: acts on user-mode state that only the state block has (DF, MXCSR, FS and GS base, XSAVE images).
 *   <li><em>flow</em>: near branches, calls and returns.
 *   <li><em>system</em>: privileged, segments, far transfers, I/O, CPUID, time. Java alone.
 * </ul>
 *
 * <p>Why it is so: {@code docs/decisions/0020-software-engine.md}.
 */
@NullMarked
package io.javisor.emulator;

import org.jspecify.annotations.NullMarked;
