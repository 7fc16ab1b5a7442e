package io.javisor.oci.registry;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/** Carries bytes to a port of this computer and back; cuts the first connections after so many of them, whichever way they go. */
final class CuttingRelay implements AutoCloseable {
    private final ServerSocket listener;
    private final int port;
    private final long after;
    private final List<Socket> sockets = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private int cutsLeft;
    private int cutsMade;

    CuttingRelay(int port, long after, int cuts) throws IOException {
        this.port = port;
        this.after = after;
        cutsLeft = cuts;
        listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        start(this::accept);
    }

    String host() {
        return "127.0.0.1:" + listener.getLocalPort();
    }

    synchronized int cutsMade() {
        return cutsMade;
    }

    private void start(Runnable task) {
        Thread thread = new Thread(task, "cutting-relay");
        thread.setDaemon(true);
        synchronized (this) {
            threads.add(thread);
        }
        thread.start();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                Socket server = new Socket(InetAddress.getLoopbackAddress(), port);
                synchronized (this) {
                    sockets.add(client);
                    sockets.add(server);
                }
                start(() -> copy(client, server));
                start(() -> copy(server, client));
            } catch (IOException closed) {
                // The loop sees it.
            }
        }
    }

    private void copy(Socket from, Socket to) {
        byte[] buffer = new byte[16 << 10];
        long carried = 0;
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                carried += count;
                if (carried > after && mayCut()) {
                    return;
                }
                out.write(buffer, 0, count);
            }
        } catch (IOException gone) {
            // So is the other.
        }
    }

    private synchronized boolean mayCut() {
        if (cutsLeft == 0) {
            return false;
        }
        cutsLeft--;
        cutsMade++;
        return true;
    }

    @Override
    public void close() throws IOException {
        listener.close();
        List<Thread> all;
        synchronized (this) {
            for (Socket each : sockets) {
                each.close();
            }
            all = List.copyOf(threads);
        }
        try {
            for (Thread each : all) {
                each.join(10_000);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
