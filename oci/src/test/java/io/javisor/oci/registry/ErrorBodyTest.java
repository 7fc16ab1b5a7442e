package io.javisor.oci.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ErrorBodyTest {
    private static String line(String body) {
        return ErrorBody.line(body.getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'errors':[{'code':'MANIFEST_UNKNOWN','message':'manifest unknown','detail':{'Tag':'x'}}]} | manifest"
                        + " unknown: manifest unknown",
                "{'errors':[{'code':'DENIED','message':'requested access to the resource is denied'}]} | denied:"
                        + " requested access to the resource is denied",
                "{'errors':[{'code':'UNKNOWN','message':'not so'}, {'code':'A_B'}, {'message':'c'}]} | not so; a b; c",
                "{'errors':[1,null,{},[],{'code':5,'message':null}]} | ``",
                "{'errors':{}} | ``",
                "{'details':'incorrect username or password'} | incorrect username or password",
                "{'error':'invalid_grant','error_description':'it is old'} | it is old",
                "404 page not found | 404 page not found",
                "<html><body>no</body></html> | ``",
                "{'errors': | ``",
                "`` | ``",
            })
    void saysWhatIsMeantForPeople(String body, String expected) {
        assertEquals(expected, line(body.replace('\'', '"')));
    }

    @Test
    void isOnePrintableLine() {
        assertEquals(
                "denied: a; ?[31mb", line("{\"errors\":[{\"code\":\"DENIED\",\"message\":\"a\\r\\n\\u001b[31mb\"}]}"));
        assertTrue(line("x".repeat(100_000)).length() < 400);
        assertEquals("", line("[".repeat(60_000)));
        assertEquals("", line("{\"a\":".repeat(10_000)));
    }

    /** A pattern went through all of the white space once more for each character of it: half a minute. */
    @Test
    void muchWhiteSpaceTakesNoTime() {
        assertTimeoutPreemptively(
                Duration.ofSeconds(5),
                () -> assertTrue(
                        line("a" + " ".repeat(ErrorBody.SIZE_MAX - 2) + "b").startsWith("a ")));
    }
}
