package io.javisor.cli.chart;

import io.javisor.machine.BootObserver;
import io.javisor.machine.BootStep;
import io.javisor.machine.config.ConfigException;
import io.javisor.machine.config.MachineConfig;
import io.javisor.machine.config.MemorySize;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;

/**
 * A boot's chart, from the first look to the file. {@link #close} writes it, whatever became of the boot. The methods may be called
 * from any thread.
 */
public final class BootChart implements AutoCloseable {
    private final Path file;
    private final FileChannel channel;
    private final boolean regular;
    private final long mainNanos;
    private final long launcherNanos;
    private final PrintWriter err;
    private final BootRecorder recorder = new BootRecorder(System::nanoTime);
    private String machine = ""; // guarded by this, as all below
    private String engine = "";
    private long configuredNanos;
    private boolean written;

    private BootChart(Path file, FileChannel channel, boolean regular, long mainNanos, PrintWriter err) {
        this.file = file;
        this.channel = channel;
        this.regular = regular;
        this.mainNanos = mainNanos;
        this.launcherNanos = ProcessStart.launcherNanos(mainNanos);
        this.err = err;
    }

    /**
     * Opens the file, so that a boot does not end with a chart that can't be written.
     *
     * @param mainNanos when {@code main} began, of {@link System#nanoTime}
     * @param err for the line that says why it could not be written after all
     * @throws ConfigException if the file can't be written
     */
    public static BootChart open(Path file, long mainNanos, PrintWriter err) {
        if (Files.isDirectory(file)) {
            throw new ConfigException("boot chart " + file + " is a directory; give a file in it");
        }
        try {
            // What was there before stays until the new chart is written.
            FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            return new BootChart(file, channel, Files.isRegularFile(file), mainNanos, err);
        } catch (NoSuchFileException e) {
            throw new ConfigException("boot chart " + file + " can't be made: its directory does not exist", e);
        } catch (AccessDeniedException e) {
            throw new ConfigException("boot chart " + file + " can't be written: permission denied", e);
        } catch (IOException e) {
            throw new ConfigException("boot chart " + file + " can't be written: " + e.getMessage(), e);
        }
    }

    /** What watches the machine. */
    public BootObserver observer() {
        return recorder;
    }

    /** The configuration is there; the machine is made next. */
    public synchronized void configured(MachineConfig config) {
        configuredNanos = System.nanoTime();
        machine = config.name() + ": " + config.kernel().getFileName() + ", " + config.cpus()
                + (config.cpus() == 1 ? " CPU, " : " CPUs, ") + MemorySize.format(config.memoryBytes()) + " ("
                + config.memoryBacking() + "), CPU template "
                + config.cpu().effectiveTemplate().templateName();
    }

    /** The machine has ended, which ran by that engine: writes the chart. */
    public synchronized void ended(String engineName) {
        engine = ", by the " + engineName + " engine";
        close();
    }

    /** Writes the chart. Does nothing the second time. A failure is a line on standard error, no exception. */
    @Override
    public synchronized void close() {
        if (written) {
            return;
        }
        written = true;
        long now = System.nanoTime();
        try (channel) {
            ByteBuffer bytes = ByteBuffer.wrap(draw(now).getBytes(StandardCharsets.UTF_8));
            if (regular) {
                FileChannel _ = channel.truncate(0);
            }
            while (bytes.hasRemaining()) {
                int _ = channel.write(bytes);
            }
        } catch (IOException e) {
            err.println("javisor: boot chart " + file + " could not be written: " + e.getMessage());
            err.flush();
        }
    }

    private String draw(long nowNanos) {
        Map<BootStep, Long> steps = recorder.steps();
        return BootSvg.draw(
                machine + engine,
                BootTimeline.of(new BootTrace(
                        launcherNanos,
                        ProcessStart.jvmNanos(),
                        mainNanos,
                        configuredNanos,
                        steps,
                        recorder.lines(),
                        recorder.lost(),
                        steps.getOrDefault(BootStep.LIFE_ENDED, nowNanos))));
    }
}
