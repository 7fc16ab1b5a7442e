package io.javisor.core.host;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/**
 * The C library, one method a function, with one error convention: a result below zero is the negated errno. Nothing here
 * allocates, throws for a failed call or keeps state, so every method may be called from any thread and from the exit path.
 *
 * <p>Only off-heap addresses are passed: the collector must be able to run while a call blocks.
 */
public final class Libc {
    private static final CFunction OPEN = CFunction.of("open", 3);
    private static final CFunction ACCESS = CFunction.of("access", 2);
    private static final CFunction CLOSE = CFunction.of("close", 1);
    private static final CFunction READ = CFunction.of("read", 3);
    private static final CFunction WRITE = CFunction.of("write", 3);
    private static final CFunction PREAD64 = CFunction.of("pread64", 4);
    private static final CFunction PREADV64 = CFunction.of("preadv64", 4);
    private static final CFunction PWRITEV64V2 = CFunction.of("pwritev64v2", 5);
    private static final CFunction LSEEK64 = CFunction.of("lseek64", 3);
    private static final CFunction FDATASYNC = CFunction.of("fdatasync", 1);
    private static final CFunction READV = CFunction.of("readv", 3);
    private static final CFunction WRITEV = CFunction.of("writev", 3);
    private static final CFunction IOCTL = CFunction.of("ioctl", 3);
    private static final CFunction FCNTL = CFunction.of("fcntl", 3);
    private static final CFunction MMAP = CFunction.of("mmap", 6);
    private static final CFunction SYSCALL = CFunction.of("syscall", 4);
    private static final CFunction SYSCALL_6 = CFunction.of("syscall", 6);
    private static final CFunction MUNMAP = CFunction.of("munmap", 2);
    private static final CFunction MADVISE = CFunction.of("madvise", 3);
    private static final CFunction MEMFD_CREATE = CFunction.of("memfd_create", 2);
    private static final CFunction FTRUNCATE = CFunction.of("ftruncate", 2);
    private static final CFunction FALLOCATE = CFunction.of("fallocate", 4);
    private static final CFunction EVENTFD = CFunction.of("eventfd", 2);
    private static final CFunction EPOLL_CREATE1 = CFunction.of("epoll_create1", 1);
    private static final CFunction EPOLL_CTL = CFunction.of("epoll_ctl", 4);
    private static final CFunction EPOLL_WAIT = CFunction.of("epoll_wait", 4);
    private static final CFunction TIMERFD_CREATE = CFunction.of("timerfd_create", 2);
    private static final CFunction TIMERFD_SETTIME = CFunction.of("timerfd_settime", 4);
    private static final CFunction PIPE2 = CFunction.of("pipe2", 2);
    private static final CFunction SOCKET = CFunction.of("socket", 3);
    private static final CFunction BIND = CFunction.of("bind", 3);
    private static final CFunction LISTEN = CFunction.of("listen", 2);
    private static final CFunction ACCEPT4 = CFunction.of("accept4", 4);
    private static final CFunction CONNECT = CFunction.of("connect", 3);
    private static final CFunction GETSOCKOPT = CFunction.of("getsockopt", 5);
    private static final CFunction SHUTDOWN = CFunction.of("shutdown", 2);
    private static final CFunction POLL = CFunction.of("poll", 3);
    private static final CFunction FCHMOD = CFunction.of("fchmod", 2);
    private static final CFunction GETEUID = CFunction.of("geteuid", 0);
    private static final CFunction ISATTY = CFunction.of("isatty", 1);
    private static final CFunction TCGETATTR = CFunction.of("tcgetattr", 2);
    private static final CFunction TCSETATTR = CFunction.of("tcsetattr", 3);
    private static final CFunction CFMAKERAW = CFunction.of("cfmakeraw", 1);
    private static final CFunction SIGACTION = CFunction.of("sigaction", 3);
    private static final CFunction PTHREAD_SIGMASK = CFunction.of("pthread_sigmask", 3);
    private static final CFunction DLSYM = CFunction.of("dlsym", 2);
    private static final CFunction GETPID = CFunction.of("getpid", 0);
    private static final CFunction KILL = CFunction.of("kill", 2);
    private static final CFunction SETSID = CFunction.of("setsid", 0);
    private static final CFunction DUP2 = CFunction.of("dup2", 2);
    private static final CFunction RENAMEAT2 = CFunction.of("renameat2", 5);
    private static final CFunction PRCTL = CFunction.of("prctl", 5);
    private static final CFunction SYSCONF = CFunction.of("sysconf", 1);
    private static final CFunction GETRANDOM = CFunction.of("getrandom", 3);
    private static final CFunction MEMCPY = CFunction.of("memcpy", 3);
    private static final CFunction MEMMOVE = CFunction.of("memmove", 3);

