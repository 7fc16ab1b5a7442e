package io.javisor.oci.registry.http;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import javax.net.ServerSocketFactory;

/** Listens on loopback and serves each client on a thread of its own. Closing it ends them all. */
public final class LoopbackListener implements AutoCloseable {
    private static final int BACKLOG = 50;
    private static final long JOIN_MILLIS = 10_000;

    private final String name;
    private final ServerSocket listener;
    private final List<Socket> sockets = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();

    /** @param name of its threads */
    public LoopbackListener(String name, ServerSocketFactory factory) throws IOException {
        this.name = name;
        listener = factory.createServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
    }

    public int port() {
        return listener.getLocalPort();
    }

    /** {@code 127.0.0.1:PORT}. */
    public String host() {
        return "127.0.0.1:" + port();
    }

    /** Takes clients from now on. */
    public void serve(Consumer<Socket> session) {
        start(() -> accept(session));
    }

    private void accept(Consumer<Socket> session) {
        while (!listener.isClosed()) {
            try {
                Socket client = own(listener.accept());
                start(() -> session.accept(client));
            } catch (IOException closed) {
                // The loop sees it.
            }
        }
    }

    /** Runs a further task of a client's. */
    public void start(Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        synchronized (this) {
            threads.add(thread);
        }
        thread.start();
    }

    /** Closes this too when it is closed. */
    public synchronized Socket own(Socket socket) {
        sockets.add(socket);
        return socket;
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
                each.join(JOIN_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
