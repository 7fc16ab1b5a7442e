package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.machine.config.Accel;
import io.javisor.machine.host.EngineChoice;
import io.javisor.manager.live.Control;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/**
 * The default guest by the launcher, as a user starts it, with two CPUs: a console session, its clocks, also across a pause, a virtio device that only
 * the DSDT tells of, what javisor counts and draws of it, a reset through ACPI's reset register, and a stop by the power button. All in
 * one run, for a boot is what costs. Makes the guest where it is not cached yet.
 */
class LinuxBootIT {
    /** Without an echo of what is awaited. */
    private static final String SHOW_RNG = "read -r rng < /sys/class/misc/hw_random/rng_current; echo rng=$rng";

    /** Longer than a kernel's watchdog has patience with a CPU that does nothing. */
    private static final long PAUSE_SECONDS = 25;

    private static final long CLOCK_TOLERANCE_SECONDS = 2;

    @Test
    @Timeout(value = 30, unit = TimeUnit.MINUTES)
    void sessionThenResetThenStop() throws Exception {
        try (MachineHome home = new MachineHome();
                GuestSession session = GuestSession.start(
                        home.environment(),
                        "--name",
                        "web",
                        "--cpus",
                        "2",
                        "--memory",
                        "256M",
                        "--rng",
                        "on",
                        // No reboot=k: the guest resets by what the FADT says. Not quiet:
                        // the second boot is seen by its first line.
                        "--cmdline",
                        "console=ttyS0 panic=-1 cryptomgr.notests")) {
            // The first time the guest is made first.
            session.await("javisor guest ready", GuestSession.FIRST_OUTPUT_SECONDS);
            assertProcessorsAndMemory(session);
            assertInterrupts(session);
            assertClocks(home, session);
            assertRandomNumbers(home, session);

            session.type("reboot -f");
            session.await("Linux version", GuestSession.BOOT_SECONDS);
            session.await("javisor guest ready", GuestSession.BOOT_SECONDS);
            session.type(SHOW_RNG);
            session.await("rng=virtio_rng.0", 60);
            home.stop("web");
            assertEquals(0, session.awaitEnd(60));
        }
    }

    private static void assertProcessorsAndMemory(GuestSession session) throws Exception {
        session.type("echo sum=$((6 * 7))");
        session.await("sum=42", 120);
        session.type("while read -r k v; do case $k in processor) echo cpu${v#: };; esac; done < /proc/cpuinfo");
        session.await("cpu0", 60);
        session.await("cpu1", 60);
        session.type("read -r k v u < /proc/meminfo; [ $v -gt 200000 ] && [ $v -lt 262144 ] && echo memory=fits");
        session.await("memory=fits", 60);
    }

    /** Ctrl-C ends what runs in the foreground: neither INT nor QUIT is ignored. */
    private static void assertInterrupts(GuestSession session) throws Exception {
        session.type("grep SigIgn /proc/self/status");
        session.await("SigIgn:\t0000000000000000", 60);
    }

    private static void assertClocks(MachineHome home, GuestSession session) throws Exception {
        assertClock(session, "running", 0, 0);
        long before = System.nanoTime();
        assertEquals("web\n", home.succeed("pause", "web"));
        TimeUnit.SECONDS.sleep(PAUSE_SECONDS);
        assertEquals("web\n", home.succeed("resume", "web"));
        long most = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - before);
        // KVM's clock goes on meanwhile, the software engine's stands.
        boolean stands = "software".equals(EngineChoice.of(Accel.AUTO).engine());
        assertClock(session, "resumed", stands ? PAUSE_SECONDS : 0, stands ? most : 0);
        session.type("hwclock -u -r >/dev/null && echo clo'ck'=read");
        session.await("clock=read", 60);
    }

    /** The guest's clock is behind the host's by that many seconds: by the host's before it is asked and after the answer. */
    private static void assertClock(GuestSession session, String mark, long least, long most) throws Exception {
        long before = Instant.now().getEpochSecond();
        session.type("echo " + mark + "=$(date +%s).");
        session.await("\n" + mark + "=", 60);
        long guest = Long.parseLong(session.awaitAndTake(".", 10));
        long after = Instant.now().getEpochSecond();
        assertTrue(
                guest >= before - most - CLOCK_TOLERANCE_SECONDS && guest <= after - least + CLOCK_TOLERANCE_SECONDS,
                () -> mark + ": guest " + guest + ", host " + before + " to " + after + ", less " + least + " to "
                        + most);
    }

    /** Announced by the DSDT alone; the driver's module has read from it by the time that it is the current one. */
    private static void assertRandomNumbers(MachineHome home, GuestSession session) throws Exception {
        session.type(SHOW_RNG);
        session.await("rng=virtio_rng.0", 60);
        JsonNode devices = Control.ask(home.registry.find("web"), "GET", "statistics", null)
                .path("devices");
        JsonNode rng = devices.valueStream()
                .filter(device -> device.path("id").asString().equals("rng0"))
                .findFirst()
                .orElseThrow(() -> new AssertionError(devices.toString()));
        assertTrue(rng.path("queues").path(0).path("completions").asInt() > 0, devices::toString);
        assertTrue(rng.path("counters").path("interrupts").asInt() > 0, devices::toString);
        assertEquals(0, rng.path("counters").path("slow_doorbells").asInt(-1), devices::toString);
        rng.path("counters").forEachEntry((name, value) -> {
            if (name.startsWith("fault_")) {
                assertEquals(0, value.asInt(), devices::toString);
            }
        });
    }
}
