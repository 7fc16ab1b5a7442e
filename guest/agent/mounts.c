#include "mounts.h"
#include "system.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

struct place {
    const char *type, *path, *data;
    unsigned long flags;
    bool optional; // what this kernel may not have
};

enum { SAFE = MS_NOSUID | MS_NOEXEC | MS_NODEV, DATA_SIZE = 512 };

// runtime-spec config-linux.md "Default Filesystems", with docker's options.
static const struct place PLACES[] = {
    {"proc", "/proc", NULL, SAFE, false},
    {"tmpfs", "/dev", "mode=755,size=65536k", MS_NOSUID | MS_STRICTATIME, false},
    {"devpts", "/dev/pts", "newinstance,ptmxmode=0666,mode=0620,gid=5", MS_NOSUID | MS_NOEXEC, false},
    {"sysfs", "/sys", NULL, SAFE | MS_RDONLY, false},
    {"cgroup2", "/sys/fs/cgroup", NULL, SAFE | MS_RDONLY, true},
    {"mqueue", "/dev/mqueue", NULL, SAFE, true},
};

struct device {
    const char *path;
    unsigned major, minor;
};

// runtime-spec config-linux.md "Default Devices".
static const struct device DEVICES[] = {
    {"/dev/null", 1, 3}, {"/dev/zero", 1, 5}, {"/dev/full", 1, 7},
    {"/dev/random", 1, 8}, {"/dev/urandom", 1, 9}, {"/dev/tty", 5, 0},
};

static const char *const LINKS[][2] = {
    {"/proc/self/fd", "/dev/fd"}, {"/proc/self/fd/0", "/dev/stdin"}, {"/proc/self/fd/1", "/dev/stdout"},
    {"/proc/self/fd/2", "/dev/stderr"}, {"/proc/kcore", "/dev/core"}, {"pts/ptmx", "/dev/ptmx"},
};

// Docker's: what a container may not read, and not write.
static const char *const MASKED[] = {
    "/proc/asound", "/proc/acpi", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list",
    "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware", "/sys/devices/virtual/powercap",
};
static const char *const READ_ONLY[] = {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

struct option {
    const char *name;
    unsigned long set, clear;
};

static const struct option OPTIONS[] = {
    {"rw", 0, MS_RDONLY}, {"ro", MS_RDONLY, 0}, {"exec", 0, MS_NOEXEC}, {"noexec", MS_NOEXEC, 0}, {"suid", 0, MS_NOSUID},
    {"nosuid", MS_NOSUID, 0}, {"dev", 0, MS_NODEV}, {"nodev", MS_NODEV, 0}, {"sync", MS_SYNCHRONOUS, 0},
    {"async", 0, MS_SYNCHRONOUS}, {"noatime", MS_NOATIME, 0}, {"atime", 0, MS_NOATIME}, {"relatime", MS_RELATIME, 0},
    {"norelatime", 0, MS_RELATIME}, {"nodiratime", MS_NODIRATIME, 0}, {"diratime", 0, MS_NODIRATIME},
    {"strictatime", MS_STRICTATIME, 0}, {"defaults", 0, 0},
};

static const struct option *find_option(const char *name, size_t size) {
    for (size_t i = 0; i < COUNT(OPTIONS); i++) {
        if (strlen(OPTIONS[i].name) == size && strncmp(OPTIONS[i].name, name, size) == 0) {
            return &OPTIONS[i];
        }
    }
    return NULL;
}

bool mounts_options(const char *options, unsigned long *flags, char *data, unsigned long size) {
    size_t used = 0;
    const char *at = options;
    while (*at != 0) {
        size_t length = strcspn(at, ",");
        const struct option *option = find_option(at, length);
        if (option != NULL) {
            *flags = (*flags & ~option->clear) | option->set;
        } else if (length > 0) {
            if (used + length + 2 > size) {
                return false;
            }
            used += (size_t)snprintf(data + used, size - used, "%s%.*s", used == 0 ? "" : ",", (int)length, at);
        }
        at += length + (at[length] == ',');
    }
    data[used] = 0;
    return true;
}

bool mounts_tmpfs(const char *path, const char *options, struct failure *failure) {
    unsigned long flags = SAFE;
    char data[DATA_SIZE];
    if (!mounts_options(options, &flags, data, sizeof data)) {
        return fail(failure, STATUS_FAILED, "the options of tmpfs %s are too long", path);
    }
    if (!make_directories(path, failure)) {
        return false;
    }
    return mount("tmpfs", path, "tmpfs", flags, data) == 0 || fail_errno(failure, "cannot mount tmpfs on %s", path);
}

// Makes the directory the root of this namespace; nothing of the one before can be reached any more.
static bool change_root(const char *root, struct failure *failure) {
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) {
        return fail_errno(failure, "cannot make mounts private");
    }
    if (mount(root, root, NULL, MS_BIND | MS_REC, NULL) < 0 || chdir(root) < 0) {
        return fail_errno(failure, "cannot use %s as the root", root);
    }
    if (pivot_root_to(".", ".") == 0) {
        // Both lie at / then, the old one on top (pivot_root(2)).
        if (umount2(".", MNT_DETACH) < 0) {
            return fail_errno(failure, "cannot leave the old root");
        }
    } else if (errno != EINVAL) {
        return fail_errno(failure, "cannot change the root");
    } else if (mount(".", "/", NULL, MS_MOVE, NULL) < 0 || chroot(".") < 0) {
        // The root is the initramfs, which nothing can be put in the place of, only upon.
        return fail_errno(failure, "cannot change the root");
    }
    return chdir("/") == 0 || fail_errno(failure, "cannot change the root");
}

