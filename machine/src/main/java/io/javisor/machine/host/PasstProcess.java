package io.javisor.machine.host;

import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import io.javisor.core.host.HostException;
import io.javisor.core.host.ShutdownHook;
import io.javisor.core.host.UnixSocket;
import io.javisor.machine.config.ConfigException;
import io.javisor.machine.config.NetConfig;
import io.javisor.machine.config.PublishedPort;
import java.io.IOException;
import java.io.InputStream;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A passt(1), started and connected: it gives a guest the host's network without root. It ends with the connection, so with this process however that
 * ends. Its socket has no name any more once it is connected, so that nothing is left behind either.
 */
final class PasstProcess implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PasstProcess.class);

    private static final long START_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(20);
    private static final long END_TIMEOUT_MILLIS = 2000;
    private static final long POLL_MILLIS = 2;
    private static final int MAX_HELP_BYTES = 64 << 10;
    private static final ProcessBuilder.Redirect NOTHING =
            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile());

    private final Process process;
    private final Fd socket;
    private final PasstLog log;
    private final boolean hostLoopback;

    private PasstProcess(Process process, Fd socket, PasstLog log, boolean hostLoopback) {
        this.process = process;
        this.socket = socket;
        this.log = log;
        this.hostLoopback = hostLoopback;
    }

    /**
     * Starts passt and connects to it.
     *
     * @throws ConfigException if it is not installed or refuses; the message says what it said
     */
    static PasstProcess start(NetConfig.User config) {
        return start("passt", config, HostNameServers.ofHost());
    }

    /** As {@link #start(NetConfig.User)}, by another name and for a host with these name servers. */
    static PasstProcess start(String program, NetConfig.User config, HostNameServers servers) {
        config.published().forEach(PasstProcess::requireFree);
        try (PasstDirectory directory = PasstDirectory.create();
                Unconnected unconnected = new Unconnected(directory)) {
            List<String> isolation = config.hostLoopback() ? List.of() : isolation(unconnected, program, servers);
            return connect(
                    unconnected.launch(() -> launch(program, directory.socket(), config, isolation)),
                    directory,
                    config.hostLoopback());
        } catch (IOException e) {
            throw new ConfigException("network: passt can't be started: " + e.getMessage(), e);
        }
    }

    /**
     * Refuses what {@link #start} would before it starts passt, which is asked for its help at most.
     *
     * @throws ConfigException if passt is not installed, can't do what is asked, or a port is not free
     */
    static void check(NetConfig.User config) {
        check("passt", config, HostNameServers.ofHost());
    }

    /** As {@link #check(NetConfig.User)}, by another name and for a host with these name servers. */
    static void check(String program, NetConfig.User config, HostNameServers servers) {
        config.published().forEach(PasstProcess::requireFree);
        String help = help(launchHelp(program));
        if (!config.hostLoopback()) {
            PasstIsolation _ = PasstIsolation.of(help, servers);
        }
    }

    /**
     * Refuses a port that can't be had, in words of javisor's own. passt is content with a port that it gets for IPv4 or for IPv6 only, and says
     * nothing then.
     */
    private static void requireFree(PublishedPort port) {
        try {
            InetAddress address = port.address() == null ? null : InetAddress.ofLiteral(port.address());
            InetSocketAddress place = new InetSocketAddress(address, port.hostPort());
            switch (port.protocol()) {
                case TCP -> new ServerSocket(port.hostPort(), 1, address).close();
                case UDP -> new DatagramSocket(place).close();
            }
        } catch (IOException | IllegalArgumentException e) { // the latter of an address that is none
            throw new ConfigException(
                    "network: port " + port.hostPort() + " ("
                            + port.protocol().name().toLowerCase(Locale.ROOT) + ") of "
                            + (port.address() == null ? "this host" : port.address()) + " can't be published: "
                            + e.getMessage() + "; choose another, publish=" + PublishedPort.SYNTAX
                            + ", or end what has it",
                    e);
        }
    }

    private static List<String> isolation(Unconnected unconnected, String program, HostNameServers servers) {
        PasstIsolation isolation = PasstIsolation.of(help(unconnected.launch(() -> launchHelp(program))), servers);
        if (isolation.warning() != null) {
            LOG.warn("network: {}", isolation.warning());
        }
        return isolation.options();
    }

    private static String help(Process process) {
        try (InputStream output = process.getInputStream()) {
            return new String(output.readNBytes(MAX_HELP_BYTES), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new ConfigException("network: passt's help can't be read: " + e.getMessage(), e);
        } finally {
            process.destroyForcibly();
        }
    }

    private static Process launchHelp(String program) {
        try {
            return new ProcessBuilder(program, "--help")
                    .redirectInput(NOTHING)
                    .redirectErrorStream(true)
                    .start();
        } catch (IOException e) {
            throw notInstalled(e);
        }
    }

    private static ConfigException notInstalled(IOException cause) {
        return new ConfigException(
                "network: passt is not installed; run: sudo apt-get install passt   (" + cause.getMessage() + ")",
                cause);
    }

    private static Process launch(String program, Path socket, NetConfig.User config, List<String> isolation) {
        List<String> command = new ArrayList<>(
                List.of(program, "--foreground", "--one-off", "--quiet", "--stderr", "--socket", socket.toString()));
        command.addAll(isolation);
        NetConfig.User.Place place = config.place();
        if (place != null) {
            command.addAll(List.of("--address", place.address(), "--netmask", Integer.toString(place.prefix())));
            command.addAll(List.of("--gateway", place.gateway()));
        }
        addPorts(command, "--tcp-ports", config, PublishedPort.Protocol.TCP);
        addPorts(command, "--udp-ports", config, PublishedPort.Protocol.UDP);
        LOG.debug("starts {}", command);
        try {
            return new ProcessBuilder(command)
                    .redirectInput(NOTHING)
                    .redirectErrorStream(true)
                    .start();
        } catch (IOException e) {
            throw notInstalled(e);
        }
    }

    /** One option for each port: passt takes several, and each may have an address. */
    private static void addPorts(
            List<String> command, String option, NetConfig.User config, PublishedPort.Protocol protocol) {
        for (PublishedPort port : config.published()) {
            if (port.protocol() == protocol) {
                String address = port.address();
                command.add(option);
                command.add((address == null ? "" : address + "/") + port.hostPort() + ":" + port.guestPort());
            }
        }
    }

    private static PasstProcess connect(Process process, PasstDirectory directory, boolean hostLoopback) {
        PasstLog log = new PasstLog(process.getInputStream());
        try {
            Fd socket = awaitSocket(process, directory.socket(), log);
            LOG.debug("passt runs as process {}", process.pid());
            return new PasstProcess(process, socket, log, hostLoopback);
        } catch (RuntimeException e) {
            process.destroyForcibly();
            throw e;
        }
    }

    /** A passt that is not connected yet, and would outlive this process if that is told to end. */
    private static final class Unconnected implements AutoCloseable {
        private final PasstDirectory directory;
        private final ShutdownHook hook;
        private @Nullable Process process; // guarded by this
        private boolean ended; // guarded by this

        Unconnected(PasstDirectory directory) {
            this.directory = directory;
            try {
                hook = ShutdownHook.install(this::end);
            } catch (IllegalStateException e) {
                throw new ConfigException("network: this process ends", e);
            }
        }

        /** Under the lock, so that the hook waits for one that is being started. */
        synchronized Process launch(Supplier<Process> launch) {
            if (ended) {
                throw new ConfigException("network: this process ended while passt was started");
            }
            Process started = launch.get();
            process = started;
            return started;
        }

        private synchronized void end() {
            ended = true;
            if (process != null) {
                process.destroyForcibly();
            }
            directory.close();
        }

        @Override
        public void close() {
            hook.remove();
        }
    }

    /** Connects to the socket that the process makes, and to no one else's. */
    static Fd awaitSocket(Process process, Path path, PasstLog log) {
        long end = System.nanoTime() + START_TIMEOUT_NANOS;
        try {
            while (true) {
                boolean alive = process.isAlive(); // before the attempt, which may be its last chance
                Fd socket = Files.exists(path, LinkOption.NOFOLLOW_LINKS) ? tryConnect(path) : null;
                if (socket != null) {
                    return requirePeer(process, socket);
                }
                if (!alive) {
                    throw new ConfigException("network: passt ends at once, with status " + process.exitValue() + ": "
                            + log.lastWords(true));
                }
                if (System.nanoTime() > end) {
                    throw new ConfigException("network: passt does not answer; it said: " + log.lastWords(false));
                }
                Thread.sleep(POLL_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ConfigException("network: interrupted while passt started", e);
        }
    }

    /** Null if nobody listens yet. */
    private static @Nullable Fd tryConnect(Path path) {
        try {
            return UnixSocket.connect(path.toString());
        } catch (HostException e) {
            if (e.errno() == Errno.ECONNREFUSED || e.errno() == Errno.ENOENT) {
                return null;
            }
            throw e;
        }
    }

    /** As root it lies in a directory of another user's, whose processes might make it too. */
    private static Fd requirePeer(Process process, Fd socket) {
        int peer = UnixSocket.peerPid(socket);
        if (peer != process.pid()) {
            socket.close();
            throw new ConfigException("network: not passt but process " + peer + " listens on passt's socket");
        }
        return socket;
    }

    /** The connection, in non-blocking mode. */
    Fd socket() {
        return socket;
    }

    /** Whether the guest was allowed to reach the host's loopback interface. */
    boolean isHostLoopbackOpen() {
        return hostLoopback;
    }

    /** The process, for tests. */
    ProcessHandle handle() {
        return process.toHandle();
    }

    /** Ends passt. */
    @Override
    public void close() {
        boolean ended = !process.isAlive();
        socket.close();
        try {
            if (!process.waitFor(END_TIMEOUT_MILLIS, TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
            }
            if (ended) {
                LOG.debug("passt had ended with status {}", process.exitValue());
            }
            LOG.debug("passt said: {}", log.text());
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
