package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import io.javisor.devices.backend.ConsoleInputFilter;
import io.javisor.devices.virtio.VirtioCounters;
import io.javisor.machine.Console;
import io.javisor.machine.Machine;
import io.javisor.machine.MachineConfig;
import io.javisor.machine.MachineState;
import io.javisor.machine.Outcome;
import io.javisor.machine.RngConfig;
import io.javisor.testkit.junit.GuestTest;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The default guest in this process: its clock, also across a pause, a virtio device that only the DSDT tells of, a reset through ACPI's reset register,
 * and a clean shutdown by the power button. Makes the guest where it is not cached yet.
 */
@GuestTest
class AcpiGuestIT {
    private static final long PAUSE_SECONDS = 60;
    private static final long CLOCK_TOLERANCE_SECONDS = 2;

    /** A machine's console on two pipes. */
    private static final class Guest implements AutoCloseable {
        private final Arena arena = Arena.ofShared();
        private final MemorySegment buffer = arena.allocate(4096);
        private final Fd[] input = pipe();
        private final Fd[] output = pipe();
        private final Transcript transcript;
        private final Thread reader;
        final Machine machine;

        Guest(MachineConfig config) {
            machine = Machine.create(config, new Console(input[0].value(), output[1].value(), ConsoleInputFilter.NONE));
            transcript = new Transcript(() -> machine.state() != MachineState.STOPPED);
            reader = Thread.ofPlatform().daemon().name("guest-console").start(this::read);
        }

        private static Fd[] pipe() {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment fds = arena.allocate(ValueLayout.JAVA_INT, 2);
                int _ = Libc.check("pipe2", Libc.pipe2(fds.address(), HostConstants.O_CLOEXEC));
                return new Fd[] {
                    Fd.own("pipe", fds.getAtIndex(ValueLayout.JAVA_INT, 0)),
                    Fd.own("pipe", fds.getAtIndex(ValueLayout.JAVA_INT, 1))
                };
            }
        }

        private void read() {
            int fd = output[0].value();
            for (long n = Libc.read(fd, buffer.address(), buffer.byteSize());
                    n > 0;
                    n = Libc.read(fd, buffer.address(), buffer.byteSize())) {
                byte[] bytes = buffer.asSlice(0, n).toArray(ValueLayout.JAVA_BYTE);
                transcript.add(bytes, bytes.length);
            }
        }

        void await(String wanted, int seconds) throws InterruptedException {
            transcript.await(wanted, seconds);
        }

        void type(String line) {
            byte[] bytes = (line + "\n").getBytes(StandardCharsets.US_ASCII);
            try (Arena confined = Arena.ofConfined()) {
                MemorySegment segment = confined.allocate(bytes.length);
                MemorySegment.copy(MemorySegment.ofArray(bytes), 0, segment, 0, bytes.length);
                assertEquals(bytes.length, Libc.write(input[1].value(), segment.address(), bytes.length));
            }
        }

        /** The guest's clock, and that it is right: between the host's before asking and after the answer. */
        void assertClockIsRight(String mark) throws InterruptedException {
            long before = Instant.now().getEpochSecond();
            type("echo " + mark + "=$(date +%s).");
            await("\n" + mark + "=", 60);
            String answer = transcript.awaitAndTake(".", 10);
            long guest = Long.parseLong(answer);
            long after = Instant.now().getEpochSecond();
            assertTrue(
                    guest >= before - CLOCK_TOLERANCE_SECONDS && guest <= after + CLOCK_TOLERANCE_SECONDS,
                    () -> mark + ": guest " + guest + ", host " + before + " to " + after);
        }

        @Override
        public void close() {
            machine.close();
            input[0].close();
            input[1].close();
            output[1].close(); // the reader's end of file
            try {
                reader.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            output[0].close();
            arena.close();
        }
    }

    @Test
    @Timeout(value = 30, unit = TimeUnit.MINUTES)
    void clockResetAndPowerButton() throws Exception {
        Path files = GuestSession.defaultGuest();
        // No reboot=k: the guest resets by what the FADT says.
        MachineConfig config = MachineConfig.builder(files.resolve("vmlinuz"))
                .initrd(files.resolve("initramfs.cpio"))
                .memoryBytes(256L << 20)
                .commandLine("console=ttyS0 panic=-1")
                .virtio(List.of(RngConfig.UNLIMITED))
                .build();
        try (Guest guest = new Guest(config)) {
            guest.machine.start();
            guest.await("javisor guest ready", 240);
            guest.assertClockIsRight("running");
            guest.machine.pause();
            TimeUnit.SECONDS.sleep(PAUSE_SECONDS);
            guest.machine.resume();
            guest.assertClockIsRight("resumed");
            guest.type("hwclock -u -r >/dev/null && echo clock=read");
            guest.await("\nclock=read", 60);
            // Announced by the DSDT alone.
            guest.type("read -r rng < /sys/class/misc/hw_random/rng_current; echo rng=$rng");
            guest.await("rng=virtio_rng.0", 60);
            VirtioCounters rng = guest.machine.virtioCounters().get("rng0");
            assertTrue(
                    rng != null && rng.queue(0).completions() > 0 && rng.interrupts() > 0, "the guest has taken bytes");
            assertEquals(0, rng.faults());
            assertEquals(0, rng.slowDoorbells());
            guest.type("reboot -f");
            guest.await("Linux version", 120);
            guest.await("javisor guest ready", 240);
            guest.type("echo shell=$((2 + 3))");
            guest.await("shell=5", 120);
            assertTrue(guest.machine.pressPowerButton(), "the guest listens to its power button");
            guest.await("S5", 120);
            assertEquals(new Outcome.PowerOff(), guest.machine.await(TimeUnit.MINUTES.toMillis(2)));
        }
    }
}
