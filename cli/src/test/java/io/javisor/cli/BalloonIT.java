package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.api.http.ControlClient;
import io.javisor.api.metrics.ProcessUsage;
import io.javisor.manager.registry.MachineEntry;
import io.javisor.testkit.Await;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The default guest's driver gives memory back, by reports of what is free and by the balloon; the host has it then. */
class BalloonIT {
    private static final long MIB = 1 << 20;

    @Test
    @Timeout(value = 20, unit = TimeUnit.MINUTES)
    void whatTheGuestDoesNotUseIsTheHosts() throws Exception {
        try (MachineHome home = new MachineHome();
                GuestSession session = GuestSession.start(
                        home.environment(), "--name", "web", "--memory", "384M", "--balloon", "on,stats=1")) {
            session.await("javisor guest ready", GuestSession.FIRST_OUTPUT_SECONDS);
            MachineEntry web = home.registry.find("web");
            session.type("dd if=/dev/zero of=/run/file bs=1M count=160 && echo is=$((6 * 7))");
            session.await("is=42", 120);
            long full = resident(web);
            session.type("rm /run/file");
            Await.until("free memory is reported", () -> full - resident(web) >= 120 * MIB);
            assertTrue(counted(web, "reported_bytes") >= 120 * MIB);

            session.type("dd if=/dev/zero of=/run/file bs=1M count=32; cat /run/file | sha256sum");
            session.await("83ee47245398adee79bd9c0a8bc57b821e92aba10f5f9ade8a5d1fae4d8c4302", 120); // 32 MiB of zeros
            session.type("rm /run/file");

            assertEquals("", home.succeed("resize", "web", "balloon", "200M"));
            Await.until("the balloon is full", () -> told(web, "actual_mib") == 200);
            assertEquals(200 * MIB, inBalloon(web));
            assertTrue(home.succeed("stats", "web").contains("384 MiB - 200 MiB"));
            Await.until("the guest tells of its memory", () -> told(web, "total_memory") > 0);
            session.type("while read -r k v u; do [ $k = MemFree: ] && [ $v -lt 200000 ] && echo memory=smaller;"
                    + " done < /proc/meminfo");
            session.await("memory=smaller", 60);
            JsonNode _ = ask(web, "PATCH", "/balloon", "{\"amount_mib\":0}");
            Await.until("the balloon is empty", () -> inBalloon(web) == 0);
            home.stop("web");
            assertEquals(0, session.awaitEnd(GuestSession.SHUTDOWN_SECONDS));
        }
    }

    private static long inBalloon(MachineEntry machine) {
        return ask(machine, "GET", "/javisor/v1/machine", null)
                .path("balloon")
                .path("actualBytes")
                .asLong();
    }

    private static long told(MachineEntry machine, String figure) {
        return ask(machine, "GET", "/balloon/statistics", null).path(figure).asLong();
    }

    private static long resident(MachineEntry machine) {
        return ProcessUsage.of(ask(machine, "GET", "/javisor/v1/machine", null)
                        .path("pid")
                        .asLong())
                .residentBytes();
    }

    private static long counted(MachineEntry machine, String counter) {
        for (JsonNode device :
                ask(machine, "GET", "/javisor/v1/statistics", null).path("devices")) {
            if (device.path("kind").asString("").equals("balloon")) {
                return device.path("counters").path(counter).asLong();
            }
        }
        return -1;
    }

    private static JsonNode ask(MachineEntry machine, String method, String path, @Nullable String body) {
        try {
            return JsonMapper.shared()
                    .readTree(ControlClient.send(machine.controlSocket(), method, path, body, Duration.ofSeconds(30))
                            .body());
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
