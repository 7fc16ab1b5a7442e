package io.javisor.api.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.api.Fault;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class JsonTest {
    @Test
    void textThatEndsTooEarlyIsNamedWithoutTheParsersInternals() {
        Fault fault = assertThrows(Fault.class, () -> Json.object("the body", "{\"state\":\"paused\""));
        assertEquals(400, fault.status());
        String message = Objects.requireNonNull(fault.getMessage());
        assertTrue(message.startsWith("the body is not JSON: it ends too soon"), message);
        assertEquals(-1, message.indexOf("start marker"), message);
    }
}