    private Libc() {}

    /** Throws if {@code result} is a negated errno, else returns it. */
    public static long check(String operation, long result) {
        if (result < 0) {
            throw new HostException(operation, (int) -result);
        }
        return result;
    }

    /** As {@link #check(String, long)}, for results that fit an int (file descriptors, counts). */
    public static int check(String operation, int result) {
        return (int) check(operation, (long) result);
    }

    public static int open(String path, int flags, int mode) {
        try (Arena arena = Arena.ofConfined()) {
            long pathHva = cString(arena, path);
            return orErrno((int) OPEN.call(pathHva, flags | HostConstants.O_CLOEXEC, mode));
        }
    }

    /** Whether this process may do with a path what {@code mode} says, of {@code W_OK} and {@code X_OK}: 0, or a negated errno. */
    public static int access(String path, int mode) {
        try (Arena arena = Arena.ofConfined()) {
            return orErrno((int) ACCESS.call(cString(arena, path), mode));
        }
    }

    public static int close(int fd) {
        return orErrno((int) CLOSE.call(fd));
    }

    public static long read(int fd, long bufferHva, long count) {
        return orErrno(READ.call(fd, bufferHva, count));
    }

    public static long write(int fd, long bufferHva, long count) {
        return orErrno(WRITE.call(fd, bufferHva, count));
    }

    /** Copies between addresses that the caller knows to be mapped and not to overlap. */
    public static void memcpy(long targetHva, long sourceHva, long count) {
        long _ = MEMCPY.call(targetHva, sourceHva, count);
    }

    /** As {@link #memcpy}, where they may overlap. */
    public static void memmove(long targetHva, long sourceHva, long count) {
        long _ = MEMMOVE.call(targetHva, sourceHva, count);
    }

    /** {@code flags} is {@code GRND_NONBLOCK} or 0. */
    public static long getrandom(long bufferHva, long count, int flags) {
        return orErrno(GETRANDOM.call(bufferHva, count, flags));
    }

    public static long pread(int fd, long bufferHva, long count, long offset) {
        return orErrno(PREAD64.call(fd, bufferHva, count, offset));
    }

    public static long preadv(int fd, long iovecHva, int iovecCount, long offset) {
        return orErrno(PREADV64.call(fd, iovecHva, iovecCount, offset));
    }

    /** {@code flags} is 0 or {@code RWF_…} bits. */
    public static long pwritev2(int fd, long iovecHva, int iovecCount, long offset, int flags) {
        return orErrno(PWRITEV64V2.call(fd, iovecHva, iovecCount, offset, flags));
    }

    /** Returns the new position: with SEEK_END the size, also of a block device. */
    public static long lseek(int fd, long offset, int whence) {
        return orErrno(LSEEK64.call(fd, offset, whence));
    }

    public static int fdatasync(int fd) {
        return orErrno((int) FDATASYNC.call(fd));
    }

    public static long readv(int fd, long iovecHva, int iovecCount) {
        return orErrno(READV.call(fd, iovecHva, iovecCount));
    }

    public static long writev(int fd, long iovecHva, int iovecCount) {
        return orErrno(WRITEV.call(fd, iovecHva, iovecCount));
    }

    /** {@code argument} is a number or an address, as the request says. */
    public static int ioctl(int fd, long request, long argument) {
        return orErrno((int) IOCTL.call(fd, request, argument));
    }

    public static int fcntl(int fd, int command, long argument) {
        return orErrno((int) FCNTL.call(fd, command, argument));
    }

    /** Returns the address, or the negated errno: no mapping lies in the last page of the address space. */
    public static long mmap(long addressHva, long length, int protection, int flags, int fd, long offset) {
        long result = MMAP.call(addressHva, length, protection, flags, fd, offset);
        return result == -1 ? -errno() : result;
    }

