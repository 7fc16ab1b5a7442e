package io.javisor.emulator.step;

import io.javisor.emulator.decode.Instruction;

/** Whoever carries out the instructions of the class system. */
public interface SystemInstructions {
    /**
     * Carries {@code instruction} out, or throws the vCPU's fault.
     *
     * @return whether RIP is set; else the caller moves it past the instruction
     */
    boolean execute(Instruction instruction);
}
