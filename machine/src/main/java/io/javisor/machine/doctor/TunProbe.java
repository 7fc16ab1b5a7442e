package io.javisor.machine.doctor;

import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import java.nio.file.Path;

/** The device that makes network interfaces, which only a machine with a network needs. */
final class TunProbe {
    private TunProbe() {}

    /** Opens the device, which makes no interface, and closes it. Returns 0 or the errno. */
    static int open(Path device) {
        int result = Libc.open(device.toString(), HostConstants.O_RDWR, 0);
        if (result < 0) {
            return -result;
        }
        Fd.own("tun", result).close();
        return 0;
    }

    static Check check(int errno, Surroundings surroundings) {
        String found = "/dev/net/tun can't be opened, so there are no tap networks: " + Errno.describe(errno);
        return switch (errno) {
            case 0 -> Check.ok("tun", "/dev/net/tun can be opened");
            case Errno.EACCES, Errno.EPERM ->
                Check.warning(
                        "tun",
                        found,
                        surroundings.container()
                                ? containerRemedy()
                                : "sudo chmod 0666 /dev/net/tun   # its usual mode");
            default -> Check.warning("tun", found, surroundings.container() ? containerRemedy() : "sudo modprobe tun");
        };
    }

    private static String containerRemedy() {
        return "docker run --device /dev/net/tun --cap-add NET_ADMIN ...   # start the container anew; podman alike";
    }
}
