package io.javisor.devices.virtio.net;

import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import io.javisor.core.net.NetConstants;
import io.javisor.core.net.NetInterfaces;
import io.javisor.testkit.host.NetNamespace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Two taps on a bridge, in a network namespace that goes with them: what is written to one comes out of the other. */
final class TapPair implements AutoCloseable {
    /** The largest MTU that a tap can have. */
    static final int MAX_MTU = 65_521;

    final NetNamespace namespace = NetNamespace.create();
    final List<Fd> near;
    final Fd far;

    /** @param queues of the near one */
    TapPair(int queues, int mtu) throws Exception {
        List<Fd> opened = new ArrayList<>();
        try {
            // So that the kernel sends nothing of its own.
            namespace.call(() -> Files.writeString(Path.of("/proc/sys/net/ipv6/conf/default/disable_ipv6"), "1"));
            namespace.run("ip", "link", "add", "br0", "type", "bridge", "mcast_snooping", "0");
            namespace.call(() -> {
                try (NetInterfaces interfaces = new NetInterfaces()) {
                    for (int i = 0; i < queues; i++) {
                        opened.add(open(interfaces, "near0", queues > 1));
                    }
                    opened.add(open(interfaces, "far0", false));
                    for (String name : List.of("near0", "far0", "br0")) {
                        int _ = Libc.check("mtu", interfaces.setMtu(name, mtu));
                        if (!name.equals("br0")) {
                            int _ = Libc.check("bridge", interfaces.addToBridge("br0", interfaces.index(name)));
                        }
                        int _ = Libc.check(
                                "up", interfaces.setFlags(name, interfaces.flags(name) | NetConstants.IFF_UP));
                    }
                    return 0;
                }
            });
            near = List.copyOf(opened.subList(0, queues));
            far = opened.getLast();
        } catch (Exception | Error e) {
            opened.forEach(Fd::close);
            namespace.close();
            throw e;
        }
    }

    private static Fd open(NetInterfaces interfaces, String name, boolean multiQueue) {
        Fd fd = Fd.own(name, Libc.open("/dev/net/tun", HostConstants.O_RDWR | HostConstants.O_NONBLOCK, 0));
        int _ = Libc.check("TUNSETIFF", interfaces.openTap(fd.value(), name, multiQueue));
        return fd;
    }

    /** Says what the far one's reader can do. */
    void farOffloads(int tunFlags) {
        int _ = Libc.check("TUNSETOFFLOAD", Libc.ioctl(far.value(), NetConstants.TUNSETOFFLOAD, tunFlags));
    }

    @Override
    public void close() {
        near.forEach(Fd::close);
        far.close();
        namespace.close();
    }
}
