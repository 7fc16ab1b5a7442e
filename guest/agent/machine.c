#include "machine.h"
#include "modules.h"
#include "network.h"
#include "system.h"
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { OPEN_FILES = 1048576 }; // fs.nr_open

static const struct {
    const char *type, *path, *data;
    unsigned long flags;
} PLACES[] = {
    {"proc", "/proc", NULL, MS_NOSUID | MS_NOEXEC | MS_NODEV},
    {"sysfs", "/sys", NULL, MS_NOSUID | MS_NOEXEC | MS_NODEV},
    {"devtmpfs", "/dev", "mode=755", MS_NOSUID},
    {"tmpfs", "/run", "mode=755", MS_NOSUID | MS_NODEV},
    {"cgroup2", "/sys/fs/cgroup", NULL, MS_NOSUID | MS_NOEXEC | MS_NODEV},
};

// For the container, as docker has it: the kernel's own are 1024 and 4096. Who serves archives of deep trees has all of them.
static bool allow_descriptors(struct failure *failure) {
    struct rlimit limit = {.rlim_cur = OPEN_FILES, .rlim_max = OPEN_FILES};
    return setrlimit(RLIMIT_NOFILE, &limit) == 0 || fail_errno(failure, "cannot allow more open files");
}

bool machine_begin(struct failure *failure) {
    for (size_t i = 0; i < sizeof PLACES / sizeof PLACES[0]; i++) {
        if (!make_directories(PLACES[i].path, failure)) {
            return false;
        }
        // EBUSY: the kernel or who started this has done it.
        if (mount(PLACES[i].type, PLACES[i].path, PLACES[i].type, PLACES[i].flags, PLACES[i].data) < 0 && errno != EBUSY) {
            return fail_errno(failure, "cannot mount %s", PLACES[i].path);
        }
    }
    // A container's limit is its control group's; this machine's memory, which is little more, must not refuse what another host would promise.
    (void)write_text_file("/proc/sys/vm/overcommit_memory", "1");
    return allow_descriptors(failure) && modules_load("/modules", failure) && network_up_loopback(failure);
}

bool machine_set_time(uint64_t nanos_since_1970, struct failure *failure) {
    struct timespec time = {
        .tv_sec = (time_t)(nanos_since_1970 / 1000000000), .tv_nsec = (long)(nanos_since_1970 % 1000000000)};
    return clock_settime(CLOCK_REALTIME, &time) == 0 || fail_errno(failure, "cannot set the time");
}

void machine_power_off(void) {
    if (getpid() == 1) {
        (void)reboot(RB_POWER_OFF); // if it returns there is nothing left to do
    }
}
