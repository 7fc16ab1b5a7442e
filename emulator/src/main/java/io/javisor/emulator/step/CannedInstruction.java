package io.javisor.emulator.step;

import io.javisor.emulator.decode.Decoder;
import io.javisor.emulator.decode.Feature;
import io.javisor.emulator.decode.Instruction;
import java.lang.foreign.MemorySegment;

/** An instruction that Java uses to carry out another. */
final class CannedInstruction {
    private CannedInstruction() {}

    /** Decodes 64-bit code. */
    static Instruction of(int... bytes) {
        byte[] code = new byte[bytes.length];
        for (int i = 0; i < code.length; i++) {
            code[i] = (byte) bytes[i];
        }
        Instruction instruction = new Instruction();
        int result = new Decoder(Feature.all()).decode(MemorySegment.ofArray(code), 0, code.length, 64, instruction);
        if (result != Decoder.OK) {
            throw new IllegalStateException("no instruction");
        }
        return instruction;
    }
}
