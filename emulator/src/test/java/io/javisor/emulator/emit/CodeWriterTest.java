package io.javisor.emulator.emit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.emulator.decode.Decoder;
import io.javisor.emulator.decode.Feature;
import io.javisor.emulator.decode.Instruction;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CodeWriterTest {
    private static final int SIZE = 1024;
    private static final int ALL = 0xffff;

    private final byte[] code = new byte[SIZE];
    private final CodeWriter writer = new CodeWriter(MemorySegment.ofArray(code), SIZE);

    /** What was written, instruction by instruction. */
    private List<Instruction> written() {
        writer.end();
        Decoder decoder = new Decoder(Feature.all());
        List<Instruction> instructions = new ArrayList<>();
        for (int offset = 0; offset < writer.position(); ) {
            Instruction instruction = new Instruction();
            assertEquals(Decoder.OK, decoder.decode(code, offset, SIZE - offset, 64, instruction), "at " + offset);
            instructions.add(instruction);
            offset += instruction.length();
        }
        return instructions;
    }

    /** An SSE instruction without VEX while upper halves are not zero costs many processors 100 ns. */
    @Test
    void wholeVectorsAreMovedWithVexAlone() {
        writer.begin(0);
        writer.loadVectors(ALL, true);
        writer.storeVectors(ALL, true);
        List<Instruction> instructions = written();
        assertEquals(4 * 16, instructions.size());
        for (Instruction instruction : instructions) {
            assertTrue(
                    instruction.form().opcode().vex(),
                    instruction.form().names().toString());
        }
    }

    /** A host may not have AVX at all. */
    @Test
    void lowHalvesAreMovedWithoutVex() {
        writer.begin(0);
        writer.loadVectors(ALL, false);
        writer.storeVectors(ALL, false);
        List<Instruction> instructions = written();
        assertEquals(2 * 16, instructions.size());
        for (Instruction instruction : instructions) {
            assertEquals(List.of("movups"), instruction.form().names().subList(0, 1));
        }
    }
}
