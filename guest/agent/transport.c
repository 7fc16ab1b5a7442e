#include "transport.h"
#include "frames.h"
#include "system.h"
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>
// after sys/socket.h
#include <linux/vm_sockets.h>

enum { CONNECT_SECONDS = 10 };

static const char *unix_path;

void transport_use_unix(const char *path) {
    unix_path = path;
}

bool transport_is_unix(void) {
    return unix_path != NULL;
}

// Bounds connect and what blocks afterwards: a host that is not there must not hang process 1.
static bool limit_waiting(int fd) {
    struct timeval limit = {.tv_sec = CONNECT_SECONDS};
    return setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) == 0
        && (unix_path != NULL
            || setsockopt(fd, AF_VSOCK, SO_VM_SOCKETS_CONNECT_TIMEOUT, &limit, sizeof limit) == 0);
}

static int connect_to(const struct sockaddr *address, socklen_t size, struct failure *failure) {
    int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || !limit_waiting(fd) || connect(fd, address, size) < 0) {
        fail_errno(failure, "cannot connect to the host");
        close_fd(&fd);
    }
    return fd;
}

int transport_connect(uint32_t port, struct failure *failure) {
    if (unix_path == NULL) {
        struct sockaddr_vm address = {.svm_family = AF_VSOCK, .svm_cid = VMADDR_CID_HOST, .svm_port = port};
        return connect_to((const struct sockaddr *)&address, sizeof address, failure);
    }
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int size = snprintf(address.sun_path, sizeof address.sun_path, "%s_%u", unix_path, (unsigned)port);
    if (size < 0 || (size_t)size >= sizeof address.sun_path) {
        fail(failure, STATUS_FAILED, "the socket's path is too long");
        return -1;
    }
    return connect_to((const struct sockaddr *)&address, sizeof address, failure);
}

int transport_open_stream(uint64_t token, struct failure *failure) {
    uint8_t buffer[FRAME_HEADER_SIZE + 8];
    struct writer writer = frame_begin(buffer, sizeof buffer, 0, FRAME_STREAM);
    write_u64(&writer, token);
    size_t size = frame_end(&writer);
    int fd = transport_connect(STREAM_PORT, failure);
    if (fd >= 0 && (!write_all(fd, buffer, size) || !set_nonblocking(fd))) {
        fail_errno(failure, "cannot open a stream to the host");
        close_fd(&fd);
    }
    return fd;
}
