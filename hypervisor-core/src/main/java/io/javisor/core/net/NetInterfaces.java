package io.javisor.core.net;

import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/**
 * The network interfaces of the calling thread's network namespace (netdevice(7)). Results below 0 are negated errnos. For setting up; not thread-safe.
 */
public final class NetInterfaces implements AutoCloseable {
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment ifreq = arena.allocate(IfreqLayout.SIZE, Long.BYTES);
    private final Fd socket;

    /** @throws io.javisor.core.host.HostException if the process has no descriptors left */
    public NetInterfaces() {
        socket = Fd.own(
                "socket for interfaces",
                Libc.socket(HostConstants.AF_INET, HostConstants.SOCK_DGRAM | HostConstants.SOCK_CLOEXEC, 0));
    }

    /** Whether the kernel takes it as an interface's name: 1 to 15 bytes without slash, colon or space, and neither "." nor "..". */
    public static boolean isName(String name) {
        return name.matches("[!-~&&[^/:]]{1,15}") && !name.equals(".") && !name.equals("..");
    }

    /** The index of an interface; -ENODEV if there is none. */
    public int index(String name) {
        return get(NetConstants.SIOCGIFINDEX, name, IfreqLayout.IFR_IFINDEX_OFFSET);
    }

    /** The {@code IFF_} flags. */
    public int flags(String name) {
        int result = get(NetConstants.SIOCGIFFLAGS, name, IfreqLayout.IFR_FLAGS_OFFSET);
        return result < 0 ? result : result & 0xFFFF;
    }

    /** Sets the flags; -EPERM without CAP_NET_ADMIN. */
    public int setFlags(String name, int flags) {
        begin(name);
        ifreq.set(ValueLayout.JAVA_SHORT, IfreqLayout.IFR_FLAGS_OFFSET, (short) flags);
        return call(NetConstants.SIOCSIFFLAGS);
    }

    /** The largest packet in bytes, without the Ethernet header. */
    public int mtu(String name) {
        return get(NetConstants.SIOCGIFMTU, name, IfreqLayout.IFR_MTU_OFFSET);
    }

    /** Sets the MTU; -EPERM without CAP_NET_ADMIN, -EINVAL out of the interface's range. */
    public int setMtu(String name, int mtu) {
        begin(name);
        ifreq.set(ValueLayout.JAVA_INT, IfreqLayout.IFR_MTU_OFFSET, mtu);
        return call(NetConstants.SIOCSIFMTU);
    }

    /** Joins an interface to a bridge; -ENODEV for no bridge, -EOPNOTSUPP for one that is none, -EBUSY if it is in one already. */
    public int addToBridge(String bridge, int interfaceIndex) {
        begin(bridge);
        ifreq.set(ValueLayout.JAVA_INT, IfreqLayout.IFR_IFINDEX_OFFSET, interfaceIndex);
        return call(NetConstants.SIOCBRADDIF);
    }

    /**
     * Makes {@code tunFd}, freshly opened from /dev/net/tun, a queue of a tap with frames after a header of
     * {@link VirtioNetHdrV1Layout#SIZE} bytes, and makes the tap if there is none.
     *
     * @param name of the tap; empty for one that the kernel chooses
     * @param multiQueue whether the tap is to have, or has, several queues
     * @return 0, or a negated errno; then {@link #tapName} has the name
     */
    public int openTap(int tunFd, String name, boolean multiQueue) {
        begin(name);
        int flags = NetConstants.IFF_TAP
                | NetConstants.IFF_NO_PI
                | NetConstants.IFF_VNET_HDR
                | (multiQueue ? NetConstants.IFF_MULTI_QUEUE : 0);
        ifreq.set(ValueLayout.JAVA_SHORT, IfreqLayout.IFR_FLAGS_OFFSET, (short) flags);
        int result = Libc.ioctl(tunFd, NetConstants.TUNSETIFF, ifreq.address());
        if (result < 0) {
            return result;
        }
        MemorySegment size = arena.allocateFrom(ValueLayout.JAVA_INT, VirtioNetHdrV1Layout.SIZE);
        return Libc.ioctl(tunFd, NetConstants.TUNSETVNETHDRSZ, size.address());
    }

    /** The name of the tap that was opened last. */
    public String tapName() {
        return ifreq.getString(IfreqLayout.IFR_NAME_OFFSET, StandardCharsets.US_ASCII);
    }

    private int get(long request, String name, long offset) {
        begin(name);
        int result = call(request);
        return result < 0 ? result : ifreq.get(ValueLayout.JAVA_INT, offset);
    }

    private int call(long request) {
        return Libc.ioctl(socket.value(), request, ifreq.address());
    }

    private void begin(String name) {
        if (!name.isEmpty() && !isName(name)) {
            throw new IllegalArgumentException("'" + name + "' is no name of an interface");
        }
        ifreq.fill((byte) 0);
        ifreq.setString(IfreqLayout.IFR_NAME_OFFSET, name, StandardCharsets.US_ASCII);
    }

    @Override
    public void close() {
        socket.close();
        arena.close();
    }
}
