#include "init.h"
#include "system.h"
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FIRST_DESCRIPTOR = 3, SIGNALLED = 128 };

// Reaps all that have ended; ends with the main one.
static void reap(pid_t main_process) {
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        if (pid == main_process) {
            _exit(WIFSIGNALED(status) ? SIGNALLED + WTERMSIG(status) : WEXITSTATUS(status));
        }
    }
}

static _Noreturn void be_init(pid_t main_process, const sigset_t *all) {
    (void)close_from(FIRST_DESCRIPTOR);
    (void)prctl(PR_SET_NAME, "init", 0, 0, 0);
    for (;;) {
        int number = sigwaitinfo(all, NULL);
        if (number == SIGCHLD) {
            reap(main_process);
        } else if (number > 0 && number != SIGTTIN && number != SIGTTOU) {
            (void)kill(main_process, number);
        }
    }
}

bool init_split(struct failure *failure) {
    sigset_t all, before;
    (void)sigfillset(&all);
    if (sigprocmask(SIG_SETMASK, &all, &before) < 0) {
        return fail_errno(failure, "cannot block signals");
    }
    pid_t pid = fork();
    if (pid < 0) {
        return fail_errno(failure, "cannot start a process");
    }
    if (pid > 0) {
        be_init(pid, &all);
    }
    // A group of its own, so that what a terminal sends reaches it once. Signals are still blocked, SIGTTOU among them.
    if (setpgid(0, 0) < 0) {
        return fail_errno(failure, "cannot make a process group");
    }
    if (tcsetpgrp(0, getpid()) < 0 && errno != ENOTTY && errno != EBADF) {
        return fail_errno(failure, "cannot take the terminal");
    }
    return sigprocmask(SIG_SETMASK, &before, NULL) == 0 || fail_errno(failure, "cannot unblock signals");
}
