package io.javisor.manager.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RestartPolicyTest {
    @ParameterizedTest
    @ValueSource(strings = {"no", "always", "unless-stopped", "on-failure", "on-failure:1", "on-failure:999999999"})
    void isWrittenAsItIsRead(String text) {
        assertEquals(text, RestartPolicy.parse(text).toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "never",
                "no:1",
                "always:3",
                "unless-stopped:3",
                "unless",
                "on-failure:",
                "on-failure:0",
                "on-failure:-1",
                "on-failure:x",
                "on-failure:1:2"
            })
    void othersAreRefused(String text) {
        assertThrows(IllegalArgumentException.class, () -> RestartPolicy.parse(text));
    }

    @ParameterizedTest
    @CsvSource({
        "no, true, 0, false",
        "always, true, 100, true",
        "always, false, 100, true",
        "unless-stopped, true, 100, true",
        "unless-stopped, false, 100, true",
        "on-failure, true, 100, true",
        "on-failure, false, 0, false",
        "on-failure:2, true, 1, true",
        "on-failure:2, true, 2, false",
    })
    void decides(String policy, boolean failed, int restarts, boolean again) {
        assertEquals(again, RestartPolicy.parse(policy).restarts(failed, restarts));
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "1, 100", "2, 200", "10, 51200", "11, 60000", "22, 60000", "2147483647, 60000"})
    void theWaitGrowsToAMinute(int restarts, long millis) {
        assertEquals(millis, RestartPolicy.delayMillis(restarts));
    }
}
