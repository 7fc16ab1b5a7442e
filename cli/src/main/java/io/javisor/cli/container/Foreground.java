package io.javisor.cli.container;

import io.javisor.agent.AgentProcess;
import io.javisor.api.Fault;
import io.javisor.container.control.OutputSink;
import io.javisor.container.control.ProcessPeer;
import io.javisor.container.runtime.ContainerEnd;
import io.javisor.container.runtime.ContainerRun;
import io.javisor.container.runtime.ContainerSetup;
import io.javisor.container.runtime.GuestFiles;
import io.javisor.container.runtime.RunningContainer;
import io.javisor.container.spec.ProcessSpec;
import io.javisor.container.terminal.DetachKeys;
import io.javisor.container.terminal.TerminalSession;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.RawTerminal;
import io.javisor.core.host.ShutdownHook;
import io.javisor.core.host.TerminalSize;
import io.javisor.core.text.Printable;
import io.javisor.machine.config.ConfigException;
import io.javisor.manager.live.LiveMachine;
import io.javisor.manager.registry.Registry;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A container in this process from its start to its end, with this process's standard streams as its first process's. */
final class Foreground implements ContainerRun.Watcher {
    private static final Logger LOG = LoggerFactory.getLogger(Foreground.class);
    private static final int STDIN = 0;

    /** How long a signal waits for what is written down of the end, once there is one. */
    private static final long CONCLUSION_SECONDS = 20;

    private final ContainerHost host;
    private final Registry registry;
    private final CreateOptions.Made made;
    private final boolean handsSignalsOn;
    private final boolean removed;
    private final PrintWriter err;
    private final Descriptor output = Descriptor.output(this::endUnread);
    private final Descriptor errors = Descriptor.errors(() -> {});
    private final CountDownLatch concluded = new CountDownLatch(1);
    private volatile @Nullable RunningContainer running;
    private volatile @Nullable TerminalSession terminal;
    private volatile boolean signalled;
    private volatile int status = Statuses.FAILED;

    Foreground(
            ContainerHost host,
            Registry registry,
            CreateOptions.Made made,
            boolean handsSignalsOn,
            boolean removed,
            PrintWriter err) {
        this.host = host;
        this.registry = registry;
        this.made = made;
        this.handsSignalsOn = handsSignalsOn;
        this.removed = removed;
        this.err = err;
    }

    /** Returns the exit status. */
    int run() throws InterruptedException {
        ShutdownHook hook;
        try {
            hook = ShutdownHook.install(this::endBySignal);
        } catch (IllegalStateException e) {
            registry.discardUnused(made.entry());
            return Statuses.SIGNAL + HostConstants.SIGTERM; // the signal was there first
        }
        try {
            if (!host.endWithLauncher()) {
                registry.discardUnused(made.entry());
                return Statuses.SIGNAL + HostConstants.SIGTERM;
            }
            status = runToTheEnd();
            return status;
        } finally {
            concluded.countDown();
            hook.remove();
        }
    }

    private int runToTheEnd() throws InterruptedException {
        LiveMachine live;
        try {
            live = LiveMachine.of(registry, made.entry(), !removed);
        } catch (RuntimeException | Error e) {
            registry.discardUnused(made.entry());
            throw e;
        }
        ContainerEnd end;
        try {
            live.starting(); // before what may take minutes the first time
            GuestFiles guest = host.guest(made.spec().machine().kernel());
            ContainerSetup setup = new ContainerSetup(
                    made.entry(), made.spec(), made.store().rootFiles(made.image()), guest, host.cache());
            end = ContainerRun.run(live, setup, this);
        } catch (RuntimeException | Error e) {
            live.remove(); // it never ran
            throw e;
        } finally {
            leaveTerminal();
        }
        return conclude(live, end);
    }

    private int conclude(LiveMachine live, ContainerEnd end) {
        if (!end.message().isEmpty()) {
            say(end.message());
        }
        live.ended(end.status(), end.reason());
        if (removed || live.entry().about().removeAtEnd()) {
            live.remove();
        } else {
            live.close();
        }
        if (output.isUnread()) {
            return Statuses.SIGNAL + Statuses.SIGPIPE;
        }
        if (!output.failure().isEmpty() && end.status() == 0) {
            say("standard output can't be written: " + output.failure() + "; make room, or send it elsewhere");
            return Statuses.FAILED;
        }
        return end.status();
    }

    @Override
    public void warn(String line) {
        say(line);
    }

    @Override
    public ContainerRun.TerminalRoom made(RunningContainer container) {
        running = container;
        if (signalled) {
            container.kill();
        }
        boolean hasTerminal = container.spec().process().terminal();
        var _ = container.output().attach(output, hasTerminal ? OutputSink.NONE : errors);
        Optional<TerminalSize> size = hasTerminal ? Terminal.size() : Optional.empty();
        return size.map(room -> new ContainerRun.TerminalRoom(room.rows(), room.columns()))
                .orElse(ContainerRun.TerminalRoom.UNKNOWN);
    }

    @Override
    public void runs(RunningContainer container) {
        ProcessSpec process = container.spec().process();
        AgentProcess first;
        try {
            first = container.first();
        } catch (Fault e) {
            return; // it has ended already
        }
        // Its signals come by the hook, which has an end for a process that ignores them.
        terminal = TerminalSession.open(
                new TerminalSession.Options(STDIN, process.terminal(), process.input(), DetachKeys.NONE, false),
                ProcessPeer.of(first, process.terminal()));
    }

    /** As a process would end that SIGPIPE ends. */
    private void endUnread() {
        RunningContainer present = running;
        if (present != null) {
            present.kill();
        }
    }

    private void leaveTerminal() {
        TerminalSession entered = terminal;
        if (entered != null) {
            entered.close();
        }
    }

    /**
     * On the thread of the JVM's end. Which signal it was is not known here: on a terminal it is Ctrl-C, most likely. A process that does not end by it is killed, after the time that stop gives it.
     */
    private void endBySignal() {
        signalled = true;
        RunningContainer present = running;
        try {
            if (present != null) {
                askToEnd(present);
            }
            boolean _ = concluded.await(CONCLUSION_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        leaveTerminal();
        if (present != null && concluded.getCount() == 0) {
            Runtime.getRuntime().halt(status); // the process's, not the signal's
        }
    }

    private void askToEnd(RunningContainer container) throws InterruptedException {
        if (handsSignalsOn) {
            try {
                container.signal(RawTerminal.isTerminal(STDIN) ? HostConstants.SIGINT : HostConstants.SIGTERM);
                int seconds = container.stopTimeoutSeconds();
                if (concluded.await(seconds < 0 ? Integer.MAX_VALUE : seconds, TimeUnit.SECONDS)) {
                    return;
                }
            } catch (Fault | ConfigException e) {
                LOG.debug("the signal: {}", e.getMessage()); // it does not run yet, or has ended
            }
        }
        container.kill();
    }

    private void say(String text) {
        err.println("javisor: " + Printable.line(text));
        err.flush();
    }
}
