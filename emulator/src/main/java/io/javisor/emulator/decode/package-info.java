/**
 * The instruction set as one table, and what reads it: {@link io.javisor.emulator.decode.InstructionTable} (the text files beside the
 * class, one line an encoding), {@link io.javisor.emulator.decode.Decoder} (bytes to an {@link io.javisor.emulator.decode.Instruction},
 * without allocating) and {@link io.javisor.emulator.decode.Disassembler} (an instruction to text, as {@code objdump -M intel} writes it).
 *
 * <p>Steps, the emitter and the generator of test cases read the same {@link io.javisor.emulator.decode.Form}s. To offer a further
 * instruction, add its line to a table, its CPUID bit to {@link io.javisor.emulator.decode.Feature}, and run the tests: the comparison with
 * objdump finds it in random bytes, the comparison with the host's processor takes each compute form by itself.
 *
 * <p>Sources: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2 (chapters 2 and appendices A and B); AMD64
 * Architecture Programmer's Manual, volume 3. Where both differ, Intel's is followed, but for what the text of a table says.
 */
@NullMarked
package io.javisor.emulator.decode;

import org.jspecify.annotations.NullMarked;
