#include "transfer.h"
#include "archive.h"
#include "control.h"
#include "extract.h"
#include "loop.h"
#include "names.h"
#include "process.h"
#include "root.h"
#include "system.h"
#include "transport.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

struct transfer {
    bool used;
    uint32_t id;
    uint16_t type;
    int pidfd, report;
    int number; // in the loop
};

// What a frame asks for.
struct request {
    uint16_t type;
    uint8_t flags;
    uint64_t token;
    char path[PATH_MAX], name[PATH_MAX];
};

// What the process has to say in the end; nothing, if something killed it.
struct outcome {
    bool good;
    struct failure failure;
    uint32_t mode;
    uint64_t size, nanos;
    char path[PATH_MAX], target[PATH_MAX];
};

static struct transfer transfers[TRANSFERS_MAX];

static bool copy_text(struct text text, char path[PATH_MAX], struct failure *failure) {
    if (text.size >= PATH_MAX || (text.size > 0 && memchr(text.bytes, 0, text.size) != NULL)) {
        return fail(failure, STATUS_FAILED, "a path is too long, or has a zero byte");
    }
    if (text.size > 0) {
        memcpy(path, text.bytes, text.size);
    }
    path[text.size] = 0;
    return true;
}

static bool read_request(const struct frame *frame, struct request *request, struct failure *failure) {
    struct reader body = reader_of(frame->body, frame->size);
    request->type = frame->type;
    request->flags = read_u8(&body);
    request->token = frame->type == FRAME_STAT ? 0 : read_u64(&body);
    struct text path = frame->type == FRAME_CHANGES ? (struct text){.size = 0} : read_text(&body);
    struct text name = frame->type == FRAME_ARCHIVE ? read_text(&body) : (struct text){.size = 0};
    if (body.bad) {
        return fail(failure, STATUS_FAILED, "a frame of type %u is too short", (unsigned)frame->type);
    }
    return copy_text(path, request->path, failure) && copy_text(name, request->name, failure);
}

static bool enter(uint8_t flags, int container, struct failure *failure) {
    const char *root = root_directory();
    if ((flags & TRANSFER_BARE) == 0 && container >= 0) {
        if (setns(container, CLONE_NEWNS) < 0 || chdir("/") < 0) {
            return fail_errno(failure, "cannot enter the container");
        }
        return true;
    }
    if (root == NULL) {
        return fail(failure, STATUS_FAILED, "container has no root file system");
    }
    return (chroot(root) == 0 && chdir("/") == 0) || fail_errno(failure, "cannot enter the root file system");
}

// The path of an open file as it is below this process's root. Descriptors: an open /proc/self/fd, for the container's /proc has not this process.
static bool path_of(int descriptors, int file, char path[PATH_MAX]) {
    char name[16];
    (void)snprintf(name, sizeof name, "%d", file);
    ssize_t size = readlinkat(descriptors, name, path, PATH_MAX - 1);
    path[size < 0 ? 0 : size] = 0;
    return size > 0 && path[0] == '/';
}

static bool not_found(const char *path, struct failure *failure) {
    if (errno == ENOENT || errno == ENOTDIR) {
        return fail(failure, STATUS_NOT_FOUND, "Could not find the file %.250s in container", path);
    }
    return fail_errno(failure, "cannot open %.250s", path);
}

// Where the path leads, without a link in it but perhaps the last.
static bool resolve(int root, int descriptors, const char *path, int flags, struct outcome *outcome) {
    struct stat status;
    int file = open_below(root, path, O_PATH | flags);
    if (file < 0) {
        return not_found(path, &outcome->failure);
    }
    bool good = (fstat(file, &status) == 0 && path_of(descriptors, file, outcome->path))
        || fail_errno(&outcome->failure, "cannot look at %.250s", path);
    close_fd(&file);
    outcome->mode = status.st_mode;
    outcome->size = (uint64_t)status.st_size;
    outcome->nanos = status.st_mtim.tv_sec < 0 ? 0 : (uint64_t)status.st_mtim.tv_sec * 1000000000U + (uint64_t)status.st_mtim.tv_nsec;
    return good;
}

// What a link leads to in the end; its text where that is not there.
static void find_target(int root, int descriptors, struct outcome *outcome) {
    if (!S_ISLNK(outcome->mode)) {
        return;
    }
    int target = open_below(root, outcome->path, O_PATH);
    if (target < 0 || !path_of(descriptors, target, outcome->target)) {
        int file = open_below(root, outcome->path, O_PATH | O_NOFOLLOW);
        ssize_t size = file < 0 ? -1 : readlinkat(file, "", outcome->target, PATH_MAX - 1);
        outcome->target[size < 0 ? 0 : size] = 0;
        close_fd(&file);
    }
    close_fd(&target);
}

static bool send_archive(int root, int stream, const struct request *request, struct outcome *outcome) {
    char *slash = strrchr(outcome->path, '/');
    static char name[PATH_MAX];
    (void)snprintf(name, sizeof name, "%s", slash[1] == 0 ? "." : slash + 1);
    slash[1] = 0;
    int parent = open_below(root, outcome->path, O_RDONLY | O_DIRECTORY);
    bool good = parent >= 0 ? archive_write(stream, parent, name, request->name, &outcome->failure)
                            : not_found(request->path, &outcome->failure);
    close_fd(&parent);
    return good;
}

