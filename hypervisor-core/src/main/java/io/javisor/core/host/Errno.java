package io.javisor.core.host;

/** Error numbers of Linux on x86-64 ({@code asm-generic/errno.h}) that the code tells apart, and their names. */
public final class Errno {
    public static final int EPERM = 1;
    public static final int ENOENT = 2;
    public static final int EINTR = 4;
    public static final int EIO = 5;
    public static final int ENXIO = 6;
    public static final int E2BIG = 7;
    public static final int EBADF = 9;
    public static final int EAGAIN = 11;
    public static final int ENOMEM = 12;
    public static final int EACCES = 13;
    public static final int EFAULT = 14;
    public static final int EBUSY = 16;
    public static final int EEXIST = 17;
    public static final int ENODEV = 19;
    public static final int ENOTDIR = 20;
    public static final int EISDIR = 21;
    public static final int EINVAL = 22;
    public static final int ENFILE = 23;
    public static final int EMFILE = 24;
    public static final int ENOTTY = 25;
    public static final int ENOSPC = 28;
    public static final int EROFS = 30;
    public static final int EPIPE = 32;
    public static final int ENOSYS = 38;
    public static final int EBADFD = 77;
    public static final int ENOTSOCK = 88;
    public static final int EPROTOTYPE = 91;
    public static final int EOPNOTSUPP = 95;
    public static final int EADDRINUSE = 98;
    public static final int ECONNABORTED = 103;
    public static final int ECONNRESET = 104;
    public static final int ENOBUFS = 105;
    public static final int ECONNREFUSED = 111;
    public static final int EDQUOT = 122;
    public static final int ECANCELED = 125;

    private Errno() {}

    /** {@code "ENOENT (No such file or directory)"}, or {@code "errno 4711"} for a number that Linux does not define. */
    public static String describe(int errno) {
        jnr.constants.platform.linux.Errno constant = find(errno);
        return constant == null ? "errno " + errno : constant.name() + " (" + constant + ")";
    }

    /** {@code "ENOENT"}, or {@code "errno 4711"}. */
    public static String name(int errno) {
        jnr.constants.platform.linux.Errno constant = find(errno);
        return constant == null ? "errno " + errno : constant.name();
    }

    private static jnr.constants.platform.linux.@org.jspecify.annotations.Nullable Errno find(int errno) {
        for (jnr.constants.platform.linux.Errno constant : jnr.constants.platform.linux.Errno.values()) {
            if (constant.intValue() == errno) {
                return constant;
            }
        }
        return null;
    }
}
