// How the host is reached: by vsock in a guest, by Unix sockets where a test is the host.
#ifndef TRANSPORT_H
#define TRANSPORT_H
#include "failure.h"
#include <stdint.h>

enum {
    CONTROL_PORT = 1024,
    STREAM_PORT = 1025,
};

// Connections go to PATH_PORT from now on, as a hybrid socket's do; without this to the vsock of the host.
void transport_use_unix(const char *path);
bool transport_is_unix(void);

// A connected socket, or -1.
int transport_connect(uint32_t port, struct failure *failure);

// A connection for bytes alone: its first and only frame names it. Non-blocking. -1 if it fails.
int transport_open_stream(uint64_t token, struct failure *failure);
#endif
