// Process 1 of the guest of a container: docs/agent.md.
#include "cgroup.h"
#include "control.h"
#include "draft.h"
#include "loop.h"
#include "machine.h"
#include "process.h"
#include "root.h"
#include "streams.h"
#include "system.h"
#include "transfer.h"
#include "transport.h"
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>

enum { LAST_WORD_TRIES = 10, LAST_WORD_MILLIS = 200 };

static struct draft draft;
static int signals = -1;

static bool complain(const struct failure *failure) {
    (void)fprintf(stderr, "agent: %s\n", failure->line);
    return false;
}

// The end of a child, as a descriptor; what would end or stop this process is ignored.
static bool take_signals(struct failure *failure) {
    sigset_t set;
    (void)signal(SIGPIPE, SIG_IGN);
    return (sigemptyset(&set) == 0 && sigaddset(&set, SIGCHLD) == 0 && sigaddset(&set, SIGINT) == 0
               && sigaddset(&set, SIGTERM) == 0 && sigaddset(&set, SIGHUP) == 0
               && sigprocmask(SIG_BLOCK, &set, NULL) == 0
               && (signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK)) >= 0)
        || fail_errno(failure, "cannot take signals");
}

static void drop_signals(void) {
    struct signalfd_siginfo information;
    while (read_some(signals, &information, sizeof information) == (ssize_t)sizeof information) {
        // Which ones they were does not matter: several ends may be one signal.
    }
}

static void send_done(const struct frame *frame) {
    struct writer writer = control_begin(frame->id, FRAME_DONE);
    write_u16(&writer, frame->type);
    control_send(&writer);
}

static void send_stats(uint32_t id) {
    struct writer writer = control_begin(id, FRAME_STATS);
    cgroup_write_stats(&writer);
    control_send(&writer);
}

static bool bring_about(const struct frame *frame, bool is_first, struct failure *failure) {
    bool good = draft_add(&draft, frame->id, reader_of(frame->body, frame->size), failure)
        && process_start(&draft, is_first, failure);
    draft_clear(&draft);
    return good;
}

// The container's files without a process, as those of one that has ended.
static bool mount_root(const struct frame *frame, struct failure *failure) {
    bool good = draft_add(&draft, frame->id, reader_of(frame->body, frame->size), failure) && root_assemble(&draft, failure) != NULL;
    draft_clear(&draft);
    return good;
}

static bool add_fields(const struct frame *frame, struct failure *failure) {
    bool good = draft_add(&draft, frame->id, reader_of(frame->body, frame->size), failure);
    if (!good) {
        draft_clear(&draft);
    }
    return good;
}

static bool set_time(uint64_t nanos, struct failure *failure) {
    return transport_is_unix() ? fail(failure, STATUS_FAILED, "this is no machine: its clock stays")
                               : machine_set_time(nanos, failure);
}

// Does what a frame asks for, and answers those that have no answer later.
static bool obey(const struct frame *frame, struct failure *failure) {
    struct reader body = reader_of(frame->body, frame->size);
    bool good;
    switch (frame->type) {
        case FRAME_FIELDS:
            return add_fields(frame, failure); // the answer is to the frame that completes it
        case FRAME_START:
            return bring_about(frame, true, failure);
        case FRAME_EXEC:
            return bring_about(frame, false, failure);
        case FRAME_STAT:
        case FRAME_ARCHIVE:
        case FRAME_EXTRACT:
        case FRAME_CHANGES:
            return transfer_start(frame, failure);
        case FRAME_STATS:
            send_stats(frame->id);
            return true;
        case FRAME_ACK:
            return process_acknowledge(frame->id, failure);
        case FRAME_SIGNAL: {
            uint16_t number = read_u16(&body);
            bool group = body.left > 0 && read_u8(&body) != 0;
            good = !body.bad && process_signal(frame->id, number, group, failure);
            break;
        }
        case FRAME_RESIZE: {
            uint16_t rows = read_u16(&body);
            uint16_t columns = read_u16(&body);
            good = !body.bad && process_resize(frame->id, rows, columns, failure);
            break;
        }
        case FRAME_MOUNT:
            good = mount_root(frame, failure);
            break;
        case FRAME_FREEZE: {
            bool freeze = read_u8(&body) != 0;
            good = !body.bad && cgroup_freeze(freeze, failure);
            break;
        }
        case FRAME_SET_TIME: {
            uint64_t nanos = read_u64(&body);
            good = !body.bad && set_time(nanos, failure);
            break;
        }
        default:
            return fail(failure, STATUS_FAILED, "unknown frame type %u", (unsigned)frame->type);
    }
    if (body.bad) {
        return fail(failure, STATUS_FAILED, "a frame of type %u is too short", (unsigned)frame->type);
    }
    if (good) {
        send_done(frame);
    }
    return good;
}

