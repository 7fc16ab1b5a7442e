package io.javisor.api.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.javisor.api.Fault;
import io.javisor.api.Request;
import io.javisor.api.Response;
import io.javisor.machine.Machine;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RootRoutesTest {
    private static final class NoMachine implements MachineControl {
        @Override
        public String name() {
            return "web";
        }

        @Override
        public @Nullable Machine machine() {
            return null;
        }

        @Override
        public @Nullable Instant startedAt() {
            return null;
        }
    }

    private final List<String> others = new ArrayList<>();
    private final RootRoutes routes = new RootRoutes(new NoMachine(), request -> {
        others.add(request.path());
        return Response.noContent();
    });

    private Response get(String path) throws InterruptedException {
        return routes.handle(new Request("GET", path, ""));
    }

    /** What stands beside is made for its first request, which may never come. */
    @Test
    void aVerbMeetsNothingElse() throws InterruptedException {
        assertEquals(Response.OK, get("/javisor/v1/machine").status());
        assertEquals(
                404, assertThrows(Fault.class, () -> get("/javisor/v1/nothing")).status());
        assertEquals(List.of(), others);
    }

    @Test
    void theRestIsForTheOther() throws InterruptedException {
        for (String path :
                List.of("/", "/version", "/javisor", "/javisor/v1", "/javisor/v2/machine", "//javisor/v1/machine")) {
            assertEquals(Response.noContent(), get(path));
        }
        assertEquals(
                List.of("/", "/version", "/javisor", "/javisor/v1", "/javisor/v2/machine", "//javisor/v1/machine"),
                others);
    }
}
