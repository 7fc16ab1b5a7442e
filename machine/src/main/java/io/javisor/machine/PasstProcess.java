package io.javisor.machine;

import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import io.javisor.core.host.HostException;
import io.javisor.core.host.Libc;
import io.javisor.core.host.ShutdownHook;
import io.javisor.core.host.UnixSocket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A passt(1), started and connected: it gives a guest the host's network without root. It ends with the connection, so with this process however that
 * ends. Its socket and log have no names any more once it is connected, so that nothing is left behind either.
 */
final class PasstProcess implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PasstProcess.class);

    /** The only place, beside home directories, where Debian's AppArmor profile lets passt make a socket. */
    private static final Path TEMPORARY = Path.of("/tmp");

    /** Who passt becomes when root starts it. */
    private static final String UNPRIVILEGED_USER = "nobody";

    private static final long START_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(20);
    private static final long END_TIMEOUT_MILLIS = 2000;
    private static final long POLL_MILLIS = 2;
    private static final int MAX_LOG_BYTES = 16 << 10;

    private final Process process;
    private final Fd socket;
    private final FileChannel log;

    private PasstProcess(Process process, Fd socket, FileChannel log) {
        this.process = process;
        this.socket = socket;
        this.log = log;
    }

    /**
     * Starts passt and connects to it.
     *
     * @throws ConfigException if it is not installed or refuses; the message says what it said
     */
    static PasstProcess start(NetConfig.User config) {
        return start("passt", config);
    }

    /** As {@link #start(NetConfig.User)}, by another name. */
    static PasstProcess start(String program, NetConfig.User config) {
        Path directory = null;
        try {
            directory = Files.createTempDirectory(
                    TEMPORARY,
                    "javisor-passt-",
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            Path log = Files.createFile(directory.resolve("log"));
            if (Libc.geteuid() == 0) {
                giveAway(log);
                giveAway(directory);
            }
            Path socket = directory.resolve("socket");
            try (Unconnected unconnected = new Unconnected(directory)) {
                return connect(unconnected.launch(() -> launch(program, socket, log, config)), directory, log);
            }
        } catch (IOException e) {
            throw new ConfigException("network: passt can't be started: " + e.getMessage(), e);
        } finally {
            remove(directory);
        }
    }

    /** As root passt gives its rights up before it makes its socket. */
    private static void giveAway(Path path) throws IOException {
        UserPrincipal user =
                path.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(UNPRIVILEGED_USER);
        Files.setOwner(path, user);
    }

    private static Process launch(String program, Path socket, Path log, NetConfig.User config) {
        List<String> command = new ArrayList<>(
                List.of(program, "--foreground", "--one-off", "--quiet", "--stderr", "--socket", socket.toString()));
        addPorts(command, "--tcp-ports", config, PublishedPort.Protocol.TCP);
        addPorts(command, "--udp-ports", config, PublishedPort.Protocol.UDP);
        LOG.debug("starts {}", command);
        try {
            return new ProcessBuilder(command)
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
        } catch (IOException e) {
            throw new ConfigException(
                    "network: passt is not installed; run: sudo apt-get install passt   (" + e.getMessage() + ")", e);
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

    private static PasstProcess connect(Process process, Path directory, Path log) throws IOException {
        FileChannel channel = null;
        try {
            channel = FileChannel.open(log, StandardOpenOption.READ);
            Fd socket = awaitSocket(process, directory.resolve("socket"), channel);
            LOG.debug("passt runs as process {}", process.pid());
            return new PasstProcess(process, socket, channel);
        } catch (IOException | RuntimeException e) {
            process.destroyForcibly();
            if (channel != null) {
                channel.close();
            }
            throw e;
        }
    }

    /** A passt that is not connected yet, and would outlive this process if that is told to end. */
    private static final class Unconnected implements AutoCloseable {
        private final Path directory;
        private final ShutdownHook hook;
        private @Nullable Process process; // guarded by this
        private boolean ended; // guarded by this

        Unconnected(Path directory) {
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
            remove(directory);
        }

        @Override
        public void close() {
            hook.remove();
        }
    }

    private static Fd awaitSocket(Process process, Path path, FileChannel log) {
        long end = System.nanoTime() + START_TIMEOUT_NANOS;
        while (true) {
            boolean alive = process.isAlive(); // before the attempt, which may be its last chance
            if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
                try {
                    return UnixSocket.connect(path.toString());
                } catch (HostException e) {
                    if (e.errno() != Errno.ECONNREFUSED && e.errno() != Errno.ENOENT) {
                        throw e;
                    } // else it does not listen yet
                }
            }
            if (!alive) {
                throw new ConfigException(
                        "network: passt ends at once, with status " + process.exitValue() + ": " + lastWords(log));
            }
            if (System.nanoTime() > end) {
                throw new ConfigException("network: passt does not answer; it said: " + lastWords(log));
            }
            pause();
        }
    }

    private static void pause() {
        try {
            Thread.sleep(POLL_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ConfigException("network: interrupted while passt started", e);
        }
    }

    /** The connection, in non-blocking mode. */
    Fd socket() {
        return socket;
    }

    /** The process, for tests. */
    ProcessHandle handle() {
        return process.toHandle();
    }

    /** What it wrote, without what it says of a host without syslog. */
    private static String text(FileChannel log) {
        ByteBuffer bytes = ByteBuffer.allocate(MAX_LOG_BYTES);
        try {
            long start = Math.max(0, log.size() - MAX_LOG_BYTES);
            while (bytes.hasRemaining() && log.read(bytes, start + bytes.position()) > 0) {
                // More.
            }
        } catch (IOException e) {
            return "its log can't be read: " + e.getMessage();
        }
        return new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8)
                .lines()
                .filter(line -> !line.isBlank() && !line.matches("Failed to send \\d+ bytes to syslog"))
                .collect(Collectors.joining("\n"));
    }

    private static String lastWords(FileChannel log) {
        String last = text(log).lines().reduce("", (_, line) -> line);
        return last.isEmpty() ? "nothing" : last;
    }

    private static void remove(@Nullable Path directory) {
        if (directory == null) {
            return;
        }
        try {
            Files.deleteIfExists(directory.resolve("socket"));
            Files.deleteIfExists(directory.resolve("log"));
            Files.deleteIfExists(directory);
        } catch (IOException e) {
            LOG.warn("{} can't be removed: {}", directory, e.getMessage());
        }
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
            LOG.debug("passt said: {}", text(log));
            log.close();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            LOG.debug("closing passt's log: {}", e.getMessage());
        }
    }
}
