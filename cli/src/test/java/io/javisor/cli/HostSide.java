package io.javisor.cli;

import io.javisor.testkit.Await;
import io.javisor.testkit.host.NetNamespace;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** The host's end of a guest's network. */
final class HostSide {
    private HostSide() {}

    /** Connects as soon as somebody listens there; reads of the socket wait as long at most. */
    static Socket connect(NetNamespace host, String address, int port, int seconds) throws Exception {
        int millis = (int) TimeUnit.SECONDS.toMillis(seconds);
        Socket[] connected = new Socket[1];
        Await.until(() -> "a connection to " + address + ":" + port, seconds, () -> {
            try {
                connected[0] = host.call(() -> {
                    Socket socket = new Socket();
                    socket.connect(new InetSocketAddress(address, port), millis);
                    return socket;
                });
                return true;
            } catch (ConnectException e) {
                return notYet();
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
        connected[0].setSoTimeout(millis);
        return connected[0];
    }

    /** Each attempt costs the guest some of its time. */
    static boolean notYet() {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(300));
        return false;
    }
}
