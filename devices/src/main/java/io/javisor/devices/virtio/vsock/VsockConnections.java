package io.javisor.devices.virtio.vsock;

import io.netty.util.collection.LongObjectHashMap;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A device's connections by their ports, and the list of those for which a packet is due, each of which has its turn. */
final class VsockConnections {
    /** The most, those included whose RST a guest has not taken yet. */
    static final int MAX = 1024;

    /** Ports of the host's for connections that it asks for, from here on: none that a listener has by Firecracker's convention. */
    static final int FIRST_HOST_PORT = 1 << 30;

    /** So many have {@link #LARGE_BUFFER} each, the others {@link #SMALL_BUFFER}: 76 MiB for all of them. */
    private static final int WITH_LARGE_BUFFER = 64;

    private static final int LARGE_BUFFER = 256 << 10;
    private static final int SMALL_BUFFER = 64 << 10;

    private final VsockCounters counters;
    private final LongObjectHashMap<VsockConnection> byPorts = new LongObjectHashMap<>();
    private @Nullable VsockConnection firstReady;
    private @Nullable VsockConnection lastReady;
    private int nextHostPort = FIRST_HOST_PORT;

    VsockConnections(VsockCounters counters) {
        this.counters = counters;
    }

    boolean isFull() {
        return byPorts.size() >= MAX;
    }

    /** How much of the guest's may wait for the host in a connection that is made now. */
    int bufferBytes() {
        return byPorts.size() < WITH_LARGE_BUFFER ? LARGE_BUFFER : SMALL_BUFFER;
    }

    private static long key(int hostPort, int guestPort) {
        return (long) hostPort << Integer.SIZE | Integer.toUnsignedLong(guestPort);
    }

    @Nullable
    VsockConnection find(int hostPort, int guestPort) {
        return byPorts.get(key(hostPort, guestPort));
    }

    /** Its ports are nobody else's, and there is room. */
    void add(VsockConnection connection) {
        VsockConnection _ = byPorts.put(key(connection.hostPort(), connection.guestPort()), connection);
    }

    /** After anything that may have changed what is due to the guest: it is listed if something is, and forgotten if it is over. */
    void settle(VsockConnection connection) {
        if (connection.isOver()) {
            remove(connection);
        } else if (connection.next() != VsockConnection.NOTHING) {
            list(connection);
        }
    }

    private void remove(VsockConnection connection) {
        if (find(connection.hostPort(), connection.guestPort()) == connection) {
            VsockConnection _ = byPorts.remove(key(connection.hostPort(), connection.guestPort()));
            counters.ended.getAndIncrement();
        }
    }

    /** A port for a connection that the host asks for, which has none to that port of the guest's. */
    int newHostPort(int guestPort) {
        int port;
        do {
            port = nextHostPort;
            nextHostPort = port == Integer.MAX_VALUE ? FIRST_HOST_PORT : port + 1;
        } while (find(port, guestPort) != null);
        return port;
    }

    int nextHostPort() {
        return nextHostPort;
    }

    void setNextHostPort(int port) {
        nextHostPort = port;
    }

    /** Puts a connection at the end of those for which a packet is due, unless it is among them. */
    void list(VsockConnection connection) {
        if (connection.isListed) {
            return;
        }
        connection.isListed = true;
        VsockConnection last = lastReady;
        if (last == null) {
            firstReady = connection;
        } else {
            last.nextReady = connection;
        }
        lastReady = connection;
    }

    boolean isAnyListed() {
        return firstReady != null;
    }

    /** Takes the first off that list, for which something may be due; null if there is none. */
    @Nullable
    VsockConnection takeListed() {
        VsockConnection first = firstReady;
        if (first != null) {
            firstReady = first.nextReady;
            if (firstReady == null) {
                lastReady = null;
            }
            first.nextReady = null;
            first.isListed = false;
        }
        return first;
    }

    /** A copy. */
    List<VsockConnection> all() {
        return new ArrayList<>(byPorts.values());
    }

    /** The guest is gone. */
    void abandonAll() {
        for (VsockConnection connection : all()) {
            connection.abandon();
            remove(connection);
        }
        while (takeListed() != null) {
            // Each forgets its place.
        }
    }
}
