package io.javisor.api.firecracker;

import io.javisor.api.Fault;
import io.javisor.api.Response;
import io.javisor.api.control.MachineControl;
import io.javisor.core.event.Periodic;
import io.javisor.core.host.HostException;
import io.javisor.images.ImageException;
import io.javisor.machine.Lifecycle;
import io.javisor.machine.Machine;
import io.javisor.machine.config.Accel;
import io.javisor.machine.config.ConfigException;
import io.javisor.machine.config.MachineConfig;
import io.javisor.machine.host.Console;
import io.javisor.machine.wiring.BalloonView;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * A machine as Firecracker's API sees it: described bit by bit, then started, once. It does not start again when its guest resets. The description is
 * for one thread, that of {@link FirecrackerRoutes}; all else for any.
 */
public final class MicroVm implements MachineControl, AutoCloseable {
    private static final Duration METRICS_PERIOD = Duration.ofMinutes(1); // as Firecracker's

    private final String id;
    private final String version;
    private final Console console;
    private final Accel accel;
    private final VmResources resources;
    private final @Nullable MachineControl owner; // of a machine that was made otherwise
    private final ApiLog log;
    private final CountDownLatch started = new CountDownLatch(1);
    private final Object closing = new Object(); // taken before lock
    private final Object lock = new Object();
    private volatile @Nullable Machine machine; // written under lock
    private volatile @Nullable Instant startedAt;
    private boolean closed; // guarded by lock
    private @Nullable FirecrackerMetrics metrics; // guarded by lock
    private @Nullable Periodic flushes; // guarded by lock

    /**
     * One that is nothing yet.
     *
     * @param id a machine's name
     * @param version javisor's
     * @param console what its serial port is on
     * @throws ConfigException if {@code id} can't be a machine's name
     */
    public MicroVm(String id, String version, Console console) {
        this(id, version, console, Accel.AUTO);
    }

    /** As the other constructor, by an engine of choice, for which Firecracker's API has no word. */
    public MicroVm(String id, String version, Console console, Accel accel) {
        MachineConfig.requireName(id);
        this.accel = accel;
        this.id = id;
        this.version = version;
        this.console = console;
        resources = new VmResources();
        owner = null;
        log = new ApiLog(id);
    }

    private MicroVm(MachineControl owner, Machine running, String version) {
        id = owner.name();
        this.version = version;
        console = Console.standard(); // used by nobody any more
        accel = running.plan().config().accel();
        resources = VmResources.of(running.plan());
        this.owner = owner;
        log = new ApiLog(id);
        machine = running;
        startedAt = owner.startedAt();
        started.countDown();
    }

    /**
     * One that was started otherwise.
     *
     * @param running the machine of {@code owner}; closing this object closes it
     */
    public static MicroVm of(MachineControl owner, Machine running, String version) {
        return new MicroVm(owner, running, version);
    }

    @Override
    public String name() {
        return id;
    }

    String version() {
        return version;
    }

    @Override
    public @Nullable Machine machine() {
        return machine;
    }

    @Override
    public @Nullable Instant startedAt() {
        return startedAt;
    }

    @Override
    public boolean pressPowerButton(Machine running) {
        return owner == null ? running.pressPowerButton() : owner.pressPowerButton(running);
    }

    VmResources resources() {
        return resources;
    }

    ApiLog log() {
        return log;
    }

    /** Firecracker's word for the state. */
    String state() {
        Machine present = machine;
        if (present == null) {
            return "Not started";
        }
        return switch (present.state()) {
            case CREATED, STOPPED -> "Not started";
            case RUNNING -> "Running";
            case PAUSED -> "Paused";
        };
    }

    /**
     * Builds the machine and lets it run.
     *
     * @throws Fault with status 400 if it was started before, or can't be as it was described; that can be mended then
     */
    void start() {
        synchronized (lock) {
            requireNotStarted("InstanceStart");
            if (closed) {
                throw Fault.badRequest("the process ends");
            }
            Machine built = null;
            try {
                built = Machine.create(
                        resources.toConfig(id).toBuilder().accel(accel).build(), console);
                built.start();
            } catch (ConfigException | ImageException | HostException e) {
                if (built != null) {
                    built.close();
                }
                throw new Fault(Response.BAD_REQUEST, "the microVM can't be started: " + e.getMessage(), e);
            }
            startedAt = Instant.now();
            machine = built;
        }
        started.countDown();
        log.log(ApiLog.Level.INFO, "the microVM runs");
    }

    /** Waits until it is started; null if it was closed before that. */
    public @Nullable Machine awaitStart() throws InterruptedException {
        started.await();
        return machine;
    }

    void requireNotStarted(String what) {
        if (machine != null) {
            throw Fault.badRequest(what + " is not supported after the microVM has been started");
        }
    }

    Machine requireStarted(String what) {
        Machine present = machine;
        if (present == null) {
            throw Fault.badRequest(what + " is not supported before the microVM is started");
        }
        if (present.state() == Lifecycle.STOPPED) {
            throw Fault.badRequest("the microVM has ended");
        }
        return present;
    }

    void pause() throws InterruptedException {
        Machine present = requireStarted("pausing");
        if (present.state() != Lifecycle.PAUSED) {
            change(present, present::pause);
        }
    }

    void resume() throws InterruptedException {
        Machine present = requireStarted("resuming");
        if (present.state() != Lifecycle.RUNNING) {
            change(present, present::resume);
        }
    }

