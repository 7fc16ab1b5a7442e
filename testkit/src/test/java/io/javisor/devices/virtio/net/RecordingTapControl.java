package io.javisor.devices.virtio.net;

import io.javisor.core.host.Errno;
import io.javisor.devices.virtio.net.backend.TapControl;
import java.util.ArrayList;
import java.util.List;

/** What a tap is told, for sockets that take the place of one. */
public final class RecordingTapControl implements TapControl {
    public final List<String> calls = new ArrayList<>();
    /** {@code TUN_F_} bits that the "kernel" does not know. */
    public int unknownOffloads;

    public boolean refuses;

    @Override
    public int setOffload(int fd, int tunFlags) {
        calls.add("offload 0x" + Integer.toHexString(tunFlags));
        return refuses || (tunFlags & unknownOffloads) != 0 ? -Errno.EINVAL : 0;
    }

    @Override
    public int probe(int fd) {
        return 0;
    }
}
