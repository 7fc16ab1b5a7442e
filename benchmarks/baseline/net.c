// A forwarder between a tap's ends, and the generator of its load.
#define _GNU_SOURCE
#include "baseline.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { HEADER = sizeof(struct virtio_net_hdr_v1), ADDRESS = 6, MARK = HEADER + 2 * ADDRESS, LONGEST = HEADER + 65550 };

// Local experimental EtherType; what follows tells one load's frames from another's.
struct mark {
    uint16_t type;
    uint32_t load;
} __attribute__((packed));

static const uint8_t near_address[ADDRESS] = {0x52, 0x54, 0, 0, 0, 1}, far_address[ADDRESS] = {0x52, 0x54, 0, 0, 0, 2};

static int open_tap(const char *name) {
    int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) {
        fail("open(/dev/net/tun)");
    }
    struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR};
    snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
    call(fd, TUNSETIFF, (uintptr_t)&request, "TUNSETIFF");
    int size = HEADER;
    call(fd, TUNSETVNETHDRSZ, (uintptr_t)&size, "TUNSETVNETHDRSZ");
    return fd;
}

struct forwarder {
    int fd;
    pthread_t thread;
};

static void *forward(void *argument) {
    struct forwarder *forwarder = argument;
    // What a driver that can everything has the card ask for.
    call(forwarder->fd, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN, "TUNSETOFFLOAD");
    uint8_t *frame = malloc(LONGEST);
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN};
    if (epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, forwarder->fd, &event) < 0) {
        fail("epoll");
    }
    for (;;) {
        if (epoll_wait(epoll, &event, 1, -1) < 0 && errno != EINTR) {
            fail("epoll_wait");
        }
        ssize_t length;
        while ((length = read(forwarder->fd, frame, LONGEST)) > HEADER + 2 * ADDRESS) {
            uint8_t *to = frame + HEADER, *from = to + ADDRESS, address[ADDRESS];
            memcpy(address, to, ADDRESS);
            memcpy(to, from, ADDRESS);
            memcpy(from, address, ADDRESS);
            if (write(forwarder->fd, frame, length) != length) {
                fail("write(tap)");
            }
        }
        if (length >= 0 || errno != EAGAIN) {
            fail("read(tap)");
        }
    }
    return NULL;
}

void forward_command(const char *tap) {
    static struct forwarder forwarder = {.fd = -1};
    if (forwarder.fd < 0) {
        forwarder.fd = open_tap(tap);
        if ((errno = pthread_create(&forwarder.thread, NULL, forward, &forwarder)) != 0) {
            fail("pthread_create");
        }
    }
    clockid_t clock;
    struct timespec used;
    if ((errno = pthread_getcpuclockid(forwarder.thread, &clock)) != 0 || clock_gettime(clock, &used) < 0) {
        fail("clock of a thread");
    }
    printf("%ld\n", used.tv_sec * 1000000000L + used.tv_nsec);
}

static int tap_of(const char *name) {
    static struct {
        char name[32];
        int fd;
    } open_taps[2];
    for (size_t i = 0; i < sizeof open_taps / sizeof open_taps[0]; i++) {
        if (open_taps[i].name[0] == '\0') {
            snprintf(open_taps[i].name, sizeof open_taps[i].name, "%s", name);
            open_taps[i].fd = open_tap(name);
        }
        if (strcmp(open_taps[i].name, name) == 0) {
            return open_taps[i].fd;
        }
    }
    fprintf(stderr, "baseline: too many taps\n");
    exit(1);
}

static void send_frame(int fd, const uint8_t *frame, size_t length) {
    if (write(fd, frame, length) != (ssize_t)length) {
        fail("write(tap)");
    }
}

// Whether a frame of this load has come back.
static int came_back(int fd, uint8_t *buffer, size_t length, const struct mark *mark) {
    ssize_t got = read(fd, buffer, LONGEST);
    if (got < 0 && errno != EAGAIN) {
        fail("read(tap)");
    }
    return got == (ssize_t)length && memcmp(buffer + MARK, mark, sizeof *mark) == 0
        && memcmp(buffer + HEADER, far_address, ADDRESS) == 0;
}

// The bridge knows both addresses, and the taps are up, when one frame has come back.
static void wait_for_way(int fd, const uint8_t *frame, uint8_t *buffer, size_t length) {
    const struct mark *mark = (const struct mark *)(frame + MARK);
    for (int i = 0; i < 500; i++) {
        if (write(fd, frame, length) != (ssize_t)length && errno != EIO) { // EIO: not up yet
            fail("write(tap)");
        }
        struct pollfd back = {.fd = fd, .events = POLLIN};
        while (poll(&back, 1, 10) > 0) {
            if (came_back(fd, buffer, length, mark)) {
                return;
            }
        }
    }
    fprintf(stderr, "baseline: no frame comes back\n");
    exit(1);
}

// Sends when half of the window is empty, for to wake a sleeping forwarder up costs more than a frame; and does not sleep itself, so that whoever
// returns a frame has nobody to wake up.
static void load(int fd, const uint8_t *frame, uint8_t *buffer, size_t length, long frames, long window) {
    const struct mark *mark = (const struct mark *)(frame + MARK);
    long sent = 0, back = 0;
    int64_t heard = now_nanos();
    while (back < frames) {
        if (sent - back <= window / 2) {
            for (; sent - back < window && sent < frames; sent++) {
                send_frame(fd, frame, length);
            }
        }
        if (came_back(fd, buffer, length, mark)) {
            heard = 0;
            back++;
        } else if (heard == 0) {
            heard = now_nanos();
        } else if (now_nanos() - heard > 5000000000L) {
            fprintf(stderr, "baseline: %ld frames of %ld came back\n", back, sent);
            exit(1);
        }
    }
}

void load_command(const char *tap, long frames, long window, long size) {
    static uint32_t loads;
    // Away from the forwarder, which has the last processor.
    cpu_set_t first;
    CPU_ZERO(&first);
    CPU_SET(0, &first);
    if (sched_setaffinity(0, sizeof first, &first) < 0) {
        fail("sched_setaffinity");
    }
    int fd = tap_of(tap);
    size_t length = HEADER + size;
    uint8_t *frame = calloc(1, length), *buffer = malloc(LONGEST);
    memcpy(frame + HEADER, near_address, ADDRESS);
    memcpy(frame + HEADER + ADDRESS, far_address, ADDRESS);
    struct mark mark = {.type = 0xB588, .load = ++loads};
    memcpy(frame + MARK, &mark, sizeof mark);
    wait_for_way(fd, frame, buffer, length);
    mark.load = ++loads;
    memcpy(frame + MARK, &mark, sizeof mark);
    int64_t begin = now_nanos();
    load(fd, frame, buffer, length, frames, window);
    printf("%.1f\n", (double)(now_nanos() - begin) / frames);
    free(frame);
    free(buffer);
}
