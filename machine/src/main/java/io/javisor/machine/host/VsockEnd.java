package io.javisor.machine.host;

import io.javisor.core.event.MachineClock;
import io.javisor.core.event.Timer;
import io.javisor.core.host.Errno;
import io.javisor.core.host.Libc;
import io.javisor.core.host.UnixSocket;
import io.javisor.devices.backend.HostEvents;
import io.javisor.devices.virtio.VirtioDevice;
import io.javisor.devices.virtio.vsock.VsockCounters;
import io.javisor.devices.virtio.vsock.VsockDevice;
import io.javisor.devices.virtio.vsock.backend.UnixVsockHost;
import io.javisor.machine.config.ConfigException;
import io.javisor.machine.config.VsockConfig;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The host's end of a virtio socket device: the listening socket, made before the machine is. Where the guest connects to is the one thing that a machine opens
 * by name while it runs: a socket beside that one, of a process of this user or of root, and of nobody else, who might have put it there.
 */
record VsockEnd(VsockConfig config, ListeningSocket socket) implements VirtioEnd {
    private static final String WHAT = "vsock socket";

    /**
     * Opens it.
     *
     * @throws ConfigException if the socket can't be had
     */
    static VsockEnd open(VsockConfig config) {
        return new VsockEnd(config, ListeningSocket.open(WHAT, config.path()));
    }

    /**
     * Refuses what {@link #open} would, and makes nothing.
     *
     * @throws ConfigException if the socket can't be had
     */
    static void check(VsockConfig config) {
        ListeningSocket.check(WHAT, config.path());
    }

    @Override
    public VirtioSource connect(String id, VirtioSource.Surroundings around) {
        VsockCounters counters = new VsockCounters();
        UnixVsockHost host =
                new UnixVsockHost(id, socket.fd().value(), port -> dial(config, port), around.events(), counters);
        return new Connected(id, config.guestCid(), host, around.events(), around.clock(), counters);
    }

    /** A descriptor, or a negated errno. */
    static int dial(VsockConfig config, int port) {
        int fd = UnixSocket.tryConnect(config.listenerPath(port));
        if (fd >= 0 && !isTrusted(UnixSocket.peerUser(fd), Libc.geteuid())) {
            int _ = Libc.close(fd);
            return -Errno.EACCES;
        }
        return fd;
    }

    static boolean isTrusted(int listener, int user) {
        return listener == 0 || listener == user;
    }

    @Override
    public void close() {
        socket.close();
    }

    /** The device's source, over all lives. */
    private record Connected(
            String id, long guestCid, UnixVsockHost host, HostEvents events, MachineClock clock, VsockCounters counters)
            implements VirtioSource {
        private static final long TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(5);

        @Override
        public VirtioDevice<?> newDevice() {
            return new VsockDevice(id, guestCid, host, clock, clock, counters);
        }

        /** Streams are the loop's, so they end there. */
        @Override
        public void close() {
            CountDownLatch ended = new CountDownLatch(1);
            try (Timer end = events.newTimer(id + "/end", () -> {
                host.close();
                ended.countDown();
            })) {
                end.schedule(1);
                if (!ended.await(TIMEOUT_NANOS, TimeUnit.NANOSECONDS)) {
                    throw new IllegalStateException("the end of " + id + " does not come: the event loop hangs");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("the end of " + id + " was interrupted", e);
            }
        }
    }
}
