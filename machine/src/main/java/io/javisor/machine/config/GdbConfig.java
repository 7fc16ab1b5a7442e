package io.javisor.machine.config;

import io.javisor.core.host.UnixSocket;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.function.UnaryOperator;

/**
 * Where a debugger, GDB, may connect to a machine: on this host only.
 *
 * @param endpoint where it listens
 * @param waits whether the guest is held before its first instruction until a debugger lets it go on
 */
public record GdbConfig(Endpoint endpoint, boolean waits) {
    /** What an option takes. */
    public static final String SYNTAX = "unix:PATH[,wait] or tcp:PORT[,wait]";

    private static final String WAIT = ",wait";
    private static final String UNIX = "unix:";
    private static final String TCP = "tcp:";
    private static final int MAX_PORT = 0xFFFF;

    /** A socket of the host. */
    public sealed interface Endpoint {
        /** A Unix socket with a path, which only its owner can use. */
        record Unix(Path path) implements Endpoint {
            @Override
            public String toString() {
                return UNIX + path;
            }
        }

        /** A TCP port, 1 to 65535, of the loopback address 127.0.0.1, which every user of the host can use. */
        record Tcp(int port) implements Endpoint {
            @Override
            public String toString() {
                return TCP + port;
            }
        }
    }

    /**
     * Reads an option.
     *
     * @throws IllegalArgumentException saying what is wrong with it
     */
    public static GdbConfig parse(String text) {
        boolean waits = text.endsWith(WAIT);
        String where = waits ? text.substring(0, text.length() - WAIT.length()) : text;
        if (where.startsWith(UNIX)) {
            return new GdbConfig(new Endpoint.Unix(path(where.substring(UNIX.length()))), waits);
        }
        if (where.startsWith(TCP)) {
            return new GdbConfig(new Endpoint.Tcp(port(where.substring(TCP.length()))), waits);
        }
        throw new IllegalArgumentException("'" + text + "' is not " + SYNTAX);
    }

    private static Path path(String text) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException("unix: has no path; give " + SYNTAX);
        }
        try {
            Path path = Path.of(text);
            int length = UnixSocket.pathBytes(text);
            if (length > UnixSocket.MAX_PATH_BYTES) {
                throw new IllegalArgumentException("a path of " + length
                        + " bytes is too long for a socket, which may have " + UnixSocket.MAX_PATH_BYTES);
            }
            return path;
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException("'" + text + "' is no path");
        }
    }

    private static int port(String text) {
        int colon = text.lastIndexOf(':');
        if (colon >= 0) {
            String host = text.substring(0, colon);
            if (!host.equals("127.0.0.1") && !host.equals("localhost")) {
                throw new IllegalArgumentException("'" + host
                        + "' is not the loopback address, on which alone a debugger is listened for; give tcp:PORT,"
                        + " and use ssh -L from elsewhere");
            }
        }
        String number = text.substring(colon + 1);
        if (!number.matches("[0-9]{1,5}") || Integer.parseInt(number) < 1 || Integer.parseInt(number) > MAX_PORT) {
            throw new IllegalArgumentException("'" + number + "' is not a port, 1 to " + MAX_PORT);
        }
        return Integer.parseInt(number);
    }

    /** The same with its path, if it has one, put elsewhere. */
    public GdbConfig at(UnaryOperator<Path> place) {
        return switch (endpoint) {
            case Endpoint.Unix(Path path) -> new GdbConfig(new Endpoint.Unix(place.apply(path)), waits);
            case Endpoint.Tcp _ -> this;
        };
    }

    /** As an option has it. */
    @Override
    public String toString() {
        return endpoint + (waits ? WAIT : "");
    }
}
