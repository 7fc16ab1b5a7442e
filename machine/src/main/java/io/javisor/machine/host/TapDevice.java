package io.javisor.machine.host;

import io.javisor.core.host.Cleanup;
import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import io.javisor.core.net.NetConstants;
import io.javisor.core.net.NetInterfaces;
import io.javisor.machine.config.ConfigException;
import io.javisor.machine.config.NetConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A tap, opened: made if it did not exist, then gone when it is closed. Up, and in its bridge. */
final class TapDevice implements AutoCloseable {
    static final Path TUN = Path.of("/dev/net/tun");

    private static final long CAP_NET_ADMIN = 1L << 12; // linux/capability.h
    private static final String CAPABILITIES = "CapEff:";

    private final String name;
    private final int mtu;
    private final List<Fd> queues;

    private TapDevice(String name, int mtu, List<Fd> queues) {
        this.name = name;
        this.mtu = mtu;
        this.queues = queues;
    }

    /**
     * Opens a tap, in the calling thread's network namespace.
     *
     * @throws ConfigException if it can't be had; the message names the command that helps
     */
    static TapDevice open(NetConfig.Tap config) {
        Cleanup opened = new Cleanup();
        try (NetInterfaces interfaces = new NetInterfaces()) {
            List<Fd> queues = new ArrayList<>();
            boolean multiQueue = config.queues() > 1;
            String wanted = config.interfaceName() == null ? "" : config.interfaceName();
            for (int i = 0; i < config.queues(); i++) {
                Fd fd = opened.add(openTun());
                attach(interfaces, fd, queues.isEmpty() ? wanted : interfaces.tapName(), config, multiQueue);
                queues.add(fd);
            }
            String name = interfaces.tapName();
            join(interfaces, name, config.bridge());
            int mtu = setMtu(interfaces, name, config.mtu());
            bringUp(interfaces, name);
            return new TapDevice(name, mtu, List.copyOf(queues));
        } catch (RuntimeException e) {
            opened.closeAfter(e);
            throw e;
        }
    }

    /**
     * Refuses what {@link #open} would, as far as that can be told without a tap: attaching to one, or joining it to a bridge, would change it.
     *
     * @throws ConfigException if it can't be had
     */
    static void check(NetConfig.Tap config) {
        openTun().close();
        boolean mayChange = mayChangeInterfaces();
        try (NetInterfaces interfaces = new NetInterfaces()) {
            String name = config.interfaceName() == null ? "" : config.interfaceName();
            boolean exists = !name.isEmpty() && interfaces.index(name) >= 0;
            if (!exists && !mayChange) {
                throw attachRefused(interfaces, name, config, Errno.EPERM);
            }
            Path known = Path.of("/sys/class/net", name);
            if (exists && Files.exists(known) && !Files.exists(known.resolve("tun_flags"))) {
                throw attachRefused(interfaces, name, config, Errno.EINVAL);
            }
            String bridge = config.bridge();
            if (bridge != null && !bridge.equals(bridgeOf(name))) {
                int errno = mayChange ? interfaces.index(bridge) < 0 ? Errno.ENODEV : 0 : Errno.EPERM;
                if (errno != 0) {
                    throw joinRefused(name.isEmpty() ? "of its own" : name, bridge, errno);
                }
            }
            if (exists && !mayChange) {
                requireAsItIs(interfaces, name, config.mtu());
            }
        }
    }

    private static void requireAsItIs(NetInterfaces interfaces, String name, int mtu) {
        if (mtu != 0 && mtu != interfaces.mtu(name)) {
            throw mtuRefused(name, mtu, Errno.EPERM);
        }
        int flags = interfaces.flags(name);
        if (flags >= 0 && (flags & NetConstants.IFF_UP) == 0) {
            throw upRefused(name, Errno.EPERM);
        }
    }

    /** CAP_NET_ADMIN, by proc(5). */
    private static boolean mayChangeInterfaces() {
        try {
            return Files.readAllLines(Path.of("/proc/thread-self/status")).stream()
                    .filter(line -> line.startsWith(CAPABILITIES))
                    .map(line -> line.substring(CAPABILITIES.length()).strip())
                    .anyMatch(mask -> (Long.parseUnsignedLong(mask, 16) & CAP_NET_ADMIN) != 0);
        } catch (IOException e) {
            return true; // whoever opens it will see
        }
    }

    /** The interface's. */
    String name() {
        return name;
    }

    /** The interface's, in bytes. */
    int mtu() {
        return mtu;
    }

    /** Its queues, in non-blocking mode, all attached. */
    List<Fd> queues() {
        return queues;
    }

