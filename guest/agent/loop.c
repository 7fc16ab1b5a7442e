#include "loop.h"
#include <errno.h>
#include <poll.h>

static struct pollfd waiting[LOOP_MAX];
static int count;

void loop_clear(void) {
    count = 0;
}

int loop_add(int fd, short events) {
    if (fd < 0 || events == 0 || count == LOOP_MAX) {
        return -1;
    }
    waiting[count] = (struct pollfd){.fd = fd, .events = events};
    return count++;
}

bool loop_wait(int milliseconds) {
    int result = poll(waiting, (nfds_t)count, milliseconds);
    if (result < 0 && errno == EINTR) {
        for (int i = 0; i < count; i++) {
            waiting[i].revents = 0;
        }
        return true;
    }
    return result > 0;
}

short loop_events(int number) {
    return number < 0 ? 0 : waiting[number].revents;
}
