package io.javisor.machine.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;

/** Assertions on checks. */
final class Checks {
    private Checks() {}

    static Check find(List<Check> checks, String id) {
        return checks.stream()
                .filter(check -> check.id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    /** The status, and parts of what was found and of the remedy. */
    static void assertCheck(Check.Status status, String found, String remedy, Check check) {
        assertEquals(status, check.status(), check::toString);
        assertTrue(check.found().contains(found), check::toString);
        if (status == Check.Status.OK) {
            assertNull(check.remedy(), check::toString);
        } else {
            assertTrue(String.valueOf(check.remedy()).contains(remedy), check::toString);
        }
    }
}
