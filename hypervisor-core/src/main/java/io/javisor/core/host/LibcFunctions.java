package io.javisor.core.host;

import jnr.ffi.types.size_t;
import jnr.ffi.types.ssize_t;

/**
 * The C functions as jnr-ffi binds them. Pointers are passed as addresses, so that nothing is copied or pinned and a call that
 * blocks never holds a Java array (which would stall the collector). Public only because the generated class lives in another
 * class loader: use {@link Libc}.
 */
public interface LibcFunctions {
    int open(String path, int flags, int mode);

    int close(int fd);

    @ssize_t
    long read(int fd, long buffer, @size_t long count);

    @ssize_t
    long write(int fd, long buffer, @size_t long count);

    @ssize_t
    long pread64(int fd, long buffer, @size_t long count, long offset);

    @ssize_t
    long readv(int fd, long iovec, int iovecCount);

    @ssize_t
    long writev(int fd, long iovec, int iovecCount);

    int ioctl(int fd, long request, long argument);

    int fcntl(int fd, int command, long argument);

    int munmap(long address, @size_t long length);

    int madvise(long address, @size_t long length, int advice);

    int memfd_create(String name, int flags);

    int ftruncate(int fd, long length);

    int fallocate(int fd, int mode, long offset, long length);

    int eventfd(int initialValue, int flags);

    int epoll_create1(int flags);

    int epoll_ctl(int epollFd, int operation, int fd, long event);

    int epoll_wait(int epollFd, long events, int maxEvents, int timeoutMillis);

    int timerfd_create(int clock, int flags);

    int timerfd_settime(int fd, int flags, long newValue, long oldValue);

    int pipe2(long fds, int flags);

    int socket(int domain, int type, int protocol);

    int bind(int fd, long address, int addressLength);

    int listen(int fd, int backlog);

    int accept4(int fd, long address, long addressLength, int flags);

    int connect(int fd, long address, int addressLength);

    int shutdown(int fd, int how);

    int poll(long fds, long count, int timeoutMillis);

    int fchmod(int fd, int mode);

    int geteuid();

    int isatty(int fd);

    int tcgetattr(int fd, long termios);

    int tcsetattr(int fd, int actions, long termios);

    void cfmakeraw(long termios);

    int sigaction(int signal, long action, long oldAction);

    int pthread_sigmask(int how, long set, long oldSet);

    long dlsym(long handle, String symbol);

    int getpid();

    int kill(int pid, int signal);

    int prctl(int option, long arg2, long arg3, long arg4, long arg5);

    long syscall(long number, long arg1, long arg2, long arg3);

    long syscall(long number, long arg1, long arg2, long arg3, long arg4, long arg5, long arg6);

    long sysconf(int name);
}
