#include "terminal.h"
#include "system.h"
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <unistd.h>

bool terminal_resize(int terminal, unsigned rows, unsigned columns) {
    struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns};
    return ioctl(terminal, TIOCSWINSZ, &size) == 0;
}

static bool make_console(int terminal, struct failure *failure) {
    unsigned number;
    char path[32];
    int fd = open("/dev/console", O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);
    bool made = fd >= 0;
    close_fd(&fd);
    if (!made || ioctl(terminal, TIOCGPTN, &number) < 0) {
        return fail_errno(failure, "cannot make /dev/console");
    }
    (void)snprintf(path, sizeof path, "/dev/pts/%u", number);
    return mount(path, "/dev/console", NULL, MS_BIND, NULL) == 0 || fail_errno(failure, "cannot make /dev/console");
}

int terminal_open(unsigned rows, unsigned columns, bool is_console, struct failure *failure) {
    int unlocked = 0, terminal = open("/dev/pts/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
    // By TIOCGPTPEER, and not by name: nothing in the container can stand in for it.
    int user_end = terminal < 0 || ioctl(terminal, TIOCSPTLCK, &unlocked) < 0
        ? -1
        : ioctl(terminal, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (user_end < 0) {
        fail_errno(failure, "cannot make a terminal");
        close_fd(&terminal);
        return -1;
    }
    bool good = (rows == 0 && columns == 0) || terminal_resize(terminal, rows, columns);
    good = good && ioctl(user_end, TIOCSCTTY, 0) == 0 && dup2(user_end, 0) == 0 && dup2(user_end, 1) == 1
        && dup2(user_end, 2) == 2;
    if (!good) {
        fail_errno(failure, "cannot use a terminal");
    }
    good = good && (!is_console || make_console(terminal, failure));
    close_fd(&user_end);
    if (!good) {
        close_fd(&terminal);
    }
    return terminal;
}