static bool send_changes(int stream, const struct request *request, struct failure *failure) {
    const char *upper_path, *lower_path;
    if (!root_layers(&upper_path, &lower_path)) {
        return fail(failure, STATUS_FAILED, "container has no layer of what was written");
    }
    int upper = open(upper_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), lower = open(lower_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (upper < 0 || lower < 0) {
        return fail_errno(failure, "cannot open the container's layers");
    }
    return (request->flags & TRANSFER_LAYER) != 0 ? archive_write_layer(stream, upper, failure)
                                                  : archive_write_changes(stream, upper, lower, failure);
}

static bool serve(const struct request *request, int container, struct outcome *outcome) {
    struct failure *failure = &outcome->failure;
    int stream = -1, descriptors = open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptors < 0) {
        return fail_errno(failure, "cannot open /proc");
    }
    if (request->type != FRAME_STAT && (stream = transport_open_stream(request->token, failure)) < 0) {
        return false;
    }
    if (request->type == FRAME_CHANGES) {
        return send_changes(stream, request, failure);
    }
    if (!enter(request->flags, container, failure)) {
        return false;
    }
    int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    int follow = (request->flags & TRANSFER_FOLLOW) != 0 ? 0 : O_NOFOLLOW;
    switch (request->type) {
        case FRAME_STAT:
            if (!resolve(root, descriptors, request->path, follow, outcome)) {
                return false;
            }
            find_target(root, descriptors, outcome);
            return true;
        case FRAME_ARCHIVE:
            return resolve(root, descriptors, request->path, follow, outcome) && send_archive(root, stream, request, outcome);
        default:
            (void)umask(0);
            return resolve(root, descriptors, request->path, O_DIRECTORY, outcome)
                && extract_read(stream, root, outcome->path, (request->flags & TRANSFER_OWNERS) != 0, failure);
    }
}

// Leaves nothing open that is another's: the end of a stream is that of its last descriptor.
static void keep_two(int *report, int *container) {
    enum { REPORT = 3, CONTAINER = 4 };
    if (*container == REPORT) {
        *container = dup(*container);
    }
    (void)dup2(*report, REPORT);
    *report = REPORT;
    if (*container >= 0) {
        (void)dup2(*container, CONTAINER);
        *container = CONTAINER;
    }
    (void)close_from(*container >= 0 ? CONTAINER + 1 : CONTAINER);
}

static _Noreturn void work(const struct request *request, int report, int container) {
    static struct outcome outcome;
    keep_two(&report, &container);
    outcome.good = serve(request, container, &outcome);
    (void)send(report, &outcome, sizeof outcome, MSG_NOSIGNAL); // the end without it is a failure too
    _exit(outcome.good ? 0 : 1);
}

static struct transfer *allocate(const struct frame *frame) {
    for (int i = 0; i < TRANSFERS_MAX; i++) {
        if (!transfers[i].used) {
            transfers[i] = (struct transfer){.id = frame->id, .type = frame->type, .pidfd = -1, .report = -1, .number = -1};
            return &transfers[i];
        }
    }
    return NULL;
}

static void release(struct transfer *transfer) {
    close_fd(&transfer->pidfd);
    close_fd(&transfer->report);
    transfer->used = false;
}

bool transfer_start(const struct frame *frame, struct failure *failure) {
    static struct request request;
    int reports[2];
    struct transfer *transfer = allocate(frame);
    if (!read_request(frame, &request, failure)) {
        return false;
    }
    if (transfer == NULL) {
        return fail(failure, STATUS_FAILED, "there are %d transfers already", TRANSFERS_MAX);
    }
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, reports) < 0) {
        return fail_errno(failure, "cannot make a socket");
    }
    pid_t pid = fork();
    if (pid == 0) {
        work(&request, reports[1], process_container());
    }
    close_fd(&reports[1]);
    transfer->report = reports[0];
    if (pid < 0) {
        fail_errno(failure, "cannot start a process");
        release(transfer);
        return false;
    }
    transfer->pidfd = open_pidfd(pid); // without, it can't be ended before its time
    transfer->used = true;
    return true;
}

static void tell(const struct transfer *transfer, struct outcome *outcome) {
    if (!outcome->good) {
        outcome->failure.line[sizeof outcome->failure.line - 1] = 0;
        control_send_error(transfer->id, (enum frame_type)transfer->type, &outcome->failure);
        return;
    }
    struct writer writer = control_begin(transfer->id, transfer->type == FRAME_STAT ? FRAME_FILE : FRAME_DONE);
    if (transfer->type == FRAME_STAT) {
        write_u32(&writer, outcome->mode);
        write_u64(&writer, outcome->size);
        write_u64(&writer, outcome->nanos);
        write_text(&writer, outcome->path, strnlen(outcome->path, PATH_MAX));
        write_text(&writer, outcome->target, strnlen(outcome->target, PATH_MAX));
    } else {
        write_u16(&writer, transfer->type);
    }
    control_send(&writer);
}

static void end(struct transfer *transfer) {
    static struct outcome outcome;
    if (read_some(transfer->report, &outcome, sizeof outcome) != (ssize_t)sizeof outcome) {
        outcome.good = false;
        fail(&outcome.failure, STATUS_FAILED, "a transfer was ended");
    }
    tell(transfer, &outcome);
    release(transfer);
}

void transfers_prepare(void) {
    for (int i = 0; i < TRANSFERS_MAX; i++) {
        transfers[i].number = transfers[i].used ? loop_add(transfers[i].report, POLLIN) : -1;
    }
}

void transfers_run(void) {
    for (int i = 0; i < TRANSFERS_MAX; i++) {
        if (transfers[i].used && loop_events(transfers[i].number) != 0) {
            end(&transfers[i]);
        }
    }
}

void transfers_end(void) {
    for (int i = 0; i < TRANSFERS_MAX; i++) {
        if (transfers[i].used) {
            (void)kill_pidfd(transfers[i].pidfd);
            release(&transfers[i]);
        }
    }
}
