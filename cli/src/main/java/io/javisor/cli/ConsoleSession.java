package io.javisor.cli;

import io.javisor.cli.logging.Logging;
import io.javisor.core.host.Errno;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.RawTerminal;
import io.javisor.core.host.ShutdownHook;
import io.javisor.core.log.LineFile;
import io.javisor.devices.backend.ConsoleInputFilter;
import io.javisor.devices.backend.EscapeFilter;
import io.javisor.machine.BootObserver;
import io.javisor.machine.Machine;
import io.javisor.machine.Outcome;
import io.javisor.machine.config.Accel;
import io.javisor.machine.config.ConfigException;
import io.javisor.machine.config.MachineConfig;
import io.javisor.machine.config.SerialSink;
import io.javisor.machine.host.Console;
import io.javisor.machine.host.EngineChoice;
import io.javisor.machine.host.HostDisks;
import io.javisor.machine.wiring.SerialPortStatus;
import io.javisor.manager.live.LiveMachine;
import java.io.PrintWriter;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A machine from start to end, with a serial port on this process's standard input and output unless all are elsewhere. */
final class ConsoleSession {
    private static final int BY_SIGNAL = ExitStatus.SIGNAL + HostConstants.SIGTERM;
    private static final int STDIN = 0;
    private static final int STDOUT = 1;

    /** The control socket takes the processor for as long as a small machine to start: it is opened when that has. */
    private static final long UNTIL_LISTENING_MILLIS = 250;

    private static final String ESCAPES = """
        \r
        Ctrl-A x  power off at once\r
        Ctrl-A p  press the power button: a guest with ACPI shuts itself down\r
        Ctrl-A d  leave; the machine goes on\r
        Ctrl-A b  send a break (magic SysRq)\r
        Ctrl-A a  send Ctrl-A itself\r
        Ctrl-A h  this list\r
        """;

    /** A signal waits so long for what is just being opened, so that it is closed too. */
    private static final long UNTIL_PREPARED_MILLIS = 2_000;

    private final PrintWriter err;
    private final Consumer<Machine> afterEnd;
    private final Supplier<@Nullable LiveMachine> register;
    private final CountDownLatch prepared = new CountDownLatch(1);
    private MachineConfig config;
    private final HostDisks disks;
    private volatile @Nullable LiveMachine live;
    private volatile @Nullable Closing closing;
    private volatile boolean hasRun;
    private boolean listening;
    private boolean forgotten; // guarded by this
    private volatile boolean signalled;

    /** For the thread that waits for the machine's end, which is the one whose signal for the launcher's end is to be taken back. */
    private final AtomicReference<@Nullable Runnable> leaving = new AtomicReference<>();

    private final Thread waiting = Thread.currentThread();

    /**
     * A session.
     *
     * @param guest whose disks the machine closes
     * @param register enters the machine in the registry; gives null if it is not to be in it
     * @param afterEnd done when the machine has ended and the terminal is given back, also when the JVM is told to end; may run twice
     */
    ConsoleSession(
            GuestConfig guest, Supplier<@Nullable LiveMachine> register, PrintWriter err, Consumer<Machine> afterEnd) {
        this.config = guest.config();
        this.disks = guest.disks();
        this.register = register;
        this.err = err;
        this.afterEnd = afterEnd;
    }

    /** Returns the exit status. */
    int run() {
        if (!Launcher.endWithIt()) {
            return BY_SIGNAL;
        }
        // Before anything is made that would be left behind.
        ShutdownHook hook;
        try {
            hook = ShutdownHook.install(this::endBySignal);
        } catch (IllegalStateException e) {
            return BY_SIGNAL; // the signal was there first
        }
        try {
            return enterRegistry() ? runToTheEnd() : BY_SIGNAL;
        } catch (RuntimeException | Error e) {
            forget(ExitStatus.OWN_ERROR, ErrorMessages.line(e));
            if (signalled) {
                return BY_SIGNAL; // what failed had its ground taken away
            }
            throw e;
        } finally {
            prepared.countDown();
            hook.remove();
        }
    }

    private int runToTheEnd() {
        boolean onStdio = config.serial().stream()
                .flatMap(port -> port.each().stream())
                .anyMatch(SerialSink.Stdio.class::isInstance);
        boolean interactive = onStdio && RawTerminal.isTerminal(STDIN) && RawTerminal.isTerminal(STDOUT);
        try (TerminalOutput output = TerminalOutput.open(STDOUT)) {
            ConsoleInputFilter filter = interactive ? new EscapeFilter(new Actions(output)) : ConsoleInputFilter.NONE;
            Ending ending = run(new Console(STDIN, output.fd(), filter), interactive);
            if (ending.message() != null) {
                say(ending.message());
            }
            int status = statusOf(ending);
            forget(status, ending.reason());
            return status;
        }
    }

    /** The machine's own, but for one that ended well after the host lost output of it. */
    private int statusOf(Ending ending) {
        Closing present = closing;
        int errno = present == null || signalled ? 0 : present.machine.standardOutputErrno();
        if (errno == 0) {
            return ending.status();
        }
        say(StandardOutput.lost(Errno.describe(errno)));
        return ending.status() == ExitStatus.POWER_OFF ? ExitStatus.OWN_ERROR : ending.status();
    }

    /** False if a signal ends this process already. */
    private synchronized boolean enterRegistry() {
        if (signalled) {
            return false;
        }
        LiveMachine present = register.get();
        live = present;
        if (present != null) {
            config = present.configure(config, true);
        }
        return true;
    }