    private static Fd openTun() {
        int result = Libc.open(TUN.toString(), HostConstants.O_RDWR | HostConstants.O_NONBLOCK, 0);
        if (result < 0) {
            String remedy =
                    switch (-result) {
                        case Errno.EACCES, Errno.EPERM -> "sudo chmod 0666 " + TUN + " gives its usual mode";
                        case Errno.ENOENT, Errno.ENODEV -> "try: sudo modprobe tun";
                        default -> "no tap can be had without it";
                    };
            throw new ConfigException(
                    "network: " + TUN + " can't be opened: " + Errno.describe(-result) + "; " + remedy);
        }
        return Fd.own("tap", result);
    }

    private static void attach(NetInterfaces interfaces, Fd fd, String name, NetConfig.Tap config, boolean multiQueue) {
        int result = interfaces.openTap(fd.value(), name, multiQueue);
        if (result == -Errno.EINVAL && !multiQueue) {
            result = interfaces.openTap(fd.value(), name, true); // one that was made for several
        }
        if (result < 0) {
            throw attachRefused(interfaces, name, config, -result);
        }
    }

    private static ConfigException attachRefused(
            NetInterfaces interfaces, String name, NetConfig.Tap config, int errno) {
        boolean multiQueue = config.queues() > 1;
        String tap = name.isEmpty() ? "a new tap" : "tap " + name;
        boolean exists = !name.isEmpty() && interfaces.index(name) >= 0;
        String command = (exists ? "sudo ip link del " + name + " && " : "") + "sudo ip tuntap add dev "
                + (name.isEmpty() ? "tap0" : name) + " mode tap user $USER" + (multiQueue ? " multi_queue" : "");
        String reason =
                switch (errno) {
                    case Errno.EPERM ->
                        name.isEmpty()
                                ? "can't be made without root; make one: " + command + "   and give ifname=tap0"
                                : exists
                                        ? "is another user's; make it anew: " + command
                                        : "can't be made without root; make it once: " + command;
                    case Errno.EBUSY -> "is in use by another process; end that or choose another ifname";
                    case Errno.EINVAL ->
                        config.queues() > 1
                                ? "is no tap for several queues; make it anew: " + command + "   or leave queues out"
                                : "is no tap; choose another ifname";
                    default -> "can't be opened: " + Errno.describe(errno);
                };
        return new ConfigException("network: " + tap + " " + reason);
    }

    private static void join(NetInterfaces interfaces, String name, @Nullable String bridge) {
        if (bridge == null || bridge.equals(bridgeOf(name))) {
            return;
        }
        int result = interfaces.addToBridge(bridge, interfaces.index(name));
        if (result < 0) {
            throw joinRefused(name, bridge, -result);
        }
    }

    private static ConfigException joinRefused(String name, String bridge, int errno) {
        String reason =
                switch (errno) {
                    case Errno.ENODEV ->
                        "there is no such interface; make it: sudo ip link add " + bridge + " type bridge";
                    case Errno.EOPNOTSUPP -> "it is no bridge";
                    case Errno.EBUSY -> "the tap is in bridge " + bridgeOf(name) + " already";
                    case Errno.EPERM -> "not permitted; do it once: sudo ip link set " + name + " master " + bridge;
                    default -> Errno.describe(errno);
                };
        return new ConfigException("network: tap " + name + " can't be joined to " + bridge + ": " + reason);
    }

    /** The bridge that an interface is in, by sysfs; null for none, or if sysfs shows another namespace. */
    private static @Nullable String bridgeOf(String name) {
        try {
            Path target = Files.readSymbolicLink(Path.of("/sys/class/net", name, "brport", "bridge"));
            return target.getFileName().toString();
        } catch (IOException e) {
            return null;
        }
    }

    private static int setMtu(NetInterfaces interfaces, String name, int wanted) {
        int mtu = interfaces.mtu(name);
        if (wanted != 0 && wanted != mtu) {
            int result = interfaces.setMtu(name, wanted);
            if (result < 0) {
                throw mtuRefused(name, wanted, -result);
            }
            return wanted;
        }
        return Math.max(0, mtu);
    }

    private static ConfigException mtuRefused(String name, int wanted, int errno) {
        return new ConfigException("network: the MTU of tap " + name + " can't be set"
                + (errno == Errno.EPERM
                        ? "; do it once: sudo ip link set " + name + " mtu " + wanted
                        : ": " + Errno.describe(errno)));
    }

    private static void bringUp(NetInterfaces interfaces, String name) {
        int flags = interfaces.flags(name);
        if (flags < 0 || (flags & NetConstants.IFF_UP) != 0) {
            return;
        }
        int result = interfaces.setFlags(name, flags | NetConstants.IFF_UP);
        if (result < 0) {
            throw upRefused(name, -result);
        }
    }

    private static ConfigException upRefused(String name, int errno) {
        return new ConfigException("network: tap " + name + " is down"
                + (errno == Errno.EPERM
                        ? "; do it once: sudo ip link set " + name + " up"
                        : " and can't be brought up: " + Errno.describe(errno)));
    }

    @Override
    public void close() {
        queues.forEach(Fd::close);
    }
}
