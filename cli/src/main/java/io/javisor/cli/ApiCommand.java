package io.javisor.cli;

import io.javisor.api.control.RootRoutes;
import io.javisor.api.firecracker.FirecrackerRoutes;
import io.javisor.api.firecracker.MicroVm;
import io.javisor.api.firecracker.VmConfigFile;
import io.javisor.api.http.ControlServer;
import io.javisor.cli.config.EnvironmentSettings;
import io.javisor.cli.config.Settings;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.ShutdownHook;
import io.javisor.devices.backend.ConsoleInputFilter;
import io.javisor.machine.Machine;
import io.javisor.machine.config.Accel;
import io.javisor.machine.config.ConfigException;
import io.javisor.machine.host.Console;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code javisor api}: an empty machine that is described and started through Firecracker's API. */
@Command(
        name = "api",
        description =
                "Serves Firecracker's API on a socket: an empty machine, which clients describe and start. Its serial"
                        + " console is on standard input and output.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        usageHelpAutoWidth = true,
        footerHeading = "%nExit status:%n",
        footer = {
            "  0     the guest switched itself off or was reset, or a client stopped it",
            "  N     the guest wrote N to the debug-exit port 0xf4",
            "  124   the guest's kernel panicked (pvpanic)",
            "  125   javisor failed, or could not do what was asked",
            "  126   the engine could not go on with the guest",
            "  128+n ended by signal n"
        })
final class ApiCommand implements Callable<Integer> {
    private static final int STDIN = 0;
    private static final int STDOUT = 1;

    @Option(names = "--api-sock", paramLabel = "PATH", description = "The socket to serve it on, which is made.")
    private @Nullable Path socket;

    @Option(
            names = "--config-file",
            paramLabel = "FILE",
            description = "Start the machine that this file describes, in Firecracker's form.")
    private @Nullable Path configFile;

    @Option(names = "--no-api", description = "Serve nothing; the machine is that of --config-file.")
    private boolean noApi;

    @Option(
            names = "--id",
            paramLabel = "NAME",
            defaultValue = "anonymous-instance",
            description = "The machine's name (default: ${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init") // set by picocli
    private String id;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        if (noApi && configFile == null) {
            throw new ConfigException("--no-api goes with --config-file: nobody could describe the machine");
        }
        if (noApi == (socket != null)) {
            throw new ConfigException(
                    noApi
                            ? "--no-api and --api-sock contradict each other"
                            : "give the socket's path: --api-sock PATH");
        }
        if (!Launcher.endWithIt()) {
            return ExitStatus.SIGNAL + HostConstants.SIGTERM;
        }
        try (TerminalOutput output = TerminalOutput.open(STDOUT);
                MicroVm vm = new MicroVm(
                        id,
                        VersionProvider.version(),
                        new Console(STDIN, output.fd(), ConsoleInputFilter.NONE),
                        accel())) {
            FirecrackerRoutes routes = new FirecrackerRoutes(vm);
            Closing ending = new Closing(vm);
            ShutdownHook hook = ShutdownHook.install(ending);
            try {
                if (socket != null) {
                    ending.serve(socket, routes);
                }
                return run(vm, routes);
            } finally {
                ending.run();
                hook.remove();
            }
        }
    }

    /** Firecracker's API has no word for it. */
    private static Accel accel() {
        Accel wanted = EnvironmentSettings.of(System.getenv()).get(Settings.ACCEL);
        return wanted == null ? Accel.AUTO : wanted;
    }

    private int run(MicroVm vm, FirecrackerRoutes routes) throws InterruptedException {
        if (configFile != null) {
            VmConfigFile.start(configFile, routes);
        }
        Machine machine = vm.awaitStart();
        if (machine == null) {
            return ExitStatus.SIGNAL + HostConstants.SIGTERM;
        }
        Ending ending = Ending.orThrow(machine.await());
        if (ending.message() != null) {
            PrintWriter err = spec.commandLine().getErr();
            err.println("javisor: " + ending.message());
            err.flush();
        }
        return ending.status();
    }

    /** Ends all, by the normal way or when the JVM is told to end. Safe to run twice, and by two threads: the second waits for the first. */
    private static final class Closing implements Runnable {
        private final MicroVm vm;
        private @Nullable ControlServer server; // guarded by this
        private boolean ended; // guarded by this

        Closing(MicroVm vm) {
            this.vm = vm;
        }

        synchronized void serve(Path socket, FirecrackerRoutes routes) {
            if (!ended) {
                server = ControlServer.open(socket, vm.name(), new RootRoutes(vm, routes));
            }
        }

        @Override
        public synchronized void run() {
            ended = true;
            try {
                if (server != null) {
                    server.close();
                }
            } finally {
                vm.close();
            }
        }
    }
}
