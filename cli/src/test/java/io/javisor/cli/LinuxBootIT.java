package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.javisor.testkit.junit.GuestTest;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The default guest by the launcher, as a user starts it: a console session with two CPUs, a reboot, a stop by the power button, in one boot. Makes the guest where it is not cached yet.
 */
@GuestTest
class LinuxBootIT {
    /** Without an echo of what is awaited. */
    private static final String SHOW_RNG = "read -r rng < /sys/class/misc/hw_random/rng_current; echo rng=$rng";

    @Test
    @Timeout(value = 30, unit = TimeUnit.MINUTES)
    void sessionThenRebootThenStop() throws Exception {
        try (MachineHome home = new MachineHome();
                GuestSession session = GuestSession.start(
                        home.environment(), "--name", "web", "--cpus", "2", "--memory", "256M", "--rng", "on")) {
            // The first time the guest is made first.
            session.await("javisor guest ready", GuestSession.FIRST_OUTPUT_SECONDS);
            session.type("echo sum=$((6 * 7))");
            session.await("sum=42", 120);
            session.type("while read -r k v; do case $k in processor) echo cpu${v#: };; esac; done < /proc/cpuinfo");
            session.await("cpu0", 60);
            session.await("cpu1", 60);
            session.type("read -r k v u < /proc/meminfo; [ $v -gt 200000 ] && [ $v -lt 262144 ] && echo memory=fits");
            session.await("memory=fits", 60);
            // Announced by the DSDT; the driver's module has read from it by the time that it is the current one.
            session.type(SHOW_RNG);
            session.await("rng=virtio_rng.0", 60);
            session.type("reboot -f");
            session.await("javisor guest ready", 240);
            session.type(SHOW_RNG);
            session.await("rng=virtio_rng.0", 60);
            home.stop("web");
            assertEquals(0, session.awaitEnd(60));
        }
    }
}