static void turn(int milliseconds) {
    struct frame frame;
    struct failure failure;
    // Before anything is waited for: what came along with the hello, or was left for want of room, is no event.
    while (control_next(&frame)) {
        if (!obey(&frame, &failure)) {
            control_send_error(frame.id, (enum frame_type)frame.type, &failure);
        }
        milliseconds = 0; // the caller may have something to do after it
    }
    if (control_is_lost()) {
        return;
    }
    loop_clear();
    int number = loop_add(signals, POLLIN);
    control_prepare();
    process_prepare();
    transfers_prepare();
    streams_prepare();
    (void)loop_wait(milliseconds); // whatever it was, all is asked
    process_run();
    if (loop_events(number) != 0) {
        drop_signals();
        process_reap();
    }
    transfers_run();
    streams_run();
    control_run();
}

// After the last word the host closes the connection: what was sent is not known to have come before that.
static void finish(void) {
    transfers_end();
    if (!process_end_all()) {
        (void)fprintf(stderr, "agent: some processes do not end\n");
    }
    root_finish();
    if (!control_is_lost()) {
        struct writer writer = control_begin(0, FRAME_DOWN);
        control_send(&writer);
    }
    for (int i = 0; i < LAST_WORD_TRIES && !control_is_lost(); i++) {
        turn(LAST_WORD_MILLIS);
    }
}

static bool begin(struct failure *failure) {
    uint64_t host_nanos = 0;
    if (!take_signals(failure)) {
        return false;
    }
    if (!transport_is_unix()) {
        if (!machine_begin(failure)) {
            return false;
        }
        cgroup_use("/sys/fs/cgroup");
    }
    if (!control_open(&host_nanos, failure)) {
        return false;
    }
    return host_nanos == 0 || transport_is_unix() || machine_set_time(host_nanos, failure);
}

static bool parse_arguments(int count, char **arguments) {
    for (int i = 1; i < count; i++) {
        if (strcmp(arguments[i], "--unix") == 0 && i + 1 < count) {
            transport_use_unix(arguments[++i]);
        } else if (strcmp(arguments[i], "--cgroup") == 0 && i + 1 < count) {
            cgroup_use(arguments[++i]);
        } else if (transport_is_unix() || i > 1) {
            return false;
        } // else the kernel's: process 1 gets what the kernel does not know of its command line
    }
    return true;
}

int main(int count, char **arguments) {
    struct failure failure;
    if (!parse_arguments(count, arguments)) {
        (void)fprintf(stderr, "usage: agent [--unix PATH [--cgroup DIRECTORY]]\n");
        return 2;
    }
    // Until a program runs, its process has this one's memory and descriptors: root in the container must not get at them by ptrace or /proc. execve gives it back.
    (void)prctl(PR_SET_DUMPABLE, 0); // which does not fail
    bool good = begin(&failure) || complain(&failure);
    while (good && !control_is_lost() && !process_is_over()) {
        turn(-1);
    }
    bool lost = control_is_lost();
    if (good) {
        finish();
    }
    if (!transport_is_unix()) {
        machine_power_off();
    }
    return good && !lost ? 0 : 1;
}
