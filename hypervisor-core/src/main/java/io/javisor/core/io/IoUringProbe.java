package io.javisor.core.io;

import io.javisor.core.host.Errno;
import io.javisor.core.host.HostException;
import io.javisor.core.io.abi.IoUringConstants;
import org.jspecify.annotations.Nullable;

/** Whether this host lets the process use io_uring. */
public final class IoUringProbe {
    private IoUringProbe() {}

    /**
     * Tries it.
     *
     * @return null if it can be used, else why not, in one line
     * @throws HostException if it fails for want of memory or descriptors
     */
    public static @Nullable String reasonAgainst() {
        try (IoUring _ = new IoUring("probe", 1, 1, IoUringConstants.IORING_OP_READV)) {
            return null;
        } catch (HostException e) {
            String reason = reasonAgainst(e);
            if (reason == null) {
                throw e;
            }
            return reason;
        }
    }

    /** Why io_uring cannot be used if making one failed with {@code failure}; null if that says nothing of the kind. */
    static @Nullable String reasonAgainst(HostException failure) {
        return switch (failure.errno()) {
            case Errno.ENOSYS -> "the kernel has no io_uring, or a seccomp filter hides it (ENOSYS)";
            case Errno.EPERM, Errno.EACCES ->
                "the sysctl kernel.io_uring_disabled or a seccomp filter forbids io_uring ("
                        + Errno.name(failure.errno()) + ")";
            case Errno.EINVAL -> "the kernel's io_uring is older than that of Linux 6.1 (EINVAL)";
            default -> null;
        };
    }
}
