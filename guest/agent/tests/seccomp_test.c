#include "../seccomp.h"
#include "../caps.h"
#include "unit.h"
#include <errno.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// Errors of the calls, each in a process of its own, for it stays confined. 0 if it succeeds.
static int result_of(long (*call)(void), uint64_t capabilities) {
    int status = 0;
    pid_t pid = fork();
    if (pid == 0) {
        struct failure failure;
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || !seccomp_confine(capabilities, &failure)) {
            _exit(255);
        }
        errno = 0;
        _exit(call() < 0 ? errno : 0);
    }
    CHECK(pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status));
    return WEXITSTATUS(status);
}

static long by_i386(long number) {
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(0), "c"(0), "d"(0) : "memory", "r8", "r9", "r10", "r11");
    errno = result < 0 ? (int)-result : 0;
    return result;
}

static long add_key(void) { return syscall(SYS_add_key, 0, 0, 0, 0, 0); }
static long io_uring(void) { return syscall(SYS_io_uring_setup, 0, 0); }
static long clone3(void) { return syscall(SYS_clone3, 0, 0); }
static long unknown(void) { return syscall(451, 0); }
static long x32(void) { return syscall(0x40000000 | 39); }
static long new_user(void) { return syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0); }
static long new_namespace(void) { return unshare(CLONE_NEWUTS); }
static long vsock(void) { return socket(AF_VSOCK, SOCK_STREAM, 0); }
static long unix_socket(void) { return socket(AF_UNIX, SOCK_STREAM, 0); }
static long ask_personality(void) { return personality(0xffffffff); }
static long other_personality(void) { return personality(ADDR_NO_RANDOMIZE); }
static long usual(void) { return getpid(); }
static long change_root(void) { return syscall(SYS_chroot, 0); }
static long usual_i386(void) { return by_i386(20); }
static long add_key_i386(void) { return by_i386(286); }
static long unshare_i386(void) { return by_i386(310); }

void seccomp_tests(void) {
    const uint64_t dockers = DEFAULT_CAPABILITIES, admin = dockers | UINT64_C(1) << CAP_SYS_ADMIN;
    CHECK(result_of(usual, dockers) == 0);
    CHECK(result_of(add_key, dockers) == EPERM);
    CHECK(result_of(add_key, ~UINT64_C(0)) == EPERM);
    CHECK(result_of(io_uring, dockers) == EPERM);
    CHECK(result_of(clone3, dockers) == ENOSYS);
    CHECK(result_of(clone3, admin) == EINVAL);
    CHECK(result_of(unknown, dockers) == ENOSYS);
    CHECK(result_of(x32, dockers) == ENOSYS);
    CHECK(result_of(new_user, dockers) == EPERM);
    CHECK(result_of(new_namespace, dockers) == EPERM);
    CHECK(result_of(vsock, dockers) == EPERM);
    CHECK(result_of(unix_socket, dockers) == 0);
    CHECK(result_of(ask_personality, dockers) == 0);
    CHECK(result_of(other_personality, dockers) == EPERM);
    CHECK(result_of(change_root, dockers) == EFAULT); // it got through
    CHECK(result_of(change_root, 0) == EPERM);
    int without_i386 = by_i386(20) < 0;
    CHECK(without_i386 || result_of(usual_i386, dockers) == 0);
    CHECK(without_i386 || result_of(add_key_i386, dockers) == EPERM);
    CHECK(without_i386 || result_of(unshare_i386, dockers) == EPERM);
}
