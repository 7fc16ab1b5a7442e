package io.javisor.oci.registry;

import io.javisor.oci.registry.http.LoopbackListener;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import javax.net.ServerSocketFactory;

/** Carries bytes to a port of this computer and back; cuts the first connections after so many of them, whichever way they go. */
final class CuttingRelay implements AutoCloseable {
    private final LoopbackListener listener;
    private final int port;
    private final long after;
    private int cutsLeft;
    private int cutsMade;

    CuttingRelay(int port, long after, int cuts) throws IOException {
        this.port = port;
        this.after = after;
        cutsLeft = cuts;
        listener = new LoopbackListener("cutting-relay", ServerSocketFactory.getDefault());
        listener.serve(this::relay);
    }

    String host() {
        return listener.host();
    }

    synchronized int cutsMade() {
        return cutsMade;
    }

    private void relay(Socket client) {
        try (client) {
            Socket server = listener.own(new Socket(InetAddress.getLoopbackAddress(), port));
            listener.start(() -> copy(server, client));
            copy(client, server);
        } catch (IOException nobody) {
            // The client sees it.
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
    }
}
