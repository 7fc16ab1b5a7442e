package io.javisor.api.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.javisor.api.Fault;
import io.javisor.api.Request;
import io.javisor.api.Response;
import io.javisor.testkit.LogCapture;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Requests that fail, by the thousand: each is answered, few are logged. */
class AnswersStormTest {
    private static final int STORM = 1000;

    private static Response handle(Request request) {
        return switch (request.path()) {
            case "/fault" -> throw Fault.badRequest("no");
            case "/deep" -> throw new StackOverflowError();
            case "/bug" -> throw new IllegalArgumentException("a bug");
            default -> Response.noContent();
        };
    }

    private static List<String> storm(String... paths) {
        try (LogCapture log = LogCapture.of("io.javisor.api")) {
            Answers answers = new Answers(AnswersStormTest::handle);
            for (int i = 0; i < STORM; i++) {
                Response answer = answers.to(new Request("PUT", paths[i % paths.length], ""));
                assertEquals(paths[i % paths.length].equals("/fault") ? 400 : 500, answer.status());
            }
            return log.lines();
        }
    }

    @Test
    void bugs() {
        assertEquals(List.of("WARN a PUT request of the control socket failed"), storm("/bug", "/deep"));
        assertEquals(List.of("WARN a PUT request of the control socket goes too deep"), storm("/deep"));
    }

    @Test
    void whatAClientDoesWrongIsItsOwnBusiness() {
        assertEquals(List.of(), storm("/fault"));
    }
}
