#include "streams.h"
#include "loop.h"
#include "system.h"
#include <errno.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    BUFFER_SIZE = 65536, // what a pipe holds
    PAGE_SIZE = 4096,
    ROUNDS = 8, // buffers in a turn, so that one busy stream does not hold up the others
};

struct pump {
    bool used;
    bool ended; // nothing more will come
    int owner;
    int from, to;
    uint32_t begin, end; // of what waits in the buffer
    int number; // in the loop
};

static struct pump pumps[STREAMS_MAX];
// Memory for those only that were used: pages that nobody has written to take none.
static uint8_t buffers[STREAMS_MAX][BUFFER_SIZE] __attribute__((aligned(PAGE_SIZE)));

bool stream_start(int owner, int from, int to) {
    for (int i = 0; i < STREAMS_MAX; i++) {
        if (!pumps[i].used) {
            pumps[i] = (struct pump){.used = true, .owner = owner, .from = from, .to = to, .number = -1};
            return true;
        }
    }
    close_fd(&from);
    close_fd(&to);
    return false;
}

static void stop(struct pump *pump) {
    // A socket's other direction may be another pump's, and must see the end of this one all the same. Of what is no socket this says so.
    (void)shutdown(pump->to, SHUT_WR);
    close_fd(&pump->from);
    close_fd(&pump->to);
    pump->used = false;
    // Gives its memory back; if not, nothing is lost.
    (void)madvise(buffers[pump - pumps], BUFFER_SIZE, MADV_DONTNEED);
}

void streams_stop(int owner) {
    for (int i = 0; i < STREAMS_MAX; i++) {
        if (pumps[i].used && pumps[i].owner == owner) {
            stop(&pumps[i]);
        }
    }
}

int streams_count(void) {
    int count = 0;
    for (int i = 0; i < STREAMS_MAX; i++) {
        count += pumps[i].used;
    }
    return count;
}

void streams_prepare(void) {
    for (int i = 0; i < STREAMS_MAX; i++) {
        struct pump *pump = &pumps[i];
        if (pump->used) {
            pump->number = pump->begin < pump->end ? loop_add(pump->to, POLLOUT) : loop_add(pump->from, POLLIN);
        }
    }
}

// False if nothing more can be done at the moment.
static bool fill(struct pump *pump, uint8_t *buffer) {
    ssize_t count = read_some(pump->from, buffer, BUFFER_SIZE);
    if (count < 0 && errno == EAGAIN) {
        return false;
    }
    pump->begin = 0;
    pump->end = count > 0 ? (uint32_t)count : 0;
    pump->ended = count <= 0; // EIO is how the last user of a terminal leaves it
    return true;
}

// False if nothing more can be done at the moment. A reader that has gone ends the pump, and so whoever writes to it is told.
static bool drain(struct pump *pump, const uint8_t *buffer) {
    ssize_t count = write_some(pump->to, buffer + pump->begin, pump->end - pump->begin);
    if (count < 0 && errno == EAGAIN) {
        return false;
    }
    if (count < 0) {
        pump->begin = pump->end = 0;
        pump->ended = true;
        return true;
    }
    pump->begin += (uint32_t)count;
    return true;
}

void streams_run(void) {
    for (int i = 0; i < STREAMS_MAX; i++) {
        struct pump *pump = &pumps[i];
        if (!pump->used || loop_events(pump->number) == 0) {
            continue;
        }
        bool moving = true;
        for (int round = 0; moving && round < ROUNDS; round++) {
            if (pump->begin == pump->end && !pump->ended) {
                moving = fill(pump, buffers[i]);
            }
            if (moving && pump->begin < pump->end) {
                moving = drain(pump, buffers[i]);
            }
            if (pump->ended && pump->begin == pump->end) {
                stop(pump);
                moving = false;
            }
        }
    }
}
