package io.javisor.core.host;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jnr.ffi.LibraryLoader;
import jnr.ffi.LibraryOption;
import jnr.ffi.Runtime;

/**
 * The C library, one method a function, with one error convention: a result below zero is the negated errno. Nothing here
 * allocates, throws for a failed call or keeps state, so every method may be called from any thread and from the exit path.
 *
 * <p>Only off-heap addresses are passed: the collector must be able to run while a call blocks.
 */
public final class Libc {
    private static final LibcFunctions C = LibraryLoader.create(LibcFunctions.class)
            .option(LibraryOption.LoadNow, true)
            .load("c");
    private static final Runtime RUNTIME = Runtime.getRuntime(C);

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
        return orErrno(C.open(path, flags | HostConstants.O_CLOEXEC, mode));
    }

    public static int close(int fd) {
        return orErrno(C.close(fd));
    }

    public static long read(int fd, long bufferHva, long count) {
        return orErrno(C.read(fd, bufferHva, count));
    }

    public static long write(int fd, long bufferHva, long count) {
        return orErrno(C.write(fd, bufferHva, count));
    }

    public static long pread(int fd, long bufferHva, long count, long offset) {
        return orErrno(C.pread64(fd, bufferHva, count, offset));
    }

    public static long readv(int fd, long iovecHva, int iovecCount) {
        return orErrno(C.readv(fd, iovecHva, iovecCount));
    }

    public static long writev(int fd, long iovecHva, int iovecCount) {
        return orErrno(C.writev(fd, iovecHva, iovecCount));
    }

    /** {@code argument} is a number or an address, as the request says. */
    public static int ioctl(int fd, long request, long argument) {
        return orErrno(C.ioctl(fd, request, argument));
    }

    public static int fcntl(int fd, int command, long argument) {
        return orErrno(C.fcntl(fd, command, argument));
    }

    /** Returns the address, or the negated errno: no mapping lies in the last page of the address space. */
    public static long mmap(long addressHva, long length, int protection, int flags, int fd, long offset) {
        // Not through mmap(): jnr-ffi passes a wrong sixth argument to functions of exactly six (jnr-ffi issue 181).
        long result = C.syscall(HostConstants.SYS_mmap, addressHva, length, protection, flags, fd, offset);
        return result == -1 ? -errno() : result;
    }

    public static int munmap(long addressHva, long length) {
        return orErrno(C.munmap(addressHva, length));
    }

    public static int madvise(long addressHva, long length, int advice) {
        return orErrno(C.madvise(addressHva, length, advice));
    }

    public static int memfdCreate(String name, int flags) {
        return orErrno(C.memfd_create(name, flags));
    }

    public static int ftruncate(int fd, long length) {
        return orErrno(C.ftruncate(fd, length));
    }

    public static int fallocate(int fd, int mode, long offset, long length) {
        return orErrno(C.fallocate(fd, mode, offset, length));
    }

    public static int eventfd(int initialValue, int flags) {
        return orErrno(C.eventfd(initialValue, flags));
    }

    public static int epollCreate1(int flags) {
        return orErrno(C.epoll_create1(flags));
    }

    public static int epollCtl(int epollFd, int operation, int fd, long eventHva) {
        return orErrno(C.epoll_ctl(epollFd, operation, fd, eventHva));
    }

    public static int epollWait(int epollFd, long eventsHva, int maxEvents, int timeoutMillis) {
        return orErrno(C.epoll_wait(epollFd, eventsHva, maxEvents, timeoutMillis));
    }

    public static int timerfdCreate(int clock, int flags) {
        return orErrno(C.timerfd_create(clock, flags));
    }

    public static int timerfdSettime(int fd, int flags, long newValueHva, long oldValueHva) {
        return orErrno(C.timerfd_settime(fd, flags, newValueHva, oldValueHva));
    }

    public static int pipe2(long fdsHva, int flags) {
        return orErrno(C.pipe2(fdsHva, flags));
    }

    public static int socket(int domain, int type, int protocol) {
        return orErrno(C.socket(domain, type, protocol));
    }

    public static int bind(int fd, long addressHva, int addressLength) {
        return orErrno(C.bind(fd, addressHva, addressLength));
    }

    public static int listen(int fd, int backlog) {
        return orErrno(C.listen(fd, backlog));
    }

    public static int accept4(int fd, long addressHva, long addressLengthHva, int flags) {
        return orErrno(C.accept4(fd, addressHva, addressLengthHva, flags));
    }

    public static int connect(int fd, long addressHva, int addressLength) {
        return orErrno(C.connect(fd, addressHva, addressLength));
    }

    public static int shutdown(int fd, int how) {
        return orErrno(C.shutdown(fd, how));
    }

    public static int poll(long fdsHva, int count, int timeoutMillis) {
        return orErrno(C.poll(fdsHva, count, timeoutMillis));
    }

    public static int fchmod(int fd, int mode) {
        return orErrno(C.fchmod(fd, mode));
    }

    public static int geteuid() {
        return C.geteuid();
    }

    public static boolean isatty(int fd) {
        return C.isatty(fd) == 1;
    }

    public static int tcgetattr(int fd, long termiosHva) {
        return orErrno(C.tcgetattr(fd, termiosHva));
    }

    public static int tcsetattr(int fd, int actions, long termiosHva) {
        return orErrno(C.tcsetattr(fd, actions, termiosHva));
    }

    public static void cfmakeraw(long termiosHva) {
        C.cfmakeraw(termiosHva);
    }

    public static int sigaction(int signal, long actionHva, long oldActionHva) {
        return orErrno(C.sigaction(signal, actionHva, oldActionHva));
    }

    /** Changes the calling thread's signal mask; the C function returns its error instead of setting errno. */
    public static int pthreadSigmask(int how, long setHva, long oldSetHva) {
        return -C.pthread_sigmask(how, setHva, oldSetHva);
    }

    /** The address of a function that the process has loaded, or 0. */
    public static long dlsym(String symbol) {
        return C.dlsym(HostConstants.RTLD_DEFAULT, symbol);
    }

    public static int getpid() {
        return C.getpid();
    }

    public static int kill(int pid, int signal) {
        return orErrno(C.kill(pid, signal));
    }

    public static int prctl(int option, long arg2) {
        return orErrno(C.prctl(option, arg2, 0, 0, 0));
    }

    /** The calling thread's kernel thread id. */
    public static int gettid() {
        return (int) C.syscall(HostConstants.SYS_gettid, 0, 0, 0);
    }

    public static int tgkill(int pid, int tid, int signal) {
        return (int) orErrno(C.syscall(HostConstants.SYS_tgkill, pid, tid, signal));
    }

    public static long sysconf(int name) {
        return orErrno(C.sysconf(name));
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
        return RUNTIME.getLastError();
    }
}