    public static int munmap(long addressHva, long length) {
        return orErrno((int) MUNMAP.call(addressHva, length));
    }

    public static int madvise(long addressHva, long length, int advice) {
        return orErrno((int) MADVISE.call(addressHva, length, advice));
    }

    public static int memfdCreate(String name, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            return orErrno((int) MEMFD_CREATE.call(cString(arena, name), flags));
        }
    }

    public static int ftruncate(int fd, long length) {
        return orErrno((int) FTRUNCATE.call(fd, length));
    }

    public static int fallocate(int fd, int mode, long offset, long length) {
        return orErrno((int) FALLOCATE.call(fd, mode, offset, length));
    }

    public static int eventfd(int initialValue, int flags) {
        return orErrno((int) EVENTFD.call(initialValue, flags));
    }

    public static int epollCreate1(int flags) {
        return orErrno((int) EPOLL_CREATE1.call(flags));
    }

    public static int epollCtl(int epollFd, int operation, int fd, long eventHva) {
        return orErrno((int) EPOLL_CTL.call(epollFd, operation, fd, eventHva));
    }

    public static int epollWait(int epollFd, long eventsHva, int maxEvents, int timeoutMillis) {
        return orErrno((int) EPOLL_WAIT.call(epollFd, eventsHva, maxEvents, timeoutMillis));
    }

    public static int timerfdCreate(int clock, int flags) {
        return orErrno((int) TIMERFD_CREATE.call(clock, flags));
    }

    public static int timerfdSettime(int fd, int flags, long newValueHva, long oldValueHva) {
        return orErrno((int) TIMERFD_SETTIME.call(fd, flags, newValueHva, oldValueHva));
    }

    public static int pipe2(long fdsHva, int flags) {
        return orErrno((int) PIPE2.call(fdsHva, flags));
    }

    public static int socket(int domain, int type, int protocol) {
        return orErrno((int) SOCKET.call(domain, type, protocol));
    }

    public static int bind(int fd, long addressHva, int addressLength) {
        return orErrno((int) BIND.call(fd, addressHva, addressLength));
    }

    public static int listen(int fd, int backlog) {
        return orErrno((int) LISTEN.call(fd, backlog));
    }

    public static int accept4(int fd, long addressHva, long addressLengthHva, int flags) {
        return orErrno((int) ACCEPT4.call(fd, addressHva, addressLengthHva, flags));
    }

    public static int connect(int fd, long addressHva, int addressLength) {
        return orErrno((int) CONNECT.call(fd, addressHva, addressLength));
    }

    public static int getsockopt(int fd, int level, int option, long valueHva, long valueLengthHva) {
        return orErrno((int) GETSOCKOPT.call(fd, level, option, valueHva, valueLengthHva));
    }

    public static int shutdown(int fd, int how) {
        return orErrno((int) SHUTDOWN.call(fd, how));
    }

    public static int poll(long fdsHva, int count, int timeoutMillis) {
        return orErrno((int) POLL.call(fdsHva, count, timeoutMillis));
    }

    public static int fchmod(int fd, int mode) {
        return orErrno((int) FCHMOD.call(fd, mode));
    }

    public static int geteuid() {
        return (int) GETEUID.call();
    }

    public static boolean isatty(int fd) {
        return (int) ISATTY.call(fd) == 1;
    }

    public static int tcgetattr(int fd, long termiosHva) {
        return orErrno((int) TCGETATTR.call(fd, termiosHva));
    }

    public static int tcsetattr(int fd, int actions, long termiosHva) {
        return orErrno((int) TCSETATTR.call(fd, actions, termiosHva));
    }

    public static void cfmakeraw(long termiosHva) {
        long _ = CFMAKERAW.call(termiosHva);
    }

    public static int sigaction(int signal, long actionHva, long oldActionHva) {
        return orErrno((int) SIGACTION.call(signal, actionHva, oldActionHva));
    }

    /** Changes the calling thread's signal mask; the C function returns its error instead of setting errno. */
    public static int pthreadSigmask(int how, long setHva, long oldSetHva) {
        return -(int) PTHREAD_SIGMASK.call(how, setHva, oldSetHva);
    }

    /** The address of a function that the process has loaded, or 0. */
    public static long dlsym(String symbol) {
        try (Arena arena = Arena.ofConfined()) {
            return DLSYM.call(HostConstants.RTLD_DEFAULT, cString(arena, symbol));
        }
    }

    public static int getpid() {
        return (int) GETPID.call();
    }

    public static int kill(int pid, int signal) {
        return orErrno((int) KILL.call(pid, signal));
    }

    /** Leaves the session and its terminal. -EPERM for the leader of a process group. */
    public static int setsid() {
        return orErrno((int) SETSID.call());
    }

    public static int dup2(int oldFd, int newFd) {
        return orErrno((int) DUP2.call(oldFd, newFd));
    }

    /** rename(2): what is at the new path is gone. */
    public static int rename(String oldPath, String newPath) {
        return rename(oldPath, newPath, 0);
    }

    /** renameat2(2) with RENAME_NOREPLACE: -EEXIST if there is something at the new path. */
    public static int renameNoReplace(String oldPath, String newPath) {
        return rename(oldPath, newPath, HostConstants.RENAME_NOREPLACE);
    }

    private static int rename(String oldPath, String newPath, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            return orErrno((int) RENAMEAT2.call(
                    HostConstants.AT_FDCWD,
                    cString(arena, oldPath),
                    HostConstants.AT_FDCWD,
                    cString(arena, newPath),
                    flags));
        }
    }

    public static int prctl(int option, long arg2) {
        return orErrno((int) PRCTL.call(option, arg2, 0, 0, 0));
    }

    /** The calling thread's kernel thread id. */
    public static int gettid() {
        return (int) SYSCALL.call(HostConstants.SYS_gettid, 0, 0, 0);
    }

    public static int tgkill(int pid, int tid, int signal) {
        return (int) orErrno(SYSCALL.call(HostConstants.SYS_tgkill, pid, tid, signal));
    }

    public static int ioUringSetup(int entries, long paramsHva) {
        return (int) orErrno(SYSCALL.call(HostConstants.SYS_io_uring_setup, entries, paramsHva, 0));
    }

    /**
     * Without a signal mask, whose size the kernel then does not look at: it would be a seventh argument of {@code syscall}. So
     * {@code IORING_ENTER_EXT_ARG} is not to be among the flags.
     */
    public static int ioUringEnter(int fd, int toSubmit, int minComplete, int flags) {
        return (int) orErrno(SYSCALL_6.call(HostConstants.SYS_io_uring_enter, fd, toSubmit, minComplete, flags, 0));
    }

    public static int ioUringRegister(int fd, int opcode, long argumentHva, int argumentCount) {
        return (int)
                orErrno(SYSCALL_6.call(HostConstants.SYS_io_uring_register, fd, opcode, argumentHva, argumentCount, 0));
    }

    public static long sysconf(int name) {
        return orErrno(SYSCONF.call(name));
    }

    /**
     * {@code length} bytes of host memory at {@code addressHva} as a segment of the global scope: whoever unmaps them must see to
     * it that the segment is not used afterwards.
     */
    @SuppressWarnings("restricted") // the one place that makes an address accessible
    public static MemorySegment segmentAt(long addressHva, long length) {
        return MemorySegment.ofAddress(addressHva).reinterpret(length);
    }

    /**
     * {@code length} bytes of host memory at {@code addressHva} as a segment that lives as long as {@code arena}: once the arena
     * is closed every access throws {@link IllegalStateException}. Closing it does not unmap the memory.
     */
    @SuppressWarnings("restricted") // as above
    public static MemorySegment segmentAt(long addressHva, long length, Arena arena) {
        return MemorySegment.ofAddress(addressHva).reinterpret(length, arena, null);
    }

    private static int orErrno(int result) {
        return result == -1 ? -errno() : result;
    }

    private static long orErrno(long result) {
        return result == -1 ? -errno() : result;
    }

    private static int errno() {
        return CFunction.errno();
    }

    /** As {@link Arena#allocateFrom(String)}, whose way makes classes at its first use. */
    private static long cString(Arena arena, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return arena.allocate(bytes.length + 1L)
                .copyFrom(MemorySegment.ofArray(bytes))
                .address();
    }
}
