package io.javisor.images.bls;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VersionOrderTest {
    /** Older first; after the examples of the specification, and names of kernels. */
    private static final List<String> ORDERED = List.of(
            "",
            "0-rescue",
            "5.9.16-200.fc33",
            "5.10.0-8-amd64",
            "6.1~rc7",
            "6.1",
            "6.1-1",
            "6.1^git1",
            "6.1.0-9-amd64",
            "6.1.0-18-amd64",
            "6.1.0-18-cloud-amd64",
            "6.10.3");

    @Test
    void ordersKernels() {
        List<String> shuffled = new ArrayList<>(ORDERED);
        Collections.shuffle(shuffled, new Random(0x1A71508));
        shuffled.sort(VersionOrder.INSTANCE);
        // "~" alone is older than nothing.
        assertEquals(ORDERED, shuffled);
    }

    @ParameterizedTest
    @CsvSource({
        "11, 11, 0",
        "systemd-123, systemd-123, 0",
        "bar-123, foo-123, -1",
        "123a, 123, 1",
        "123.a, 123, 1",
        "123.a, 123.b, -1",
        "123a, 123.a, 1",
        "11a, 11a1, -1",
        "11~, 11, -1",
        "~, '', -1",
        "1.002, 1.2, 0",
        "1_2, 12, -1",
        "99999999999999999999, 100000000000000000000, -1",
        "A, a, -1",
    })
    void comparesPairs(String left, String right, int expected) {
        assertEquals(expected, Integer.signum(VersionOrder.INSTANCE.compare(left, right)), left + " " + right);
        assertEquals(-expected, Integer.signum(VersionOrder.INSTANCE.compare(right, left)), right + " " + left);
    }
}