    /** On the thread of the JVM's end, at any moment. */
    private void endBySignal() {
        signalled = true;
        try {
            boolean _ = prepared.await(UNTIL_PREPARED_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Closing present = closing;
        if (present != null) {
            present.run();
        }
        try {
            forget(BY_SIGNAL, "ended by a signal");
        } catch (ConfigException e) {
            say(ErrorMessages.line(e));
        }
    }

    /** Writes down how it ended; or nothing stays of it, if it never ran or is not to be kept. */
    private synchronized void forget(int status, String reason) {
        LiveMachine present = live;
        if (present == null || forgotten) {
            return;
        }
        forgotten = true;
        if (!hasRun) {
            present.remove();
            return;
        }
        if (signalled) {
            present.endedBySignal(HostConstants.SIGTERM);
        } else {
            present.ended(status, reason);
        }
        if (present.entry().about().removeAtEnd()) {
            present.remove();
        } else {
            present.close();
        }
    }

    private Ending run(Console console, boolean interactive) {
        Machine created = Machine.create(config, disks, console, BootObserver.NONE);
        Closing present = new Closing(created, afterEnd);
        closing = present;
        prepared.countDown();
        if (signalled) {
            present.run();
            return new Ending(BY_SIGNAL, "ended by a signal", null);
        }
        EngineChoice engine = created.plan().engine();
        if (!engine.obstacles().isEmpty()) {
            say(slowness(engine, config.accel()));
        }
        for (SerialPortStatus port : created.serialPorts()) {
            if (port.terminal() != null) {
                say(port.id() + " is on " + port.terminal());
            }
        }
        try {
            if (interactive) {
                present.terminal = RawTerminal.enter(STDIN);
            }
            LiveMachine entered = live;
            if (entered != null) {
                entered.attach(created);
            }
            hasRun = true;
            created.start();
            return Ending.orThrow(await(created));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Ending(ExitStatus.OWN_ERROR, "interrupted", null);
        } finally {
            present.run();
        }
    }

    private Outcome await(Machine machine) throws InterruptedException {
        while (true) {
            try {
                LiveMachine entered = live;
                if (!listening && entered != null) {
                    Outcome early = machine.await(UNTIL_LISTENING_MILLIS);
                    if (early != null) {
                        return early;
                    }
                    listening = true;
                    entered.listen();
                    entered.sweep();
                }
                return machine.await();
            } catch (InterruptedException e) {
                Runnable request = leaving.getAndSet(null);
                if (request == null) {
                    throw e;
                }
                request.run();
            }
        }
    }

    /** Ends the machine and gives the terminal back, by the normal way or when the JVM is told to end. Safe to run twice. */
    private static final class Closing implements Runnable {
        private final Machine machine;
        private final Consumer<Machine> last;
        volatile @Nullable RawTerminal terminal;

        Closing(Machine machine, Consumer<Machine> last) {
            this.machine = machine;
            this.last = last;
        }

        @Override
        public void run() {
            try {
                machine.close();
            } finally {
                leaveTerminal();
                last.accept(machine);
            }
        }

        void leaveTerminal() {
            RawTerminal raw = terminal;
            terminal = null;
            if (raw != null) {
                raw.close();
            }
        }
    }

    /** Why the machine is slower than it would be by an engine that {@code auto} passed over, or by another that it would take. */
    static String slowness(EngineChoice choice, Accel asked) {
        return asked == Accel.AUTO
                ? "by the " + choice.engine() + " engine, slowly: " + choice.shortObstacle() + "; see javisor doctor"
                : "by " + choice.engine() + ", maybe some hundred times slower than --accel auto: "
                        + choice.shortObstacle();
    }

    private void say(String text) {
        err.println("javisor: " + text);
        err.flush();
    }

    private final class Actions implements EscapeFilter.Actions {
        private final TerminalOutput output;

        Actions(TerminalOutput output) {
            this.output = output;
        }

        @Override
        public boolean powerOff() {
            Closing present = closing;
            if (present != null) {
                present.machine.powerOff();
            }
            return true;
        }

        @Override
        public boolean powerButton() {
            Closing present = closing;
            if (present != null && !present.machine.pressPowerButton()) {
                output.print("\r\njavisor: the guest does not listen to its power button; Ctrl-A x powers off\r\n");
            }
            return true;
        }

        @Override
        public boolean detach() {
            Closing present = closing;
            LiveMachine kept = live;
            int launcher = Detachment.launcher();
            if (present == null || kept == null || launcher == 0) {
                output.print("\r\njavisor: can't detach: "
                        + (launcher == 0 ? "no launcher waits" : "the machine has no name")
                        + "; Ctrl-A x powers off\r\n");
                return true;
            }
            leaving.set(() -> leave(present, kept, launcher));
            waiting.interrupt();
            return true;
        }

        private void leave(Closing present, LiveMachine kept, int launcher) {
            @Nullable LineFile log = null;
            try {
                // Opened before anything changes.
                log = Logging.open("can't detach: the log", kept.entry().processLog());
                kept.detached();
                boolean _ = present.machine.leaveStandard();
                present.leaveTerminal();
                output.print("\r\njavisor: detached; the machine goes on: javisor console " + kept.name() + "\r\n");
                output.close();
                Detachment.leave(launcher, log);
                Logging.leaveStandardError(log);
            } catch (RuntimeException e) {
                if (log != null) {
                    log.close();
                }
                output.print("\r\njavisor: " + ErrorMessages.line(e) + "\r\n");
            }
        }

        @Override
        public boolean help() {
            output.print(ESCAPES);
            return true;
        }

        @Override
        public boolean breaks() {
            return true;
        }
    }
}
