package io.javisor.emulator.oracle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.emulator.cpu.HostFeatures;
import io.javisor.emulator.decode.Decoder;
import io.javisor.emulator.decode.Feature;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.CpuFault;
import io.javisor.emulator.state.VectorLayout;
import io.javisor.emulator.state.Vectors;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;

/**
 * Sequences of x87 and MMX instructions among others, in blocks and in steps: what the host is no oracle for. The pointers to the last
 * instruction and operand, control words that mask less, exceptions that wait.
 */
class X87SequenceTest {
    private static final int SEQUENCES = Integer.getInteger("oracle.sequences", 100_000) / 5;
    private static final long SEED = Long.getLong("oracle.seed", 0x5eed);
    private static final int NO_FAULT = -1;

    private final Set<Feature> features = HostFeatures.ofHost();
    private final MemorySegment record = Arena.ofAuto().allocate(OracleRecord.SIZE, 64);

    @Test
    void blocksDoWhatStepsDo(TestReporter reporter) {
        SequenceGenerator generator =
                new SequenceGenerator(SEED, new Decoder(features), HostDifferentialTest.forms(), true);
        Map<Integer, Integer> vectors = new TreeMap<>();
        try (RunSubject blocks = new RunSubject(features);
                RunSubject steps = RunSubject.ofSteps(features)) {
            for (int i = 0; i < SEQUENCES; i++) {
                generator.fill(record);
                int vector = execute(steps);
                int number = i;
                assertEquals(vector, execute(blocks), () -> "exception of sequence " + number + text());
                compare(blocks, steps, vector, number);
                vectors.merge(vector, 1, Integer::sum);
            }
            reporter.publishEntry("x87", SEQUENCES + " sequences, by exception " + vectors);
        }
        assertTrue(vectors.containsKey(Vectors.MF) && vectors.containsKey(Vectors.PF), vectors::toString);
    }

    private int execute(RunSubject subject) {
        Comparison.load(subject, record);
        try {
            subject.execute();
            return NO_FAULT;
        } catch (CpuFault fault) {
            return fault.vector();
        }
    }

    private void compare(RunSubject blocks, RunSubject steps, int vector, int number) {
        CpuBlock here = blocks.cpu();
        CpuBlock there = steps.cpu();
        assertEquals(there.rip(), here.rip(), () -> "rip of sequence " + number + text());
        for (int i = 0; i < 16; i++) {
            int register = i;
            assertEquals(
                    there.gpr(i), here.gpr(i), () -> "register %d of sequence %d".formatted(register, number) + text());
        }
        if (vector == NO_FAULT) { // those that nobody reads may be stale in a fault's frame
            assertEquals(there.rflags(), here.rflags(), () -> "flags of sequence " + number + text());
        }
        same(image(there), image(here), "byte %d of the XSAVE image of sequence " + number);
        same(steps.data(), blocks.data(), "byte %d of the memory of sequence " + number);
    }

    private static MemorySegment image(CpuBlock cpu) {
        cpu.putInt(VectorLayout.MXCSR_OFFSET + 4, 0); // the host's MXCSR_MASK, which nobody reads
        return cpu.segment().asSlice(VectorLayout.XSAVE_OFFSET, VectorLayout.XSAVE_SIZE);
    }

    private void same(MemorySegment expected, MemorySegment is, String what) {
        long at = expected.mismatch(is);
        assertTrue(
                at < 0,
                () -> what.formatted(at)
                        + ": %x in steps, %x in blocks"
                                .formatted(expected.get(ValueLayout.JAVA_BYTE, at), is.get(ValueLayout.JAVA_BYTE, at))
                        + text());
    }

    private String text() {
        StringBuilder text = new StringBuilder();
        Comparison.sequence(record, record.get(ValueLayout.JAVA_INT, OracleRecord.LENGTH), text);
        return text.toString();
    }
}
