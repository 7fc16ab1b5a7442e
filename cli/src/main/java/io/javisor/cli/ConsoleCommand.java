package io.javisor.cli;

import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.HostException;
import io.javisor.core.host.RawTerminal;
import io.javisor.core.host.ShutdownHook;
import io.javisor.core.host.UnixSocket;
import io.javisor.machine.config.ConfigException;
import io.javisor.manager.Instance;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code javisor console}: attaches to a machine's serial port, by the machine's name or the socket's path. */
@Command(
        name = "console",
        description =
                "Attaches to a machine's serial port, until the machine ends. First comes what it wrote last, up to 64"
                        + " KiB.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        usageHelpAutoWidth = true,
        footer = {
            "",
            "From a terminal, Ctrl-A d leaves, Ctrl-A a sends Ctrl-A itself, Ctrl-A h lists these. Otherwise a filter:"
                    + " the end of the input is not the end.",
            "",
            "Exit status: 0 when the machine has ended or Ctrl-A d was pressed, 125 if there is nothing to attach to."
        })
final class ConsoleCommand implements Callable<Integer> {
    private static final int STDIN = 0;
    private static final int STDOUT = 1;
    private static final String ESCAPES = """
        \r
        Ctrl-A d  leave; the machine goes on\r
        Ctrl-A a  send Ctrl-A itself\r
        Ctrl-A h  this list\r
        """;

    @Parameters(
            index = "0",
            paramLabel = "NAME|PATH",
            description = "The machine; or, with a '/', the socket of 'javisor run --serial socket:PATH'.")
    private String target = "";

    @Parameters(index = "1", arity = "0..1", paramLabel = "PORT", description = "com1 to com4 (default: com1).")
    private @Nullable String port;

    @Option(names = "--ro", description = "Only watch: send nothing.")
    private boolean readOnly;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public Integer call() {
        if (!Launcher.endWithIt()) {
            return ExitStatus.SIGNAL + HostConstants.SIGTERM;
        }
        boolean interactive = RawTerminal.isTerminal(STDIN);
        try (Fd socket = connect();
                TerminalOutput output = TerminalOutput.open(STDOUT)) {
            SocketRelay relay = new SocketRelay(STDIN, output.fd(), socket.value());
            if (readOnly) {
                relay.sendNothing();
            }
            if (interactive) {
                relay.obeyEscapes(() -> output.print(ESCAPES));
                return attached(relay);
            }
            if (readOnly) {
                relay.endInput();
            }
            SocketRelay.End _ = relay.run();
            return ExitStatus.POWER_OFF;
        }
    }

    private int attached(SocketRelay relay) {
        say("javisor: attached to " + target + "; Ctrl-A d leaves, Ctrl-A h lists the escapes");
        RawTerminal terminal = RawTerminal.enter(STDIN);
        ShutdownHook hook = ShutdownHook.install(terminal::close);
        SocketRelay.End end;
        try {
            end = relay.run();
        } finally {
            terminal.close();
            hook.remove();
        }
        switch (end) {
            case MACHINE_ENDED -> say(System.lineSeparator() + "javisor: the machine has ended");
            case DETACHED -> say(System.lineSeparator() + "javisor: detached; the machine goes on");
            case OUTPUT_GONE -> {}
        }
        return ExitStatus.POWER_OFF;
    }

    private Fd connect() {
        if (target.contains("/")) {
            if (port != null) {
                throw new ConfigException("a socket is one port already; leave out " + port);
            }
            return connect(Path.of(target));
        }
        Instance machine;
        try {
            machine = MachineLaunch.instances().find(target);
        } catch (ConfigException e) {
            // Before machines had names, a path could do without a slash.
            Path path = Path.of(target);
            if (port == null && Files.exists(path) && !Files.isDirectory(path) && !Files.isRegularFile(path)) {
                return connect(path);
            }
            throw e;
        }
        return connect(machine.console(port == null ? "com1" : port));
    }

    static Fd connect(Path path) {
        int length = UnixSocket.pathBytes(path.toString());
        if (length == 0 || length > UnixSocket.MAX_PATH_BYTES) {
            throw new ConfigException("a socket's path has 1 to " + UnixSocket.MAX_PATH_BYTES + " bytes, not " + length
                    + ": '" + path + "'");
        }
        if (Files.isRegularFile(path) || Files.isDirectory(path)) {
            throw new ConfigException(path + " is not a socket; give the PATH of 'javisor run --serial socket:PATH'");
        }
        try {
            return UnixSocket.connect(path.toString());
        } catch (HostException e) {
            String reason =
                    switch (e.errno()) {
                        case Errno.ENOENT, Errno.ENOTDIR ->
                            "there is no " + path + "; does the machine run, with --serial socket:" + path + "?";
                        case Errno.ECONNREFUSED -> "nobody listens at " + path + ": its machine has ended";
                        case Errno.EACCES, Errno.EPERM ->
                            "no permission to attach to " + path + "; it is for the user who started the machine";
                        case Errno.EPROTOTYPE -> path + " is not a stream socket, so no serial port";
                        default -> "can't attach to " + path + ": " + Errno.describe(e.errno());
                    };
            throw new ConfigException(reason, e);
        }
    }

    private void say(String text) {
        PrintWriter err = spec.commandLine().getErr();
        err.println(text);
        err.flush();
    }
}
