package io.javisor.emulator.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.emulator.decode.Feature;
import java.util.Set;
import org.junit.jupiter.api.Test;

class HostFeaturesTest {
    private static final Set<String> FLAGS = Set.of("avx", "avx2", "bmi1", "sha_ni");

    @Test
    void theMaskTakesFeaturesAway() {
        assertEquals(HostFeatures.of(FLAGS), HostFeatures.masked(FLAGS, ""));
        assertEquals(Set.of(Feature.BMI1), HostFeatures.masked(FLAGS, "sha_ni, avx"));
    }

    @Test
    void aNameThatIsNoneIsRefusedWithThoseThatThereAre() {
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> HostFeatures.masked(FLAGS, "avx,sha"));
        String message = String.valueOf(e.getMessage());
        assertTrue(message.startsWith("javisor.host.mask: 'sha' is no feature; there are "), message);
        assertTrue(message.contains(", avx, avx2, bmi1, "), message);
    }
}
