package io.javisor.cli;

import io.javisor.api.Fault;
import io.javisor.cli.container.Containers;
import io.javisor.container.runtime.ContainerEnd;
import io.javisor.container.runtime.ContainerRun;
import io.javisor.container.runtime.ContainerSetup;
import io.javisor.container.runtime.GuestFiles;
import io.javisor.container.runtime.RunningContainer;
import io.javisor.container.spec.ContainerSpec;
import io.javisor.core.host.ShutdownHook;
import io.javisor.manager.live.LiveMachine;
import io.javisor.manager.registry.MachineEntry;
import io.javisor.oci.store.ImageStore;
import java.io.PrintWriter;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A container of the registry in this process, which its supervisor started. */
final class DetachedContainer implements ContainerRun.Watcher {
    /** How long a process has to end that is told so by a signal to this one: no longer than who ends the host waits. */
    private static final long LONGEST_STOP_SECONDS = 30;

    private static final long CONCLUSION_SECONDS = 20;

    private final LiveMachine live;
    private final PrintWriter log;
    private final Runnable onceRunning;
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile @Nullable RunningContainer running;
    private volatile boolean signalled;

    /** @param onceRunning called when its first process runs */
    DetachedContainer(LiveMachine live, PrintWriter log, Runnable onceRunning) {
        this.live = live;
        this.log = log;
        this.onceRunning = onceRunning;
    }

    /**
     * Runs it to its end.
     *
     * @param conclusion writes the end down; a signal waits for it
     * @return what that gives
     */
    int run(Conclusion conclusion) throws InterruptedException {
        ShutdownHook hook = ShutdownHook.install(this::endBySignal);
        try {
            Ending ending;
            boolean ran = false;
            try {
                ContainerEnd end = run();
                ran = end.hasRun();
                ending = new Ending(end.status(), end.reason(), end.message().isEmpty() ? null : end.message());
            } catch (RuntimeException | Error e) {
                ending = new Ending(ErrorMessages.report(e, log, false), ErrorMessages.line(e), null);
            }
            return conclusion.of(ending, ran);
        } finally {
            ended.countDown();
            hook.remove();
        }
    }

    /** What is to be done with an end. */
    interface Conclusion {
        /** Returns this process's exit status. */
        int of(Ending ending, boolean ran);
    }

    private ContainerEnd run() throws InterruptedException {
        live.starting();
        MachineEntry entry = live.entry();
        ContainerSpec spec = Containers.spec(entry);
        ContainerPlace place = new ContainerPlace();
        GuestFiles guest = place.guest(spec.machine().kernel());
        try (ImageStore store = ImageStore.open(ImageStore.defaultDirectory(System.getenv()))) {
            ContainerSetup setup = new ContainerSetup(
                    entry, spec, store.rootFiles(store.find(spec.imageId().toString())), guest, place.cache());
            return ContainerRun.run(live, setup, this);
        }
    }

    @Override
    public void warn(String line) {
        log.println("javisor: " + line);
        log.flush();
    }

    @Override
    public ContainerRun.TerminalRoom made(RunningContainer container) {
        running = container;
        if (signalled) {
            container.kill();
        }
        return ContainerRun.TerminalRoom.UNKNOWN;
    }

    @Override
    public void runs(RunningContainer container) {
        onceRunning.run();
    }

    /** On the thread of the JVM's end: its user, or who ends the host, wants it to end. */
    private void endBySignal() {
        signalled = true;
        RunningContainer present = running;
        if (present == null) {
            return; // nothing runs
        }
        try {
            int seconds = live.askToEnd();
            long limit = seconds < 0 ? LONGEST_STOP_SECONDS : Math.min(LONGEST_STOP_SECONDS, seconds);
            if (ended.await(limit, TimeUnit.SECONDS)) {
                return;
            }
        } catch (Fault e) {
            // It does not run yet, or has ended.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        try {
            live.stop(present.machine());
            boolean _ = ended.await(CONCLUSION_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
