#include "system.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

ssize_t read_some(int fd, void *buffer, size_t size) {
    ssize_t count;
    do {
        count = read(fd, buffer, size);
    } while (count < 0 && errno == EINTR);
    return count;
}

ssize_t write_some(int fd, const void *buffer, size_t size) {
    ssize_t count;
    do {
        count = write(fd, buffer, size);
    } while (count < 0 && errno == EINTR);
    return count;
}

bool write_all(int fd, const void *buffer, size_t size) {
    const char *at = buffer;
    while (size > 0) {
        ssize_t count = write_some(fd, at, size);
        if (count <= 0) {
            return false;
        }
        at += count;
        size -= (size_t)count;
    }
    return true;
}

static bool await(int fd, short events) {
    struct pollfd what = {.fd = fd, .events = events};
    return poll(&what, 1, -1) >= 0 || errno == EINTR;
}

bool write_patiently(int fd, const void *buffer, size_t size) {
    const char *at = buffer;
    while (size > 0) {
        ssize_t count = write_some(fd, at, size);
        if (count < 0 && (errno != EAGAIN || !await(fd, POLLOUT))) {
            return false;
        }
        at += count > 0 ? count : 0;
        size -= count > 0 ? (size_t)count : 0;
    }
    return true;
}

ssize_t read_patiently(int fd, void *buffer, size_t size) {
    size_t filled = 0;
    while (filled < size) {
        ssize_t count = read_some(fd, (char *)buffer + filled, size - filled);
        if (count == 0) {
            break;
        }
        if (count < 0 && (errno != EAGAIN || !await(fd, POLLIN))) {
            return -1;
        }
        filled += count > 0 ? (size_t)count : 0;
    }
    return (ssize_t)filled;
}

bool read_text_file(const char *path, char *buffer, size_t size) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    size_t filled = 0;
    ssize_t count = 1;
    while (count > 0 && filled < size - 1) {
        count = read_some(fd, buffer + filled, size - 1 - filled);
        filled += count > 0 ? (size_t)count : 0;
    }
    buffer[filled] = 0;
    int number = errno;
    close_fd(&fd);
    errno = number;
    return count >= 0;
}

bool write_text_file(const char *path, const char *text) {
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    size_t size = strlen(text);
    bool done = write_some(fd, text, size) == (ssize_t)size;
    int number = errno;
    close_fd(&fd);
    errno = number;
    return done;
}

bool rewind_file(int file, struct failure *failure) {
    return lseek(file, 0, SEEK_SET) == 0 || fail_errno(failure, "cannot read a file again");
}

bool join_path(char *path, size_t size, const char *directory, const char *name) {
    int length = snprintf(path, size, "%s/%s", directory, name);
    return length >= 0 && (size_t)length < size;
}

bool make_directories(const char *path, struct failure *failure) {
    char copy[PATH_MAX];
    struct stat status;
    size_t size = strlen(path);
    if (size == 0 || size >= sizeof copy) {
        errno = size == 0 ? ENOENT : ENAMETOOLONG;
        return fail_errno(failure, "mkdir %.80s", path);
    }
    memcpy(copy, path, size + 1);
    for (size_t i = 1; i <= size; i++) {
        if (copy[i] != '/' && copy[i] != 0) {
            continue;
        }
        copy[i] = 0;
        // Asked first: on a read-only file system mkdir may say so of a directory that is there.
        if (stat(copy, &status) < 0 && mkdir(copy, 0755) < 0 && errno != EEXIST) {
            return fail_errno(failure, "mkdir %s", copy);
        }
        copy[i] = path[i];
    }
    if (stat(path, &status) < 0) {
        return fail_errno(failure, "mkdir %s", path);
    }
    if (!S_ISDIR(status.st_mode)) {
        errno = ENOTDIR;
        return fail_errno(failure, "mkdir %s", path);
    }
    return true;
}

void close_fd(int *fd) {
    if (*fd >= 0) {
        // Linux closes it whatever close says, and nothing that is written here is on a file system that answers by close.
        (void)close(*fd);
        *fd = -1;
    }
}

int open_pidfd(pid_t pid) {
    return (int)syscall(SYS_pidfd_open, pid, 0);
}

int kill_pidfd(int pidfd) {
    return (int)syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
}

int close_from(int first) {
    return (int)syscall(SYS_close_range, first, ~0U, 0);
}

int pivot_root_to(const char *new_root, const char *put_old) {
    return (int)syscall(SYS_pivot_root, new_root, put_old);
}

bool set_nonblocking(int fd) {
    int flags = fcntl(fd, F_GETFL);
    return flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0;
}
