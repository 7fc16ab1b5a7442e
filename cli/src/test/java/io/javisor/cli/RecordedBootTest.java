package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.machine.config.Accel;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecordedBootTest {
    @ParameterizedTest
    @CsvSource({
        "AUTO, true",
        "SOFTWARE, true",
        "KVM, false",
        "SOFTWARE_STEPS, false",
        "SOFTWARE_CHECK, false",
        "SOFTWARE_PERF, false"
    })
    void recordedForTheSoftwareEngineAsItIs(Accel accel, boolean recorded) {
        assertEquals(recorded, RecordedBoot.isWanted(accel, Map.of()));
    }

    @Test
    void notRecordedWhereItIsTurnedOff() {
        assertFalse(RecordedBoot.isWanted(Accel.SOFTWARE, Map.of("JAVISOR_BOOT_CACHE", "off")));
        assertTrue(RecordedBoot.isWanted(Accel.SOFTWARE, Map.of("JAVISOR_BOOT_CACHE", "")));
    }

    /** A restart is not kept waiting, nor anybody who does not see why. */
    @Test
    void notRecordedByAMachinesOwnProcess() {
        assertFalse(RecordedBoot.isWanted(Accel.SOFTWARE, Map.of("JAVISOR_SUPERVISOR", "1")));
    }
}
