package io.javisor.machine.host;

import io.javisor.core.log.LogLimit;
import io.javisor.gdb.GdbServer;
import io.javisor.machine.config.ConfigException;
import io.javisor.machine.config.GdbConfig;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.UserPrincipal;
import java.util.EnumSet;
import jdk.net.ExtendedSocketOptions;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The listening socket for a debugger. A Unix socket's path is made as {@link SocketPath} has it, and removed on closing. */
public final class GdbSocket implements GdbServer.Door {
    private static final Logger LOG = LoggerFactory.getLogger(GdbSocket.class);
    private static final String WHAT = "gdb socket";
    private static final int BACKLOG = 4;

    private final LogLimit refusals = new LogLimit();
    private final ServerSocketChannel socket;
    private final @Nullable SocketPath path; // null for TCP
    private final @Nullable UserPrincipal owner; // of the path

    private GdbSocket(ServerSocketChannel socket, @Nullable SocketPath path, @Nullable UserPrincipal owner) {
        this.socket = socket;
        this.path = path;
        this.owner = owner;
    }

    /**
     * Listens.
     *
     * @throws ConfigException if the port is not free, or the path can't be had
     */
    public static GdbSocket open(GdbConfig.Endpoint endpoint) {
        return switch (endpoint) {
            case GdbConfig.Endpoint.Unix(Path path) -> unix(path);
            case GdbConfig.Endpoint.Tcp(int port) -> tcp(port);
        };
    }

    /**
     * Refuses what {@link #open} would, and leaves nothing; a port is taken for a moment.
     *
     * @throws ConfigException if the port is not free, or the path can't be had
     */
    static void check(GdbConfig.Endpoint endpoint) {
        switch (endpoint) {
            case GdbConfig.Endpoint.Unix(Path path) -> SocketPath.check(WHAT, path);
            case GdbConfig.Endpoint.Tcp(int port) -> tcp(port).close();
        }
    }

    private static GdbSocket unix(Path path) {
        SocketPath claimed = SocketPath.claim(WHAT, path);
        ServerSocketChannel opened = null;
        try {
            opened = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            opened.bind(UnixDomainSocketAddress.of(path), BACKLOG);
            claimed.made();
            // Whoever came before this is told apart by isOurs.
            Files.setPosixFilePermissions(
                    path, EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE));
            return new GdbSocket(opened, claimed, Files.getOwner(path, LinkOption.NOFOLLOW_LINKS));
        } catch (IOException e) {
            claimed.close();
            close(opened);
            throw claimed.cannotBeMade(e);
        } catch (RuntimeException e) {
            claimed.close();
            close(opened);
            throw e;
        }
    }

    private static GdbSocket tcp(int port) {
        ServerSocketChannel opened = null;
        try {
            opened = ServerSocketChannel.open(StandardProtocolFamily.INET);
            opened.setOption(StandardSocketOptions.SO_REUSEADDR, true); // not to wait for connections of before
            opened.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port), BACKLOG);
            return new GdbSocket(opened, null, null);
        } catch (BindException e) {
            close(opened);
            throw new ConfigException(
                    "gdb can't listen on port " + port + " of 127.0.0.1: " + e.getMessage() + "; choose another", e);
        } catch (IOException e) {
            close(opened);
            throw new ConfigException("gdb can't listen on port " + port + " of 127.0.0.1: " + e, e);
        }
    }

    @Override
    public SocketChannel next() throws IOException {
        while (true) {
            SocketChannel client = socket.accept();
            try {
                if (owner == null) {
                    client.setOption(StandardSocketOptions.TCP_NODELAY, true);
                    return client;
                }
                if (isOurs(client, owner)) {
                    return client;
                }
                refusals.warn(LOG, "gdb socket: another user's connection is refused");
                client.close();
            } catch (IOException e) {
                client.close();
                throw e;
            }
        }
    }

    private static boolean isOurs(SocketChannel client, UserPrincipal owner) throws IOException {
        UserPrincipal peer = client.getOption(ExtendedSocketOptions.SO_PEERCRED).user();
        return peer.equals(owner)
                || peer.equals(
                        FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByName("0"));
    }

    @Override
    public void close() {
        if (path != null) {
            path.close();
        }
        close(socket);
    }

    private static void close(@Nullable ServerSocketChannel channel) {
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException e) {
                LOG.debug("close of a gdb socket", e);
            }
        }
    }
}
