package io.javisor.machine.program;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.engine.EngineProvider;
import io.javisor.testkit.junit.MachineTest;
import java.time.Duration;
import java.util.List;

class ProgramRunnerTest {
    @MachineTest
    void aProgramThatDoesNotEndIsReportedWithItsRegisters(EngineProvider engine) {
        ProgramImage image = ProgramImage.of(RandomProgram.Kind.COMMON, List.of(1L, 77L, 3L))
                .withCode(1, (byte) 0xeb, (byte) 0xfe); // jmp $
        AssertionError error =
                assertThrows(AssertionError.class, () -> ProgramRunner.run(engine, image, Duration.ofMillis(1500)));
        String message = String.valueOf(error.getMessage());
        assertTrue(message.startsWith("the program of seed 77 does not end within 1500 ms: cs:rip "), message);
    }
}
