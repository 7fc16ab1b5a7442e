package io.javisor.manager.live;

import io.javisor.api.Request;
import io.javisor.api.Response;
import io.javisor.api.Routes;
import io.javisor.api.control.MachineControl;
import io.javisor.api.control.RootRoutes;
import io.javisor.api.firecracker.FirecrackerRoutes;
import io.javisor.api.firecracker.MicroVm;
import io.javisor.api.http.ControlServer;
import io.javisor.core.host.HostConstants;
import io.javisor.core.log.LogLimit;
import io.javisor.machine.Lifecycle;
import io.javisor.machine.Machine;
import io.javisor.machine.config.ConfigException;
import io.javisor.machine.config.MachineConfig;
import io.javisor.machine.config.SerialSink;
import io.javisor.manager.registry.MachineEntry;
import io.javisor.manager.registry.MachineEvent;
import io.javisor.manager.registry.MachineHold;
import io.javisor.manager.registry.MachinePhase;
import io.javisor.manager.registry.MachineStatus;
import io.javisor.manager.registry.Registry;
import io.javisor.manager.registry.RestartPolicy;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A machine of the registry that runs in this process: its ports get sockets that others join, its state is written down as it changes, and its
 * control socket is answered. Any thread.
 */
public final class LiveMachine implements MachineControl, AutoCloseable {
    private static final int SIGNAL = 128; // as a shell has it
    private static final Logger LOG = LoggerFactory.getLogger(LiveMachine.class);

    /** What runs for so long did start: restarts are counted anew. */
    private static final long STEADY_MILLIS = 10_000;

    private final Registry registry;
    private final MachineHold hold;
    private final boolean keptWhenLeft;
    private final String name;
    private final LogLimit failureLines = new LogLimit();
    private volatile @Nullable Machine machine;
    private volatile @Nullable LiveContainer container;
    private volatile @Nullable Instant startedAt;
    private @Nullable ControlServer control;
    private @Nullable Answering answering; // guarded by this
    private volatile boolean hasRun;

    private LiveMachine(Registry registry, MachineHold hold, boolean keptWhenLeft) {
        this.registry = registry;
        this.hold = hold;
        this.keptWhenLeft = keptWhenLeft;
        this.name = hold.entry().name();
    }

    /**
     * Of a machine that nobody else runs.
     *
     * @throws ConfigException if somebody does
     */
    public static LiveMachine of(Registry registry, MachineEntry entry) {
        return of(registry, entry, false);
    }

    /** As above, of a machine that may be {@link #detached}, and whether it is kept then, whatever was to be done at its end. */
    public static LiveMachine of(Registry registry, MachineEntry entry, boolean keptWhenLeft) {
        MachineHold hold = entry.tryHold();
        if (hold == null) {
            throw new ConfigException(entry.kind() + " '" + entry.name() + "' runs already");
        }
        return new LiveMachine(registry, hold, keptWhenLeft);
    }

    /**
     * This process begins to prepare it.
     *
     * @throws ConfigException if there is no place for its state or its sockets
     */
    public void starting() {
        registry.tellLostEnd(hold);
        hold.starting();
        registry.prepareRuntime(entry());
    }

    /**
     * Whether it is to be started again now that it has ended; if so that is written down, and its supervisor answers for it until the
     * next process does.
     */
    public boolean restartsAfterEnd() {
        MachineStatus last = hold.written();
        boolean again = !last.endAsked() && entry().about().restart().restarts(last.exitStatus() != 0, last.restarts());
        if (again) {
            hold.restarting(last.restarts() + 1);
        }
        return again;
    }

    /**
     * After another process of it: writes down how it ended, unless that process did, and says whether the machine is to be started again.
     *
     * @param status what that process ended with, as a shell has it: 128+n for signal n
     */
    public boolean goesOnAfter(int status) {
        MachineStatus last = hold.written();
        if (status == SIGNAL + HostConstants.SIGTERM) {
            // Its user's wish, at a moment when nobody could write it down.
            if (last.phase().isLive()) {
                endedBySignal(HostConstants.SIGTERM);
            }
            return false;
        }
        if (last.phase() == MachinePhase.RESTARTING) {
            return true;
        }
        if (last.phase().isLive()) {
            ended(
                    status,
                    status > SIGNAL
                            ? "its process was ended by signal " + (status - SIGNAL)
                            : "its process ended with status " + status);
        }
        return restartsAfterEnd();
    }

