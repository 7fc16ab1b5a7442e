package io.javisor.cli;

import io.javisor.cli.live.Detachment;
import io.javisor.cli.live.Registration;
import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.RawTerminal;
import io.javisor.core.host.ShutdownHook;
import io.javisor.devices.backend.ConsoleInputFilter;
import io.javisor.devices.backend.EscapeFilter;
import io.javisor.machine.Accel;
import io.javisor.machine.BootObserver;
import io.javisor.machine.Console;
import io.javisor.machine.EngineChoice;
import io.javisor.machine.Machine;
import io.javisor.machine.MachineConfig;
import io.javisor.machine.Outcome;
import io.javisor.machine.SerialPortStatus;
import io.javisor.machine.SerialSink;
import java.io.PrintWriter;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A machine from start to end, with a serial port on this process's standard input and output unless all are elsewhere. */
final class ConsoleSession {
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

    private final MachineConfig config;
    private final PrintWriter err;
    private final BootObserver observer;
    private final Consumer<Machine> afterEnd;
    private final @Nullable Registration registration;
    private @Nullable Closing closing;
    private boolean hasRun;
    private boolean listening;
    private boolean forgotten; // guarded by this
    private volatile boolean signalled;

    /** For the thread that waits for the machine's end, which is the one whose signal for the launcher's end is to be taken back. */
    private final AtomicReference<@Nullable Runnable> leaving = new AtomicReference<>();

    private final Thread waiting = Thread.currentThread();

    /**
     * A session that is watched.
     *
     * @param registration what the machine is in the registry; null if it is not in it
     * @param afterEnd done when the machine has ended and the terminal is given back, also when the JVM is told to end; may run twice
     */
    ConsoleSession(
            MachineConfig config,
            @Nullable Registration registration,
            PrintWriter err,
            BootObserver observer,
            Consumer<Machine> afterEnd) {
        this.config = registration == null ? config : registration.configure(config, true);
        this.registration = registration;
        this.err = err;
        this.observer = observer;
        this.afterEnd = afterEnd;
    }

    /** Returns the exit status. */
    int run() {
        if (!Launcher.endWithIt()) {
            forget(ExitStatus.SIGNAL + HostConstants.SIGTERM, "its launcher has gone");
            return ExitStatus.SIGNAL + HostConstants.SIGTERM;
        }
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
            forget(ending.status(), ending.reason());
            return ending.status();
        } catch (RuntimeException e) {
            forget(ExitStatus.OWN_ERROR, ErrorMessages.line(e));
            throw e;
        }
    }

    /** Writes down how it ended; or nothing stays of it, if it never ran or is not to be kept. */
    private synchronized void forget(int status, String reason) {
        Registration present = registration;
        if (present == null || forgotten) {
            return;
        }
        forgotten = true;
        if (!hasRun || present.entry().about().removeAtEnd()) {
            present.remove();
        } else {
            if (signalled) {
                present.endedBySignal(HostConstants.SIGTERM);
            } else {
                present.ended(status, reason);
            }
            present.close();
        }
    }

    private Ending run(Console console, boolean interactive) {
        Machine created = Machine.create(config, console, observer);
        sayWhichEngine();
        for (SerialPortStatus port : created.serialPorts()) {
            if (port.terminal() != null) {
                say(port.id() + " is on " + port.terminal());
            }
        }
        Closing present = new Closing(created, afterEnd);
        closing = present;
        ShutdownHook hook = ShutdownHook.install(() -> {
            signalled = true;
            present.run();
            forget(ExitStatus.SIGNAL + HostConstants.SIGTERM, "ended by a signal");
        });
        try {
            if (interactive) {
                present.terminal = RawTerminal.enter(STDIN);
            }
            if (registration != null) {
                registration.attach(created);
            }
            hasRun = true;
            created.start();
            return Ending.orThrow(await(created));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Ending(ExitStatus.OWN_ERROR, "interrupted", null);
        } finally {
            present.run();
            hook.remove();
        }
    }

    private Outcome await(Machine machine) throws InterruptedException {
        while (true) {
            try {
                if (!listening && registration != null) {
                    Outcome early = machine.await(UNTIL_LISTENING_MILLIS);
                    if (early != null) {
                        return early;
                    }
                    listening = true;
                    registration.listen();
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

    /** Why the machine is slower than it would be by an engine that {@code auto} passed over. */
    private void sayWhichEngine() {
        if (config.accel() != Accel.AUTO) {
            return;
        }
        EngineChoice choice = EngineChoice.of(config.accel());
        if (choice.engine() != null && !choice.obstacle().isEmpty()) {
            say("by the " + choice.engine() + " engine, which is slower than KVM; " + choice.obstacle());
        }
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
        public void powerOff() {
            Closing present = closing;
            if (present != null) {
                present.machine.powerOff();
            }
        }

        @Override
        public void powerButton() {
            Closing present = closing;
            if (present != null && !present.machine.pressPowerButton()) {
                output.print("\r\njavisor: the guest does not listen to its power button; Ctrl-A x powers off\r\n");
            }
        }

        @Override
        public void detach() {
            Closing present = closing;
            Registration kept = registration;
            int launcher = Detachment.launcher();
            if (present == null || kept == null || launcher == 0) {
                output.print("\r\njavisor: can't detach: "
                        + (launcher == 0 ? "no launcher waits" : "the machine has no name")
                        + "; Ctrl-A x powers off\r\n");
                return;
            }
            leaving.set(() -> leave(present, kept, launcher));
            waiting.interrupt();
        }

        private void leave(Closing present, Registration kept, int launcher) {
            // Opened before anything changes.
            try (Fd log = Detachment.openLog(kept.entry().processLog())) {
                kept.detached();
                boolean _ = present.machine.leaveStandard();
                present.leaveTerminal();
                output.print("\r\njavisor: detached; the machine goes on: javisor console " + kept.name() + "\r\n");
                output.close();
                Detachment.leave(launcher, log);
            } catch (RuntimeException e) {
                output.print("\r\njavisor: " + ErrorMessages.line(e) + "\r\n");
            }
        }

        @Override
        public void help() {
            output.print(ESCAPES);
        }
    }
}
