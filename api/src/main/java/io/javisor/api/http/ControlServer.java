package io.javisor.api.http;

import io.javisor.api.Routes;
import io.javisor.core.log.LogLimit;
import io.javisor.machine.host.SocketPath;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.UserPrincipal;
import java.util.EnumSet;
import jdk.net.ExtendedSocketOptions;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * HTTP/1.1 on a Unix socket that only its owner, and root, can use. Requests are carried out by one thread, one after the other, whichever
 * connection they come by; on a connection they are answered in order. It costs a socket and a thread that waits until there is a client: netty
 * and JSON are loaded for the first.
 */
public final class ControlServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ControlServer.class);
    private static final int BACKLOG = 64;
    private static final long ACCEPT_RETRY_MILLIS = 100;

    private final String name;
    private final Routes routes;
    private final Limits limits;
    private final SocketPath path;
    private final ServerSocketChannel socket;
    private final PosixFileAttributes made;
    private final LogLimit acceptLines = new LogLimit();
    private final LogLimit refusalLines = new LogLimit();
    private final LogLimit failureLines = new LogLimit();
    private final Thread acceptor;
    private @Nullable Connections connections; // the acceptor's, until that has ended

    private ControlServer(Path path, String name, Routes routes, Limits limits) {
        this.name = name;
        this.routes = routes;
        this.limits = limits;
        this.path = SocketPath.claim("control socket", path);
        ServerSocketChannel opened = null;
        try {
            opened = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            opened.bind(UnixDomainSocketAddress.of(path), BACKLOG);
            this.path.made();
            // Whoever came before this is told apart by isOurs.
            Files.setPosixFilePermissions(
                    path, EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE));
            made = Files.readAttributes(path, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        } catch (IOException e) {
            this.path.close();
            close(opened);
            throw this.path.cannotBeMade(e);
        } catch (RuntimeException e) {
            this.path.close();
            close(opened);
            throw e;
        }
        socket = opened;
        acceptor = Thread.ofPlatform().daemon().name(name + "/control").unstarted(this::accept);
    }

    /**
     * Listens at {@code path}.
     *
     * @param name prefix of the threads' names
     * @param routes called by one thread
     * @throws io.javisor.machine.config.ConfigException if the path is too long, in use, something else, or in a directory where others could replace it
     */
    public static ControlServer open(Path path, String name, Routes routes) {
        return open(path, name, routes, Limits.DEFAULT);
    }

    static ControlServer open(Path path, String name, Routes routes, Limits limits) {
        ControlServer server = new ControlServer(path, name, routes, limits);
        server.acceptor.start();
        return server;
    }

    private void accept() {
        while (true) {
            try {
                take(socket.accept());
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException e) {
                acceptLines.warn(
                        LOG, "control socket of {}: {}", name, e.getMessage()); // no descriptor left, most likely
                try {
                    Thread.sleep(ACCEPT_RETRY_MILLIS);
                } catch (InterruptedException _) {
                    return;
                }
            }
        }
    }

    private void take(SocketChannel client) throws IOException {
        try {
            if (!isOurs(client)) {
                refusalLines.warn(LOG, "control socket of {}: another user's connection is refused", name);
                client.close();
                return;
            }
            Connections present = connections;
            if (present == null) {
                present = new Connections(name, routes, limits);
                connections = present;
            }
            present.add(client);
        } catch (RuntimeException e) {
            failureLines.warn(LOG, "control socket of {}", name, e);
            client.close();
        }
    }

    private boolean isOurs(SocketChannel client) throws IOException {
        UserPrincipal peer = client.getOption(ExtendedSocketOptions.SO_PEERCRED).user();
        return peer.equals(made.owner())
                || peer.equals(
                        FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByName("0"));
    }

    /**
     * Removes the path, lets the request that is carried out end and its answer go out, within seconds, and ends every connection and thread. Not
     * to be called by a handler of {@link Routes}.
     */
    @Override
    public synchronized void close() {
        close(socket);
        path.close();
        boolean interrupted = false;
        while (acceptor.isAlive()) {
            try {
                acceptor.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        Connections present = connections;
        connections = null;
        if (present != null) {
            present.close();
        }
    }

    private static void close(@Nullable ServerSocketChannel channel) {
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException e) {
                LOG.debug("close of a control socket", e);
            }
        }
    }
}
