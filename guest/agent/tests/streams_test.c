#include "../streams.h"
#include "../loop.h"
#include "../system.h"
#include "unit.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MUCH = 3000001, PIECE = 7777 };

static void turn(void) {
    loop_clear();
    streams_prepare();
    if (loop_wait(1000)) {
        streams_run();
    }
}

static uint8_t byte_at(size_t i) {
    return (uint8_t)(i * 2654435761u >> 13);
}

struct ends {
    int pipe[2], socket[2];
};

// pipe[0] to socket[0] is the pump's; all are non-blocking.
static struct ends make_ends(void) {
    struct ends ends;
    CHECK(pipe2(ends.pipe, O_NONBLOCK | O_CLOEXEC) == 0);
    CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.socket) == 0);
    return ends;
}

static void nothing_is_lost_and_the_end_arrives(void) {
    struct ends ends = make_ends();
    CHECK(stream_start(1, ends.pipe[0], ends.socket[0]) && streams_count() == 1);
    size_t sent = 0, received = 0;
    bool good = true, ended = false;
    for (int turns = 0; !ended && turns < 100000; turns++) {
        uint8_t piece[PIECE];
        size_t size = MUCH - sent < sizeof piece ? MUCH - sent : sizeof piece;
        for (size_t i = 0; i < size; i++) {
            piece[i] = byte_at(sent + i);
        }
        ssize_t count = size == 0 ? 0 : write(ends.pipe[1], piece, size);
        sent += count > 0 ? (size_t)count : 0;
        if (sent == MUCH) {
            close_fd(&ends.pipe[1]);
        }
        if (streams_count() > 0) {
            turn();
        }
        while (turns % 3 == 0 && (count = read(ends.socket[1], piece, sizeof piece)) >= 0 && !ended) {
            for (ssize_t i = 0; i < count; i++) {
                good = good && piece[i] == byte_at(received++);
            }
            ended = count == 0;
        }
    }
    CHECK(good && ended && received == MUCH && streams_count() == 0);
    close_fd(&ends.socket[1]);
}

static void a_reader_that_is_gone_ends_the_writer(void) {
    struct ends ends = make_ends();
    CHECK(stream_start(2, ends.pipe[0], ends.socket[0]));
    close_fd(&ends.socket[1]);
    CHECK(write(ends.pipe[1], "x", 1) == 1);
    turn();
    CHECK(streams_count() == 0);
    CHECK(write(ends.pipe[1], "x", 1) < 0 && errno == EPIPE);
    close_fd(&ends.pipe[1]);
}

static void only_the_owner_s_are_stopped(void) {
    struct ends one = make_ends(), two = make_ends();
    CHECK(stream_start(1, one.pipe[0], one.socket[0]) && stream_start(2, two.pipe[0], two.socket[0]));
    streams_stop(1);
    char byte;
    CHECK(streams_count() == 1 && read(one.socket[1], &byte, 1) == 0 && read(two.socket[1], &byte, 1) < 0);
    streams_stop(2);
    CHECK(streams_count() == 0 && read(two.socket[1], &byte, 1) == 0);
    close_fd(&one.pipe[1]);
    close_fd(&one.socket[1]);
    close_fd(&two.pipe[1]);
    close_fd(&two.socket[1]);
}

static void too_many_are_refused_and_closed(void) {
    int count = 0;
    bool good = true;
    for (; count < STREAMS_MAX && good; count++) {
        good = stream_start(3, open("/dev/null", O_RDWR | O_CLOEXEC), open("/dev/null", O_RDWR | O_CLOEXEC));
    }
    CHECK(good && streams_count() == STREAMS_MAX);
    int from = open("/dev/null", O_RDWR | O_CLOEXEC), to = open("/dev/null", O_RDWR | O_CLOEXEC);
    CHECK(!stream_start(3, from, to) && fcntl(from, F_GETFD) < 0 && fcntl(to, F_GETFD) < 0);
    streams_stop(3);
    CHECK(streams_count() == 0);
}

void streams_tests(void) {
    (void)signal(SIGPIPE, SIG_IGN);
    nothing_is_lost_and_the_end_arrives();
    a_reader_that_is_gone_ends_the_writer();
    only_the_owner_s_are_stopped();
    too_many_are_refused_and_closed();
}
