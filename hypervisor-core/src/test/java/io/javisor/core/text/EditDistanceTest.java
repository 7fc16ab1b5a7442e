package io.javisor.core.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EditDistanceTest {
    @ParameterizedTest
    @CsvSource({
        "kitten, sitting, 3",
        "'', abc, 3",
        "abc, '', 3",
        "same, same, 0",
        "ab, ba, 1",
        "abcd, badc, 2",
        "ca, abc, 3"
    })
    void editDistance(String from, String to, int distance) {
        assertEquals(distance, EditDistance.between(from, to));
    }

    @ParameterizedTest
    @CsvSource({
        "wbe, web, true",
        "web, www, false",
        "ps, rm, false",
        "x, y, false",
        "strat, start, true",
        "list, events, false",
        "foo, rng, false",
        "webservre, webserver, true",
        "consoel, console, true"
    })
    void onlyWhatIsCloseIsNear(String wanted, String known, boolean near) {
        assertEquals(near, EditDistance.isNear(wanted, known));
    }
}
