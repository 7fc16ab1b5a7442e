package io.javisor.benchmarks.boot;

import io.javisor.machine.BootStep;
import io.javisor.machine.Machine;
import io.javisor.machine.config.MachineConfig;
import io.javisor.machine.config.SerialSink;
import io.javisor.machine.host.Console;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Boots a guest once, and tells where the time went: as a picture and as text. {@code benchmarks/boot-chart} starts it with the flags and the cache
 * of javisor itself.
 */
public final class BootChart {
    /** What a guest's kernel is told: to print all that it has to say. */
    private static final String COMMAND_LINE = "console=ttyS0 reboot=k panic=-1 cryptomgr.notests";

    private static final Duration TIMEOUT = Duration.ofMinutes(10);
    private static final long LOOK_MILLIS = 200;

    private BootChart() {}

    /** The picture's file, the kernel, and perhaps an initrd. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        long mainNanos = System.nanoTime();
        Path picture = Path.of(arguments[0]);
        MachineConfig config = MachineConfig.builder(Path.of(arguments[1]))
                .initrd(arguments.length > 2 ? Path.of(arguments[2]) : null)
                .commandLine(COMMAND_LINE)
                .serial(List.of(new SerialSink.Null()))
                .build();
        draw(config, mainNanos, TIMEOUT, picture, System.out);
    }

    /**
     * Boots {@code config}'s machine, until its guest is ready or gone, or the time is over.
     *
     * @param mainNanos when {@code main} began, of {@link System#nanoTime}
     * @param picture is written as SVG
     * @param text gets the phases and the console's longest silences, a line each
     */
    static void draw(MachineConfig config, long mainNanos, Duration timeout, Path picture, PrintStream text)
            throws IOException, InterruptedException {
        BootRecorder recorder = new BootRecorder(System::nanoTime);
        long configuredNanos = System.nanoTime();
        long deadline = configuredNanos + timeout.toNanos();
        String engine;
        BootTimeline boot;
        try (Machine machine = Machine.create(config, Console.standard(), recorder)) {
            engine = machine.engine();
            machine.start();
            do {
                boolean ended = machine.await(LOOK_MILLIS) != null;
                boot = BootTimeline.of(trace(recorder, mainNanos, configuredNanos));
                if (ended) {
                    break;
                }
            } while (!boot.ready() && System.nanoTime() < deadline);
        }
        String title = "Boot by javisor, " + engine + ": " + (boot.ready() ? "ready after " : "not ready, ended after ")
                + millis(boot.endNanos());
        text.println(title);
        boot.phases().forEach(phase -> text.printf("%10s  %s%n", millis(phase.nanos()), phase.label()));
        boot.silences()
                .forEach(silence -> text.printf(
                        "%10s  nothing between \"%s\" and \"%s\"%n",
                        millis(silence.nanos()), silence.after(), silence.before()));
        Files.write(picture, BootPicture.svg(title, boot));
    }

    private static BootTrace trace(BootRecorder recorder, long mainNanos, long configuredNanos) {
        long now = System.nanoTime();
        Map<BootStep, Long> steps = recorder.steps();
        return new BootTrace(
                now
                        - TimeUnit.MILLISECONDS.toNanos(
                                ManagementFactory.getRuntimeMXBean().getUptime()),
                mainNanos,
                configuredNanos,
                steps,
                recorder.lines(),
                recorder.lost(),
                steps.getOrDefault(BootStep.LIFE_ENDED, now));
    }

    private static String millis(long nanos) {
        return "%.1f ms".formatted(nanos / 1e6);
    }
}