// An empty file if there is nothing.
static bool make_file(const char *path) {
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0644);
    bool made = fd >= 0;
    close_fd(&fd);
    return made;
}

// An image may have a link there to what is made when a machine boots, as systemd-resolved has it: docker makes what it leads to.
static bool make_behind_link(const char *path) {
    char link[PATH_MAX], target[PATH_MAX];
    struct failure ignored;
    ssize_t size = readlink(path, link, sizeof link - 1);
    if (size <= 0) {
        return false;
    }
    link[size] = 0;
    int length = snprintf(target, sizeof target, "%s%s", link[0] == '/' ? "" : "/etc/", link);
    if (length < 0 || (size_t)length >= sizeof target) {
        return false;
    }
    *strrchr(target, '/') = 0; // there is one: it begins so
    return (*target == 0 || make_directories(target, &ignored)) && make_file(path);
}

// Puts a file of the staging directory in the place of one of the image's, which stays as it is.
static bool put_file(const char *name, const char *content, const char *target, struct failure *failure) {
    char path[64];
    (void)snprintf(path, sizeof path, "/dev/%s", name);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    bool written = fd >= 0 && write_all(fd, content, strlen(content));
    close_fd(&fd);
    if (!written) {
        return fail_errno(failure, "cannot write %s", target);
    }
    if (access(target, F_OK) < 0 && !make_file(target) && !make_behind_link(target)) {
        return fail_errno(failure, "cannot make %s", target);
    }
    return mount(path, target, NULL, MS_BIND, NULL) == 0 || fail_errno(failure, "cannot mount %s", target);
}

// /etc/hosts, hostname and resolv.conf: on a tmpfs that nobody sees, so that they are no change to the image.
static bool put_etc_files(const struct draft *draft, struct failure *failure) {
    char hostname[300];
    if (draft->hosts == NULL && draft->resolv_conf == NULL && draft->hostname == NULL) {
        return true;
    }
    if (!make_directories("/etc", failure) || !make_directories("/dev", failure)) {
        return false;
    }
    if (mount("tmpfs", "/dev", "tmpfs", SAFE, "mode=755,size=1024k") < 0) {
        return fail_errno(failure, "cannot mount tmpfs");
    }
    if (draft->hostname != NULL) {
        (void)snprintf(hostname, sizeof hostname, "%s\n", draft->hostname);
    }
    if ((draft->hosts != NULL && !put_file("hosts", draft->hosts, "/etc/hosts", failure))
        || (draft->resolv_conf != NULL && !put_file("resolv.conf", draft->resolv_conf, "/etc/resolv.conf", failure))
        || (draft->hostname != NULL && !put_file("hostname", hostname, "/etc/hostname", failure))) {
        return false;
    }
    return umount2("/dev", MNT_DETACH) == 0 || fail_errno(failure, "cannot unmount /dev");
}