    /**
     * How long this process is to wait before it starts it, which is written down unless that is no time.
     *
     * @return milliseconds
     */
    public long awaitsRestart() {
        long delayMillis = RestartPolicy.delayMillis(hold.written().restarts());
        if (delayMillis > 0) {
            hold.phase(MachinePhase.RESTARTING);
        }
        return delayMillis;
    }

    /** A signal to this process has ended it, which is its user's wish. */
    public void endedBySignal(int signal) {
        hold.endAsked();
        ended(SIGNAL + signal, "ended by signal " + signal);
    }

    public MachineEntry entry() {
        return hold.entry();
    }

    /** What was last written down of it, perhaps by a process that has gone. */
    public MachineStatus written() {
        return hold.written();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public @Nullable Machine machine() {
        return machine;
    }

    @Override
    public @Nullable Instant startedAt() {
        return startedAt;
    }

    /**
     * The configuration with the machine's name, and its serial ports with sockets to join, COM1 with a log too.
     *
     * @param onStdio whether this process's standard input and output are for the machine; else a port that would be on them has the others only
     */
    public MachineConfig configure(MachineConfig config, boolean onStdio) {
        List<SerialSink> ports = new ArrayList<>();
        for (int i = 0; i < config.serial().size(); i++) {
            List<SerialSink> ends = new ArrayList<>();
            switch (config.serial().get(i)) {
                case SerialSink.Stdio stdio -> {
                    if (onStdio) {
                        ends.add(stdio);
                    }
                }
                case SerialSink.Null _ -> {}
                case SerialSink sink -> ends.addAll(sink.each());
            }
            if (i == 0) {
                ends.add(new SerialSink.Log(entry().consoleLog()));
            }
            ends.add(new SerialSink.Socket(entry().consoleSocket("com" + (i + 1))));
            ports.add(new SerialSink.Shared(ends));
        }
        return config.toBuilder().name(name).serial(ports).build();
    }

    /** The machine is built and about to start. */
    public void attach(Machine built) {
        machine = built;
        built.onStateChange(this::entered);
    }

    /** As {@link #attach(Machine)}, of the machine of a container, which does not run before {@link #containerRuns}. */
    public void attach(Machine built, LiveContainer in) {
        container = in;
        attach(built);
    }

    /** The first process of its container runs. */
    public void containerRuns() {
        told(this::begun);
    }

    /**
     * Opens its control socket. When the guest runs already, for the JDK's first socket takes longer than all else that is done here.
     *
     * @throws ConfigException if it can't be had
     */
    public void listen() {
        Machine built = Objects.requireNonNull(machine);
        LiveContainer in = container;
        control = ControlServer.open(
                entry().controlSocket(),
                name,
                new RootRoutes(this, in == null ? null : in.routes(), new SideDoor(built)));
    }

    /** Removes what killed commands left behind of other machines. */
    public void sweep() {
        try {
            registry.sweep();
        } catch (ConfigException e) {
            failureLines.warn(LOG, "{}: {}", name, e.getMessage());
        }
    }

    /** Firecracker's API, which is loaded for the first request that is no verb of ours: most machines never see one. */
    private final class SideDoor implements Routes {
        private final Machine built;

        SideDoor(Machine built) {
            this.built = built;
        }

        @Override
        public Response handle(Request request) throws InterruptedException {
            return firecracker(built).routes.handle(request);
        }
    }

    private synchronized Answering firecracker(Machine built) {
        Answering present = answering;
        if (present == null) {
            String version = LiveMachine.class.getPackage().getImplementationVersion();
            MicroVm vm = MicroVm.of(this, built, version == null ? "unpackaged" : version);
            present = new Answering(vm, new FirecrackerRoutes(vm));
            answering = present;
        }
        return present;
    }

    private record Answering(MicroVm vm, FirecrackerRoutes routes) {}

    private void entered(Lifecycle state) {
        switch (state) {
            case RUNNING -> {
                LiveContainer in = container;
                if (hasRun) {
                    told(() -> changed(MachinePhase.RUNNING, MachineEvent.RESUME));
                    if (in != null) {
                        in.resumed();
                    }
                } else if (in == null) {
                    told(this::begun);
                }
            }
            case PAUSED -> {
                if (hasRun) {
                    told(() -> changed(MachinePhase.PAUSED, MachineEvent.PAUSE));
                }
            }
            case CREATED, STOPPED -> {}
        }
    }

    /** Where it was removed by hand, or the names can't be read, the machine goes on. */
    private void told(Runnable change) {
        try {
            change.run();
        } catch (RuntimeException e) {
            failureLines.warn(LOG, "{}: {}", name, e.getMessage());
        }
    }

    private void begun() {
        hasRun = true;
        startedAt = Instant.now();
        hold.running(System.currentTimeMillis(), Objects.requireNonNull(machine).engine());
        if (entry().isFresh()) {
            registry.events().add(entry(), MachineEvent.CREATE, "");
        }
        registry.events().add(entry(), MachineEvent.START, "");
    }

    private void changed(MachinePhase phase, MachineEvent event) {
        hold.phase(phase);
        tell(event, "");
    }

    /** Under its present name. */
    private void tell(MachineEvent event, String detail) {
        registry.events().add(registry.findById(entry().id()), event, detail);
    }

    @Override
    public void stop(Machine running) {
        hold.endAsked();
        LiveContainer in = container;
        if (in == null) {
            running.powerOff();
        } else {
            in.kill();
        }
    }

    @Override
    public void signal(int number) throws InterruptedException {
        LiveContainer in = container;
        if (in == null) {
            MachineControl.super.signal(number);
            return;
        }
        in.signal(number);
        if (number == HostConstants.SIGKILL || number == in.stopSignal()) {
            hold.endAsked();
        }
    }

    @Override
    public int askToEnd() throws InterruptedException {
        LiveContainer in = container;
        if (in == null) {
            return MachineControl.super.askToEnd();
        }
        hold.endAsked();
        if (!in.hasExited()) {
            in.signal(in.stopSignal());
        }
        return in.stopTimeoutSeconds();
    }

    @Override
    public boolean pressPowerButton(Machine running) {
        hold.endAsked();
        return running.pressPowerButton();
    }

    /** It goes on without its starter's terminal. */
    public void detached() {
        if (keptWhenLeft) {
            hold.keep();
        }
        tell(MachineEvent.DETACH, "");
    }

    /** The guest's kernel has killed a process of its container for want of memory. To be told before {@link #ended}. */
    public void outOfMemory() {
        hold.outOfMemory();
    }

    /** It has ended, with the status that {@code run} ends with. */
    public void ended(int exitStatus, String reason) {
        told(() -> {
            Instant started = startedAt;
            long now = System.currentTimeMillis();
            boolean steady = started != null && now - started.toEpochMilli() >= STEADY_MILLIS;
            hold.ended(now, exitStatus, reason, steady);
            tell(MachineEvent.END, "status " + exitStatus + ": " + reason);
        });
    }

    /** Ends the control socket and lets go of the machine. Nothing is kept of one that is to be removed at its end. Idempotent. */
    @Override
    public void close() {
        endAnswers();
        hold.close();
    }

    private void endAnswers() {
        ControlServer server = control;
        control = null;
        if (server != null) {
            server.close();
        }
        Answering last;
        synchronized (this) {
            last = answering;
            answering = null;
        }
        if (last != null) {
            last.vm.close();
        }
    }

    /** Removes it and all that is kept of it, and {@link #close}s. Of one that this process made and that never ran no event tells. */
    public void remove() {
        endAnswers();
        registry.remove(hold, !entry().isFresh() || hasRun);
        hold.close();
    }
}
