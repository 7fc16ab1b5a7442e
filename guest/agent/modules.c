#include "modules.h"
#include "system.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { ORDER_SIZE = 4096, DEVICE_SIZE = 16, KINDS = 64 };

// Which kinds of virtio devices there are, a bit each.
static uint64_t present_devices(void) {
    uint64_t present = 0;
    DIR *devices = opendir("/sys/bus/virtio/devices");
    struct dirent *device;
    while (devices != NULL && (device = readdir(devices)) != NULL) {
        char path[PATH_MAX], text[DEVICE_SIZE];
        int length = snprintf(path, sizeof path, "/sys/bus/virtio/devices/%s/device", device->d_name);
        if (device->d_name[0] != '.' && length > 0 && (size_t)length < sizeof path && read_text_file(path, text, sizeof text)) {
            unsigned long kind = strtoul(text, NULL, 16);
            present |= kind < KINDS ? UINT64_C(1) << kind : 0;
        }
    }
    if (devices != NULL) {
        (void)closedir(devices); // opened for reading
    }
    return present;
}

static bool load(const char *directory, const char *name, struct failure *failure) {
    char path[PATH_MAX];
    int length = snprintf(path, sizeof path, "%s/%s", directory, name);
    if (length < 0 || (size_t)length >= sizeof path) {
        return fail(failure, STATUS_FAILED, "a module's name is too long");
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool good = fd >= 0 && (syscall(SYS_finit_module, fd, "", 0) == 0 || errno == EEXIST);
    if (!good) {
        fail_errno(failure, "cannot load the module %s", name);
    }
    close_fd(&fd);
    return good;
}

bool modules_load(const char *directory, struct failure *failure) {
    char path[PATH_MAX], order[ORDER_SIZE];
    uint64_t present = 0;
    bool looked = false;
    (void)snprintf(path, sizeof path, "%s/order", directory);
    if (!read_text_file(path, order, sizeof order)) {
        return true;
    }
    char *rest = order;
    for (char *line = strsep(&rest, "\n"); line != NULL; line = strsep(&rest, "\n")) {
        char *number = strchr(line, ' ');
        if (number == NULL) {
            continue;
        }
        *number++ = 0;
        unsigned long kind = strtoul(number, NULL, 10);
        // The bus comes first, and with it what is on it.
        if (kind != 0 && !looked) {
            present = present_devices();
            looked = true;
        }
        if ((kind == 0 || (kind < KINDS && (present >> kind & 1) != 0)) && !load(directory, line, failure)) {
            return false;
        }
    }
    return true;
}