    private interface Change {
        void apply() throws InterruptedException;
    }

    private static void change(Machine present, Change change) throws InterruptedException {
        try {
            change.apply();
        } catch (IllegalStateException e) {
            if (present.state() == Lifecycle.STOPPED) {
                throw new Fault(Response.BAD_REQUEST, "the microVM has ended", e);
            }
            throw e;
        } catch (HostException e) {
            throw new Fault(
                    Response.INTERNAL_ERROR,
                    "the microVM " + (present.state() == Lifecycle.PAUSED ? "stays paused: " : "runs on: ")
                            + e.getMessage(),
                    e);
        }
    }

    void sendCtrlAltDel() {
        Machine present = requireStarted("SendCtrlAltDel");
        if (!pressPowerButton(present) && !present.plan().config().tables().acpi()) {
            throw Fault.badRequest("SendCtrlAltDel is not supported with acpi=off by this kernel: there is no keyboard,"
                    + " and it does not listen to the power button in its place");
        }
    }

    /**
     * Takes over the size that a drive's file has got. Another file is refused.
     *
     * @param path the drive's own, which must lead to its file; null to ask nothing of what is there
     */
    void patchDrive(String driveId, @Nullable String path) throws InterruptedException {
        Machine present = requireStarted("PATCH /drives");
        for (Drive drive : resources.drives()) {
            if (drive.id().equals(driveId)) {
                if (path != null && !BootSource.path("path_on_host", path).equals(drive.path())) {
                    throw Fault.badRequest(
                            "another \"path_on_host\" is not supported: a drive keeps its file while it runs");
                }
                remeasure(present, resources.deviceOfDrive(driveId), path != null);
                return;
            }
        }
        throw Fault.badRequest("there is no drive " + driveId);
    }

    private static void remeasure(Machine present, String disk, boolean atItsPath) throws InterruptedException {
        try {
            present.disks().remeasure(disk, atItsPath);
        } catch (ConfigException | HostException e) {
            throw new Fault(Response.BAD_REQUEST, String.valueOf(e.getMessage()), e);
        }
    }

    /** Asks the guest for so much of its memory. */
    void patchBalloon(long mib) throws InterruptedException {
        Machine present = requireStarted("PATCH /balloon");
        Balloon balloon = resources.requireBalloon();
        changeBalloon(() -> present.balloon().setSize(mib << 20));
        resources.changeBalloon(balloon.withAmount(mib));
    }

    /** Has the guest tell of its memory so often. */
    void patchBalloonStatistics(int seconds) throws InterruptedException {
        Machine present = requireStarted("PATCH /balloon/statistics");
        Balloon balloon = resources.requireBalloon();
        if ((seconds == 0) != (balloon.pollingSeconds() == 0)) {
            throw Fault.badRequest("the balloon's statistics can't be switched on or off once the microVM is started");
        }
        if (seconds > 0) {
            changeBalloon(() -> present.balloon().setStatistics(seconds));
        }
        resources.changeBalloon(balloon.withPolling(seconds));
    }

    private static void changeBalloon(Change change) throws InterruptedException {
        try {
            change.apply();
        } catch (ConfigException e) {
            throw new Fault(Response.BAD_REQUEST, String.valueOf(e.getMessage()), e);
        }
    }

    /** What the guest has told of its memory. */
    BalloonView balloonStatistics() {
        Machine present = requireStarted("GET /balloon/statistics");
        if (resources.requireBalloon().pollingSeconds() == 0) {
            throw Fault.badRequest("the balloon has no statistics: \"stats_polling_interval_s\" is 0");
        }
        BalloonView view = present.balloon().view();
        if (view == null) {
            throw Fault.badRequest("the microVM has ended");
        }
        return view;
    }

    /** Writes metrics from now on. Once. */
    void openMetrics(String path, ApiCounters counters) {
        synchronized (lock) {
            if (closed) {
                throw Fault.badRequest("the process ends");
            }
            if (metrics != null) {
                throw Fault.badRequest("the metrics' file is set already");
            }
            metrics = new FirecrackerMetrics(ClientLineFile.open("metrics_path", path), path, counters);
            flushes = new Periodic("metrics", METRICS_PERIOD, this::flushUnlessClosed);
        }
    }

    private void flushUnlessClosed() {
        synchronized (lock) {
            if (metrics != null && !closed) {
                metrics.flush(this);
            }
        }
    }

    @Nullable
    String metricsPath() {
        synchronized (lock) {
            return metrics == null ? null : metrics.path();
        }
    }

    /** Writes a line of metrics. */
    void flushMetrics() {
        synchronized (lock) {
            if (metrics == null || closed) {
                throw Fault.badRequest("there is nowhere to flush the metrics to: PUT /metrics first");
            }
            metrics.flush(this);
        }
    }

    /** Ends the machine, flushes the metrics for the last time and closes all files. A second call waits for the first, and does nothing. */
    @Override
    public void close() {
        synchronized (closing) {
            Machine present;
            synchronized (lock) {
                if (closed) {
                    return;
                }
                closed = true;
                present = machine;
            }
            started.countDown();
            if (present != null) {
                present.close();
            }
            synchronized (lock) {
                if (metrics != null) {
                    metrics.flush(this);
                    metrics.close();
                }
                if (flushes != null) {
                    flushes.close();
                }
            }
            log.log(ApiLog.Level.INFO, "the microVM has ended");
            log.close();
        }
    }
}
