package io.javisor.container.spec;

import static io.javisor.container.spec.SpecMakerTest.IMAGE;
import static io.javisor.container.spec.SpecMakerTest.make;
import static io.javisor.container.spec.SpecMakerTest.options;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.machine.config.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A specification as it is kept. */
class SpecTextTest {
    @Test
    void whatIsWrittenIsRead() {
        ContainerSpec spec = make(
                IMAGE,
                options(
                        "ENV",
                        "A=\u00e4\"\n",
                        "ULIMIT",
                        "nofile=1:-1",
                        "PUBLISH",
                        "[::1]:8080:80/udp",
                        "CAP_ADD",
                        "ALL",
                        "TMPFS",
                        "/run:size=1m",
                        "ADD_HOST",
                        "a:::1",
                        "KERNEL",
                        "/boot/vmlinuz",
                        "ACCEL",
                        "software",
                        "MEMORY",
                        "1g",
                        "CPUS",
                        "2",
                        "LABEL",
                        "a.b=c",
                        "DNS",
                        "192.0.2.1",
                        "STOP_TIMEOUT",
                        "-1"),
                "command");
        assertEquals(spec, SpecText.parse("it", SpecText.write(spec)));
        assertEquals(make(), SpecText.parse("it", SpecText.write(make())));
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " ~ ",
            value = {
                "\"version\":1 ~ \"version\":2 ~ it is of version 2, and this javisor knows 1 only",
                "\"version\":1 ~ \"other\":1 ~ it: it lacks \"version\"",
                "\"signal\":3 ~ \"signal\":99 ~ it: \"stop.signal\" must be 1 to 64, not the number 99",
                "\"kind\":\"user\" ~ \"kind\":\"x\" ~ it: \"network.kind\" is neither none nor user",
                "\"PATH=/bin\" ~ \"PATH\" ~ it: \"process.environment\" has what is no variable: \"PATH\"",
                "\"first\":53,\"last\":54 ~ \"first\":53,\"last\":52 ~ it: \"network.exposed.last\" must be 53 to"
                        + " 65535, not the number 52",
                "\"protocol\":\"udp\" ~ \"protocol\":\"x\" ~ it: \"network.exposed.protocol\" is none of tcp, udp and"
                        + " sctp",
                "\"limits\":{ ~ \"others\":{ ~ it: \"limits\" is missing",
                "\"terminal\":false ~ \"terminal\":7 ~ it: \"process.terminal\" must be true or false, not the number"
                        + " 7",
            })
    void whatIsWrongWithWhatIsRead(String part, String other, String expected) {
        String text = SpecText.write(make());
        assertTrue(text.contains(part), text);
        ConfigException problem =
                assertThrows(ConfigException.class, () -> SpecText.parse("it", text.replace(part, other)));
        assertEquals(expected, problem.getMessage());
    }

    @Test
    void fieldsOfALaterOneArePassedOver() {
        String text = SpecText.write(make());
        assertEquals(make(), SpecText.parse("it", text.replace("\"version\":1", "\"version\":1,\"later\":[{}]")));
    }
}
