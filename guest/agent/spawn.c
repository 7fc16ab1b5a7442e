#include "spawn.h"
#include "caps.h"
#include "cgroup.h"
#include "init.h"
#include "lookup.h"
#include "mounts.h"
#include "seccomp.h"
#include "system.h"
#include "terminal.h"
#include "users.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAMESPACES = CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWCGROUP };

static struct user user; // too much for the stack

static bool send_report(int socket, const struct report *report, int fd) {
    struct iovec part = {.iov_base = (void *)(uintptr_t)report, .iov_len = sizeof *report};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control;
    memset(&control, 0, sizeof control);
    if (fd >= 0) {
        message.msg_control = control.bytes;
        message.msg_controllen = sizeof control.bytes;
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof fd);
        memcpy(CMSG_DATA(header), &fd, sizeof fd);
    }
    return sendmsg(socket, &message, MSG_NOSIGNAL) == (ssize_t)sizeof *report;
}

int spawn_read_report(int socket, struct report *report, int *fd) {
    struct iovec part = {.iov_base = report, .iov_len = sizeof *report};
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control;
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
    ssize_t size;
    *fd = -1;
    do {
        size = recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    } while (size < 0 && errno == EINTR);
    if (size < 0 && errno == EAGAIN) {
        return -1;
    }
    if (size != (ssize_t)sizeof *report) {
        return 0;
    }
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (header != NULL && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS
        && header->cmsg_len == CMSG_LEN(sizeof *fd)) {
        memcpy(fd, CMSG_DATA(header), sizeof *fd);
    }
    report->failure.line[sizeof report->failure.line - 1] = 0;
    return 1;
}

// As a program that begins expects signals: handled as by default, none blocked.
static bool reset_signals(struct failure *failure) {
    struct sigaction action = {.sa_handler = SIG_DFL};
    sigset_t none;
    for (int i = 1; i < NSIG; i++) {
        (void)sigaction(i, &action, NULL); // KILL, STOP and the C library's own can't be
    }
    return (sigemptyset(&none) == 0 && sigprocmask(SIG_SETMASK, &none, NULL) == 0)
        || fail_errno(failure, "cannot unblock signals");
}

static bool enter_namespaces(const struct spawn *spawn, struct failure *failure) {
    const struct draft *draft = spawn->draft;
    if (!spawn->is_first) {
        if (setns(spawn->container, NAMESPACES) < 0) {
            return fail_errno(failure, "cannot enter the container");
        }
        return chdir("/") == 0 || fail_errno(failure, "cannot enter the container");
    }
    if (unshare(NAMESPACES) < 0) {
        return fail_errno(failure, "cannot make namespaces");
    }
    if (draft->hostname != NULL && sethostname(draft->hostname, strlen(draft->hostname)) < 0) {
        return fail_errno(failure, "cannot set the host name %s", draft->hostname);
    }
    return mounts_enter(spawn->root, draft, failure);
}

// The standard stream becomes the descriptor, or nothing.
static bool put_stream(int fd, int stream, struct failure *failure) {
    int null = -1;
    if (fd < 0) {
        fd = null = open("/dev/null", O_RDWR | O_CLOEXEC);
    }
    bool good = fd >= 0 && dup2(fd, stream) == stream;
    if (!good) {
        fail_errno(failure, "cannot set standard stream %d", stream);
    }
    if (null != stream) {
        close_fd(&null);
    }
    return good;
}

static bool set_streams(const struct spawn *spawn, struct failure *failure) {
    const struct draft *draft = spawn->draft;
    if (!draft->has_terminal) {
        return put_stream(spawn->standard_input, 0, failure) && put_stream(spawn->standard_output, 1, failure)
            && put_stream(spawn->standard_error, 2, failure);
    }
    int terminal = terminal_open(draft->rows, draft->columns, spawn->is_first, failure);
    if (terminal < 0) {
        return false;
    }
    struct report report = {.kind = REPORT_TERMINAL};
    bool sent = send_report(spawn->report, &report, terminal);
    close_fd(&terminal);
    return sent || fail_errno(failure, "cannot hand over the terminal");
}

