package io.javisor.devices.virtio.net.backend;

import io.javisor.core.host.Libc;
import io.javisor.core.net.IfreqLayout;
import io.javisor.core.net.NetConstants;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** What a tap's queues are told beside frames. Results are 0 or negated errnos. For one thread. */
public interface TapControl {
    /** What may be left to the reader of all queues: {@code TUN_F_} bits. -EINVAL for one that the kernel does not know. */
    int setOffload(int fd, int tunFlags);

    /** Whether there still is an interface: -EBADFD if not. */
    int probe(int fd);

    /** By ioctls. */
    static TapControl ofKernel() {
        return new TapControl() {
            private final MemorySegment ifreq = Arena.ofAuto().allocate(IfreqLayout.SIZE, Long.BYTES);

            @Override
            public int setOffload(int fd, int tunFlags) {
                return Libc.ioctl(fd, NetConstants.TUNSETOFFLOAD, tunFlags);
            }

            @Override
            public int probe(int fd) {
                return Libc.ioctl(fd, NetConstants.TUNGETIFF, ifreq.address());
            }
        };
    }
}
