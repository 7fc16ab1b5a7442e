#include "control.h"
#include "loop.h"
#include "system.h"
#include "transport.h"
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

enum {
    // Answers for which room is kept before the host's next frame is looked at: ends of all processes, and one largest frame.
    ROOM = FRAME_MAX_SIZE + 16384,
    OUT_SIZE = 2 * ROOM,
};

static int fd = -1;
static bool lost;
static uint8_t in[FRAME_MAX_SIZE];
static size_t in_begin, in_end;
static uint8_t out[OUT_SIZE];
static size_t out_begin, out_end;
static int number = -1;

struct writer control_begin(uint32_t id, enum frame_type type) {
    if (out_begin > 0) {
        memmove(out, out + out_begin, out_end - out_begin);
        out_end -= out_begin;
        out_begin = 0;
    }
    return frame_begin(out + out_end, sizeof out - out_end, id, (uint16_t)type);
}

void control_send(struct writer *writer) {
    size_t size = frame_end(writer);
    if (size == 0) {
        lost = true; // the host has not read for so long that it can't be told any more
    }
    out_end += size;
}

void control_send_error(uint32_t id, enum frame_type request, const struct failure *failure) {
    struct writer writer = control_begin(id, FRAME_ERROR);
    write_u16(&writer, (uint16_t)request);
    write_u16(&writer, failure->status);
    write_text(&writer, failure->line, strlen(failure->line));
    control_send(&writer);
}

static void flush_out(void) {
    while (!lost && out_begin < out_end) {
        ssize_t count = write_some(fd, out + out_begin, out_end - out_begin);
        if (count < 0 && errno == EAGAIN) {
            return;
        }
        if (count <= 0) {
            lost = true;
            return;
        }
        out_begin += (size_t)count;
    }
}

static void fill_in(void) {
    memmove(in, in + in_begin, in_end - in_begin);
    in_end -= in_begin;
    in_begin = 0;
    if (in_end == sizeof in) {
        return; // a whole frame at least
    }
    ssize_t count = read_some(fd, in + in_end, sizeof in - in_end);
    if (count > 0) {
        in_end += (size_t)count;
    } else if (count == 0 || errno != EAGAIN) {
        lost = true;
    }
}

static bool has_room(void) {
    return out_end - out_begin <= OUT_SIZE - ROOM;
}

bool control_next(struct frame *frame) {
    size_t used;
    if (lost || !has_room()) {
        return false;
    }
    switch (frame_parse(in + in_begin, in_end - in_begin, frame, &used)) {
        case FRAME_COMPLETE:
            in_begin += used;
            return true;
        case FRAME_BAD:
            (void)fprintf(stderr, "agent: the host sent what is no frame\n");
            lost = true;
            return false;
        default:
            return false;
    }
}

void control_prepare(void) {
    number = loop_add(fd, (short)((has_room() ? POLLIN : 0) | (out_begin < out_end ? POLLOUT : 0)));
}

void control_run(void) {
    short events = loop_events(number);
    if ((events & POLLOUT) != 0) {
        flush_out();
    }
    if ((events & (POLLIN | POLLHUP | POLLERR)) != 0 && !lost) {
        fill_in();
    }
}

bool control_is_lost(void) {
    return lost;
}

bool control_is_flushed(void) {
    return out_begin == out_end;
}

bool control_open(uint64_t *host_nanos, struct failure *failure) {
    fd = transport_connect(CONTROL_PORT, failure);
    if (fd < 0) {
        return false;
    }
    struct writer writer = control_begin(0, FRAME_HELLO);
    write_u16(&writer, GENERATION);
    control_send(&writer);
    struct frame frame;
    flush_out();
    while (!control_next(&frame) && !lost) {
        fill_in();
    }
    if (lost) {
        return fail(failure, STATUS_FAILED, "the host went away before it said hello");
    }
    struct reader body = reader_of(frame.body, frame.size);
    uint16_t generation = read_u16(&body);
    *host_nanos = body.left > 0 ? read_u64(&body) : 0;
    if (frame.type != FRAME_HELLO || body.bad || generation == 0) {
        return fail(failure, STATUS_FAILED, "the host did not say hello");
    }
    return set_nonblocking(fd) || fail_errno(failure, "cannot use the connection to the host");
}