static bool find_user(const struct draft *draft, struct failure *failure) {
    int passwd = open("/etc/passwd", O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    int group = open("/etc/group", O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    bool found = user_resolve(draft->user, passwd, group, &user, failure)
        && user_add_groups(&user, draft->groups, draft->group_count, group, failure);
    close_fd(&passwd);
    close_fd(&group);
    return found;
}

static bool complete_environment(struct draft *draft, struct failure *failure) {
    char hostname[256];
    if (gethostname(hostname, sizeof hostname) < 0) {
        return fail_errno(failure, "cannot read the host name");
    }
    hostname[sizeof hostname - 1] = 0;
    return draft_default_variable(draft, "PATH", DEFAULT_PATH, failure)
        && draft_default_variable(draft, "HOSTNAME", hostname, failure)
        && (!draft->has_terminal || draft_default_variable(draft, "TERM", "xterm", failure))
        && draft_default_variable(draft, "HOME", user.home, failure);
}

// So that the user can open /dev/stdout and the like, and its terminal. Where it can't be, it is no stream of ours.
static void own_streams(void) {
    for (int i = 0; i < 3; i++) {
        struct stat status;
        if (fstat(i, &status) == 0 && (S_ISFIFO(status.st_mode) || isatty(i))) {
            (void)fchown(i, user.uid, (gid_t)-1);
        }
    }
}

static bool enter_directory(const char *directory, struct failure *failure) {
    return chdir(directory) == 0 || fail_errno(failure, "chdir to cwd (\"%s\") failed", directory);
}

static bool become(const struct spawn *spawn, struct failure *failure) {
    const struct draft *draft = spawn->draft;
    if (!caps_set_limits(draft->rlimits, draft->rlimit_count, failure) || !caps_bound(spawn->capabilities, failure)) {
        return false;
    }
    if (spawn->no_new_privileges && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) {
        return fail_errno(failure, "cannot set no_new_privs");
    }
    // Before its capabilities go: a filter needs CAP_SYS_ADMIN or no_new_privs.
    return (spawn->unconfined || seccomp_confine(spawn->capabilities, failure))
        && caps_become(&user, spawn->capabilities, failure);
}

static bool prepare(struct spawn *spawn, struct failure *failure) {
    struct draft *draft = spawn->draft;
    const char *directory = draft->directory == NULL || draft->directory[0] == 0 ? "/" : draft->directory;
    if (!reset_signals(failure)) {
        return false;
    }
    if (setsid() < 0) {
        return fail_errno(failure, "cannot begin a session");
    }
    if (!cgroup_join(failure) || !enter_namespaces(spawn, failure) || !set_streams(spawn, failure)
        || !find_user(draft, failure) || !complete_environment(draft, failure)) {
        return false;
    }
    if (directory[0] != '/') {
        return fail(failure, STATUS_FAILED, "the working directory '%s' is invalid, it needs to be an absolute path", directory);
    }
    if (spawn->is_first && (!make_directories(directory, failure) || !mounts_seal(draft, failure))) {
        return false;
    }
    own_streams();
    return become(spawn, failure) && enter_directory(directory, failure)
        && (!draft->init || !spawn->is_first || init_split(failure));
}

static bool execute(struct draft *draft, struct failure *failure) {
    static char file[PATH_MAX];
    if (draft->argument_count == 0) {
        return fail(failure, STATUS_FAILED, "no command specified");
    }
    if (!lookup_command(draft->arguments[0], draft_variable(draft, "PATH"), file, sizeof file, failure)) {
        return false;
    }
    (void)execve(file, draft->arguments, draft->variables);
    int error = errno;
    fail_errno(failure, "exec %s", file);
    failure->status = error == ENOENT ? STATUS_NOT_FOUND : STATUS_NOT_EXECUTABLE;
    return false;
}

_Noreturn void spawn_child(struct spawn *spawn) {
    static struct report report = {.kind = REPORT_FAILURE};
    if (prepare(spawn, &report.failure)) {
        (void)execute(spawn->draft, &report.failure);
    }
    (void)send_report(spawn->report, &report, -1);
    _exit(report.failure.status);
}
