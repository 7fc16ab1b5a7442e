package io.javisor.container.spec;

import io.javisor.machine.config.ConfigException;
import io.javisor.machine.config.PublishedPort.Protocol;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Ports that nobody listens on at this moment; none of them twice. One thread. */
final class HostPorts implements Ports.FreePorts {
    private static final int TRIES = 100;

    private final Set<Integer> chosen = new HashSet<>();

    @Override
    public int next(@Nullable String address, Protocol protocol) {
        InetSocketAddress any =
                address == null ? new InetSocketAddress(0) : new InetSocketAddress(InetAddress.ofLiteral(address), 0);
        try {
            for (int i = 0; i < TRIES; i++) {
                int port = free(any, protocol);
                if (chosen.add(port)) {
                    return port;
                }
            }
        } catch (IOException e) {
            throw new ConfigException("no port of the host is free: " + e.getMessage(), e);
        }
        throw new ConfigException("no port of the host is free");
    }

    private static int free(InetSocketAddress any, Protocol protocol) throws IOException {
        if (protocol == Protocol.UDP) {
            try (DatagramSocket socket = new DatagramSocket(any)) {
                return socket.getLocalPort();
            }
        }
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(any);
            return socket.getLocalPort();
        }
    }
}
