package io.javisor.cli;

import io.javisor.core.host.HostConstants;
import io.javisor.core.host.RawTerminal;
import io.javisor.devices.backend.ConsoleInputFilter;
import io.javisor.devices.backend.EscapeFilter;
import io.javisor.machine.BootObserver;
import io.javisor.machine.Console;
import io.javisor.machine.Machine;
import io.javisor.machine.MachineConfig;
import io.javisor.machine.Outcome;
import io.javisor.machine.SerialPortStatus;
import io.javisor.machine.SerialSink;
import java.io.PrintWriter;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A machine from start to end, with a serial port on this process's standard input and output unless all are elsewhere. */
final class ConsoleSession {
    private static final int STDIN = 0;
    private static final int STDOUT = 1;
    private static final String ESCAPES = """
        \r
        Ctrl-A x  power off at once\r
        Ctrl-A p  press the power button: a guest with ACPI shuts itself down\r
        Ctrl-A b  send a break (magic SysRq)\r
        Ctrl-A a  send Ctrl-A itself\r
        Ctrl-A h  this list\r
        """;

    private final MachineConfig config;
    private final PrintWriter err;
    private final BootObserver observer;
    private final Consumer<Machine> afterEnd;
    private @Nullable Machine machine;

    ConsoleSession(MachineConfig config, PrintWriter err) {
        this(config, err, BootObserver.NONE, _ -> {});
    }

    /**
     * A session that is watched.
     *
     * @param afterEnd done when the machine has ended and the terminal is given back, also when the JVM is told to end; may run twice
     */
    ConsoleSession(MachineConfig config, PrintWriter err, BootObserver observer, Consumer<Machine> afterEnd) {
        this.config = config;
        this.err = err;
        this.observer = observer;
        this.afterEnd = afterEnd;
    }

    /** Returns the exit status. */
    int run() {
        if (!Launcher.endWithIt()) {
            return ExitStatus.SIGNAL + HostConstants.SIGTERM;
        }
        boolean onStdio = config.serial().contains(new SerialSink.Stdio());
        boolean interactive = onStdio && RawTerminal.isTerminal(STDIN) && RawTerminal.isTerminal(STDOUT);
        try (TerminalOutput output = TerminalOutput.open(STDOUT)) {
            ConsoleInputFilter filter = interactive ? new EscapeFilter(new Actions(output)) : ConsoleInputFilter.NONE;
            return run(new Console(STDIN, output.fd(), filter), interactive);
        }
    }

    private int run(Console console, boolean interactive) {
        Machine created = Machine.create(config, console, observer);
        machine = created;
        for (SerialPortStatus port : created.serialPorts()) {
            if (port.terminal() != null) {
                say(port.id() + " is on " + port.terminal());
            }
        }
        Ending ending = new Ending(created, afterEnd);
        ShutdownHook hook = ShutdownHook.install(ending);
        Outcome outcome;
        try {
            if (interactive) {
                ending.terminal = RawTerminal.enter(STDIN);
            }
            created.start();
            outcome = created.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return ExitStatus.OWN_ERROR;
        } finally {
            ending.run();
            hook.remove();
        }
        return status(outcome);
    }

    /** Ends the machine and gives the terminal back, by the normal way or when the JVM is told to end. Safe to run twice. */
    private static final class Ending implements Runnable {
        private final Machine machine;
        private final Consumer<Machine> last;
        volatile @Nullable RawTerminal terminal;

        Ending(Machine machine, Consumer<Machine> last) {
            this.machine = machine;
            this.last = last;
        }

        @Override
        public void run() {
            try {
                machine.close();
            } finally {
                RawTerminal raw = terminal;
                if (raw != null) {
                    raw.close();
                }
                last.accept(machine);
            }
        }
    }

    private int status(Outcome outcome) {
        return switch (outcome) {
            case Outcome.PowerOff() -> ExitStatus.POWER_OFF;
            case Outcome.Stopped() -> ExitStatus.POWER_OFF;
            case Outcome.Reset(String cause) -> {
                say("the guest resets (" + cause + "); it is not started again because of --no-reboot");
                yield ExitStatus.POWER_OFF;
            }
            case Outcome.DebugExit(int code) -> code;
            case Outcome.Panic() -> {
                say("the guest's kernel panicked");
                yield ExitStatus.GUEST_PANIC;
            }
            case Outcome.EmulationFailure(String report) -> {
                say(report.strip());
                yield ExitStatus.EMULATION_FAILURE;
            }
            case Outcome.Failure(RuntimeException cause) -> throw cause;
            case Outcome.Failure(Throwable cause) -> throw new IllegalStateException(cause);
        };
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
            Machine present = machine;
            if (present != null) {
                present.powerOff();
            }
        }

        @Override
        public void powerButton() {
            Machine present = machine;
            if (present != null && !present.pressPowerButton()) {
                output.print("\r\njavisor: the guest does not listen to its power button; Ctrl-A x powers off\r\n");
            }
        }

        @Override
        public void help() {
            output.print(ESCAPES);
        }
    }
}