static bool mount_places(const struct draft *draft, struct failure *failure) {
    char data[64];
    for (size_t i = 0; i < COUNT(PLACES); i++) {
        const struct place *place = &PLACES[i];
        unsigned long flags = draft->unmasked ? place->flags & ~(unsigned long)MS_RDONLY : place->flags;
        if (place->optional && access(place->path, F_OK) < 0 && mkdir(place->path, 0755) < 0) {
            continue;
        }
        if (!make_directories(place->path, failure)) {
            return false;
        }
        if (mount(place->type, place->path, place->type, flags, place->data) < 0 && !place->optional) {
            return fail_errno(failure, "cannot mount %s", place->path);
        }
    }
    uint64_t shm_size = draft->shm_size == 0 ? 64 << 20 : draft->shm_size;
    (void)snprintf(data, sizeof data, "mode=1777,size=%llu", (unsigned long long)shm_size);
    return mounts_tmpfs("/dev/shm", data, failure);
}

static bool make_devices(struct failure *failure) {
    mode_t before = umask(0);
    bool good = true;
    for (size_t i = 0; good && i < COUNT(DEVICES); i++) {
        const struct device *device = &DEVICES[i];
        good = mknod(device->path, S_IFCHR | 0666, makedev(device->major, device->minor)) == 0
            || fail_errno(failure, "cannot make %s", device->path);
    }
    for (size_t i = 0; good && i < COUNT(LINKS); i++) {
        good = symlink(LINKS[i][0], LINKS[i][1]) == 0 || fail_errno(failure, "cannot make %s", LINKS[i][1]);
    }
    (void)umask(before);
    return good;
}

static bool mask(const char *path, struct failure *failure) {
    struct stat status;
    if (stat(path, &status) < 0) {
        return true; // this kernel does not have it
    }
    int result = S_ISDIR(status.st_mode) ? mount("tmpfs", path, "tmpfs", SAFE | MS_RDONLY, "size=0k")
                                         : mount("/dev/null", path, NULL, MS_BIND, NULL);
    return result == 0 || fail_errno(failure, "cannot mask %s", path);
}

static bool make_read_only(const char *path, struct failure *failure) {
    if (access(path, F_OK) < 0) {
        return true;
    }
    if (mount(path, path, NULL, MS_BIND | MS_REC, NULL) < 0
        || mount(NULL, path, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY | SAFE, NULL) < 0) {
        return fail_errno(failure, "cannot make %s read-only", path);
    }
    return true;
}

static bool confine(struct failure *failure) {
    for (size_t i = 0; i < COUNT(MASKED); i++) {
        if (!mask(MASKED[i], failure)) {
            return false;
        }
    }
    for (size_t i = 0; i < COUNT(READ_ONLY); i++) {
        if (!make_read_only(READ_ONLY[i], failure)) {
            return false;
        }
    }
    return true;
}

bool mounts_enter(const char *root, const struct draft *draft, struct failure *failure) {
    if (!change_root(root, failure) || !put_etc_files(draft, failure) || !mount_places(draft, failure)
        || !make_devices(failure)) {
        return false;
    }
    for (size_t i = 0; i < draft->tmpfs_count; i++) {
        if (!mounts_tmpfs(draft->tmpfs[i].path, draft->tmpfs[i].options, failure)) {
            return false;
        }
    }
    return draft->unmasked || confine(failure);
}

bool mounts_seal(const struct draft *draft, struct failure *failure) {
    return !draft->read_only || mount(NULL, "/", NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL) == 0
        || fail_errno(failure, "cannot make the root read-only");
}
