// SPDX-License-Identifier: Apache-2.0
/*
 * Prints what the layout classes, HostConstants and Errno of io.javisor.core.host claim, from the host's own headers: one "name value"
 * a line. The checked-in output is host-abi.golden; to make it anew:
 *
 *     gcc -Wall -Wextra -o host-abi host-abi.c && ./host-abi > ../resources/io/javisor/core/host/host-abi.golden
 *
 * Needs the headers of glibc 2.36 and of Linux 6.1 or later (Debian: libc6-dev, linux-libc-dev).
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/uio.h>

#include <linux/fs.h>
#include <linux/mman.h>

/* Linux 6.3 and later. */
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 8
#endif

#define SIZE(type) printf(#type ".SIZE %zu\n", sizeof(struct type))
#define FIELD(type, field, name) printf(#type "." #name "_OFFSET %zu\n", offsetof(struct type, field))
/* What has 32 bits is printed as such, without a sign: AT_FDCWD is negative. */
#define VALUE(name) printf(#name " %llu\n", sizeof(name) == 4 ? (unsigned)(unsigned long)(name) : (unsigned long long)(name))

int main(void)
{
    SIZE(flock);
    FIELD(flock, l_type, l_type);
    FIELD(flock, l_whence, l_whence);
    FIELD(flock, l_start, l_start);
    FIELD(flock, l_len, l_len);
    FIELD(flock, l_pid, l_pid);

    SIZE(pollfd);
    FIELD(pollfd, fd, fd);
    FIELD(pollfd, events, events);
    FIELD(pollfd, revents, revents);

    SIZE(sigaction);
    FIELD(sigaction, sa_sigaction, handler);
    FIELD(sigaction, sa_flags, flags);

    VALUE(O_RDONLY);
    VALUE(O_WRONLY);
    VALUE(O_RDWR);
    VALUE(O_CREAT);
    VALUE(O_EXCL);
    VALUE(O_NOCTTY);
    VALUE(O_APPEND);
    VALUE(O_NONBLOCK);
    VALUE(O_DIRECT);
    VALUE(O_NOFOLLOW);
    VALUE(O_CLOEXEC);
    VALUE(O_PATH);
    VALUE(AT_FDCWD);
    VALUE(RENAME_NOREPLACE);
    VALUE(F_GETFL);
    VALUE(F_SETFL);
    VALUE(F_OFD_GETLK);
    VALUE(F_OFD_SETLK);
    VALUE(F_RDLCK);
    VALUE(F_WRLCK);
    VALUE(F_UNLCK);
    VALUE(SEEK_DATA);
    VALUE(SEEK_END);
    VALUE(SEEK_HOLE);
    VALUE(F_ADD_SEALS);
    VALUE(F_SEAL_SEAL);
    VALUE(F_SEAL_SHRINK);
    VALUE(F_SEAL_GROW);
    VALUE(X_OK);
    VALUE(W_OK);
    VALUE(RWF_DSYNC);
    VALUE(FALLOC_FL_KEEP_SIZE);
    VALUE(FALLOC_FL_PUNCH_HOLE);
    VALUE(FALLOC_FL_ZERO_RANGE);
    VALUE(PROT_NONE);
    VALUE(PROT_READ);
    VALUE(PROT_WRITE);
    VALUE(PROT_EXEC);
    VALUE(MAP_SHARED);
    VALUE(MAP_PRIVATE);
    VALUE(MAP_FIXED);
    VALUE(MAP_ANONYMOUS);
    VALUE(MAP_NORESERVE);
    VALUE(MAP_POPULATE);
    VALUE(MAP_HUGETLB);
    VALUE(MAP_HUGE_2MB);
    VALUE(MADV_DONTNEED);
    VALUE(MADV_MERGEABLE);
    VALUE(MADV_HUGEPAGE);
    VALUE(MADV_NOHUGEPAGE);
    VALUE(MADV_DONTDUMP);
    VALUE(MADV_POPULATE_WRITE);
    VALUE(MFD_CLOEXEC);
    VALUE(MFD_ALLOW_SEALING);
    VALUE(MFD_HUGETLB);
    VALUE(MFD_NOEXEC_SEAL);
    VALUE(GRND_NONBLOCK);
    VALUE(EFD_SEMAPHORE);
    VALUE(EFD_NONBLOCK);
    VALUE(EFD_CLOEXEC);
    VALUE(EPOLL_CLOEXEC);
    VALUE(EPOLL_CTL_ADD);
    VALUE(EPOLL_CTL_DEL);
    VALUE(EPOLL_CTL_MOD);
    VALUE(EPOLLIN);
    VALUE(EPOLLOUT);
    VALUE(EPOLLERR);
    VALUE(EPOLLHUP);
    VALUE(EPOLLRDHUP);
    VALUE(EPOLLONESHOT);
    VALUE(EPOLLET);
    VALUE(CLOCK_MONOTONIC);
    VALUE(TFD_NONBLOCK);
    VALUE(TFD_CLOEXEC);
    VALUE(AF_UNIX);
    VALUE(AF_INET);
    VALUE(SOCK_STREAM);
    VALUE(SOCK_DGRAM);
    VALUE(SOCK_NONBLOCK);
    VALUE(SOCK_CLOEXEC);
    VALUE(SOL_SOCKET);
    VALUE(SO_PEERCRED);
    VALUE(SHUT_RD);
    VALUE(SHUT_WR);
    VALUE(POLLIN);
    VALUE(POLLOUT);
    VALUE(POLLERR);
    VALUE(POLLHUP);
    VALUE(TIOCGPTN);
    VALUE(TIOCSPTLCK);
    VALUE(TIOCGPTPEER);
    VALUE(TIOCGWINSZ);
    VALUE(BLKSSZGET);
    VALUE(SYS_gettid);
    VALUE(SYS_tgkill);
    VALUE(SYS_io_uring_setup);
    VALUE(SYS_io_uring_enter);
    VALUE(SYS_io_uring_register);
    VALUE(PR_SET_PDEATHSIG);
    VALUE(SIGHUP);
    VALUE(SIGINT);
    VALUE(SIGQUIT);
    VALUE(SIGILL);
    VALUE(SIGBUS);
    VALUE(SIGFPE);
    VALUE(SIGKILL);
    VALUE(SIGUSR1);
    VALUE(SIGSEGV);
    VALUE(SIGTERM);
    VALUE(SIGWINCH);
    VALUE(SA_SIGINFO);
    VALUE(SA_ONSTACK);
    VALUE(SA_RESTART);
    VALUE(SIG_UNBLOCK);
    VALUE(RTLD_DEFAULT);
    VALUE(TCSANOW);
    VALUE(TCSADRAIN);
    VALUE(_SC_PAGESIZE);

    VALUE(EPERM);
    VALUE(ENOENT);
    VALUE(EINTR);
    VALUE(EIO);
    VALUE(ENXIO);
    VALUE(E2BIG);
    VALUE(EBADF);
    VALUE(EAGAIN);
    VALUE(ENOMEM);
    VALUE(EACCES);
    VALUE(EFAULT);
    VALUE(EBUSY);
    VALUE(EEXIST);
    VALUE(ENODEV);
    VALUE(ENOTDIR);
    VALUE(EISDIR);
    VALUE(EINVAL);
    VALUE(ENFILE);
    VALUE(EMFILE);
    VALUE(ENOTTY);
    VALUE(ENOSPC);
    VALUE(EROFS);
    VALUE(EPIPE);
    VALUE(ENOSYS);
    VALUE(EBADFD);
    VALUE(ENOTSOCK);
    VALUE(EPROTOTYPE);
    VALUE(EOPNOTSUPP);
    VALUE(EADDRINUSE);
    VALUE(ECONNABORTED);
    VALUE(ECONNRESET);
    VALUE(ENOBUFS);
    VALUE(ECONNREFUSED);
    VALUE(EDQUOT);
    VALUE(ECANCELED);
    return 0;
}
