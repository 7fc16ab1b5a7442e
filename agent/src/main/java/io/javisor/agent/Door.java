package io.javisor.agent;

import static io.javisor.core.host.FileStatus.S_IWGRP;
import static io.javisor.core.host.FileStatus.S_IWOTH;

import io.javisor.core.host.FileStatus;
import io.javisor.core.host.HostException;
import io.javisor.core.host.Libc;
import io.javisor.core.host.UnixSocket;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.UserPrincipal;
import java.util.EnumSet;
import jdk.net.ExtendedSocketOptions;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A listening Unix socket with a path of its own, in a directory that is the user's; only he, and root, can come in. Any thread. */
public final class Door implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Door.class);
    private static final int BACKLOG = 512; // an agent opens 384 streams, and its device waits for nobody

    private final Path path;
    private final ServerSocketChannel socket;
    private final FileStatus made;
    private final UserPrincipal owner;

    private Door(Path path, ServerSocketChannel socket) throws IOException {
        this.path = path;
        this.socket = socket;
        made = FileStatus.of(path, LinkOption.NOFOLLOW_LINKS);
        // Whoever came before this is told apart by isOurs.
        Files.setPosixFilePermissions(
                path, EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE));
        owner = Files.getOwner(path, LinkOption.NOFOLLOW_LINKS);
    }

    /**
     * Listens. A socket that nobody has any more is replaced.
     *
     * @param what the socket is, for messages: {@code agent's socket}
     * @throws AgentException if the path is too long, in use, something else, or in a directory that is not the user's alone
     */
    public static Door open(String what, Path path) {
        ServerSocketChannel opened = null;
        try {
            makeWay(what, path);
            opened = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            opened.bind(UnixDomainSocketAddress.of(path), BACKLOG);
            return new Door(path, opened);
        } catch (HostException | IOException e) {
            close(opened);
            throw refused(what, path, "can't be made: " + e.getMessage(), e);
        }
    }

    private static void makeWay(String what, Path path) throws IOException {
        int length = UnixSocket.pathBytes(path.toString());
        if (length > UnixSocket.MAX_PATH_BYTES) {
            throw refused(
                    what,
                    path,
                    "has a path of " + length + " bytes; a socket's may have " + UnixSocket.MAX_PATH_BYTES,
                    null);
        }
        Path directory = path.toAbsolutePath().normalize().getParent();
        FileStatus status = directory == null ? null : FileStatus.of(directory);
        if (status == null || status.owner() != Libc.geteuid() || (status.mode() & (S_IWGRP | S_IWOTH)) != 0) {
            throw refused(what, path, "would be in a directory that others may write to", null);
        }
        try {
            FileStatus present = FileStatus.of(path, LinkOption.NOFOLLOW_LINKS);
            if (!present.isSocket() || UnixSocket.isInUse(path.toString())) {
                throw refused(what, path, present.isSocket() ? "is in use" : "exists and is not a socket", null);
            }
            Files.deleteIfExists(path);
        } catch (NoSuchFileException _) {
            // The way is free.
        }
    }

    private static AgentException refused(String what, Path path, String why, @Nullable Exception cause) {
        AgentException refusal = new AgentException(AgentException.FAILED, "the " + what + " " + path + " " + why);
        if (cause != null) {
            refusal.initCause(cause);
        }
        return refusal;
    }

    /**
     * The next connection, in blocking mode; waits for it.
     *
     * @throws java.nio.channels.ClosedChannelException if this is closed
     */
    public SocketChannel accept() throws IOException {
        while (true) {
            SocketChannel client = socket.accept();
            try {
                if (isOurs(client)) {
                    return client;
                }
                LOG.warn("the socket {}: another user's connection is refused", path);
            } catch (IOException e) {
                LOG.debug("a connection to {}", path, e);
            }
            client.close();
        }
    }

    private boolean isOurs(SocketChannel client) throws IOException {
        UserPrincipal peer = client.getOption(ExtendedSocketOptions.SO_PEERCRED).user();
        return peer.equals(owner)
                || peer.equals(
                        FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByName("0"));
    }

    /** Removes the path, unless something else lies there by now. */
    @Override
    public void close() {
        try {
            if (FileStatus.of(path, LinkOption.NOFOLLOW_LINKS).isSameFile(made)) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            LOG.debug("the path {} is gone already", path, e);
        }
        close(socket);
    }

    /** Closes it, if there is one; what fails then is nobody's concern. */
    public static void close(@Nullable Channel channel) {
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException e) {
                LOG.debug("close of a connection", e);
            }
        }
    }
}
