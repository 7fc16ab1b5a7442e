#include "root.h"
#include "system.h"
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#define LOWER "/run/javisor/lower"
#define UPPER "/run/javisor/upper"
#define ROOT "/run/javisor/root"

enum { SERIAL_SIZE = 64, NAME_SIZE = 64 };

static bool lower_is_mounted, upper_is_mounted, root_is_mounted; // of which a START that failed leaves some
static char given[PATH_MAX];

// Without blanks and the end of its line.
static void trim(char *text) {
    size_t size = strlen(text);
    while (size > 0 && (text[size - 1] == '\n' || text[size - 1] == ' ')) {
        text[--size] = 0;
    }
}

bool root_find_disk(const char *directory, const char *serial, char *name, size_t size, struct failure *failure) {
    DIR *disks = opendir(directory);
    if (disks == NULL) {
        return fail_errno(failure, "cannot look for disks in %s", directory);
    }
    bool found = false;
    struct dirent *disk;
    while (!found && (disk = readdir(disks)) != NULL) {
        char path[PATH_MAX], text[SERIAL_SIZE];
        int length = snprintf(path, sizeof path, "%s/%s/serial", directory, disk->d_name);
        if (disk->d_name[0] == '.' || length < 0 || (size_t)length >= sizeof path || strlen(disk->d_name) >= size
            || !read_text_file(path, text, sizeof text)) {
            continue;
        }
        trim(text);
        if (strcmp(text, serial) == 0) {
            strcpy(name, disk->d_name);
            found = true;
        }
    }
    (void)closedir(disks); // opened for reading
    return found || fail(failure, STATUS_FAILED, "there is no disk with the serial number %s", serial);
}

static bool mount_disk(const char *serial, const char *type, unsigned long flags, const char *directory, struct failure *failure) {
    char name[NAME_SIZE], device[NAME_SIZE + 8];
    if (!root_find_disk("/sys/block", serial, name, sizeof name, failure) || !make_directories(directory, failure)) {
        return false;
    }
    (void)snprintf(device, sizeof device, "/dev/%s", name);
    return mount(device, directory, type, flags, NULL) == 0
        || fail_errno(failure, "cannot mount the disk %s (%s) as %s", serial, device, type);
}

static bool mount_upper(const struct draft *draft, struct failure *failure) {
    if (upper_is_mounted) {
        // as below
    } else if (draft->upper != NULL) {
        if (!mount_disk(draft->upper, "ext4", MS_NOATIME, UPPER, failure)) {
            return false;
        }
    } else if (!make_directories(UPPER, failure)) {
        return false;
    } else if (mount("tmpfs", UPPER, "tmpfs", 0, "mode=755") < 0) {
        return fail_errno(failure, "cannot mount tmpfs for what is written");
    }
    upper_is_mounted = true;
    return make_directories(UPPER "/upper", failure) && make_directories(UPPER "/work", failure);
}

const char *root_directory(void) {
    return root_is_mounted ? ROOT : given[0] != 0 ? given : NULL;
}

bool root_layers(const char **upper, const char **lower) {
    *upper = UPPER "/upper";
    *lower = LOWER;
    return root_is_mounted;
}

const char *root_assemble(const struct draft *draft, struct failure *failure) {
    if (draft->root != NULL) {
        (void)snprintf(given, sizeof given, "%s", draft->root);
        return given;
    }
    if (root_is_mounted) {
        return ROOT; // by a START that failed later
    }
    if (draft->lower == NULL) {
        fail(failure, STATUS_FAILED, "no root file system was named");
        return NULL;
    }
    lower_is_mounted = lower_is_mounted || mount_disk(draft->lower, "erofs", MS_RDONLY, LOWER, failure);
    if (!lower_is_mounted || !mount_upper(draft, failure) || !make_directories(ROOT, failure)) {
        return NULL;
    }
    // An upper directory that is a plain difference, as an image's layer is.
    char options[256];
    (void)snprintf(options, sizeof options, "lowerdir=%s,upperdir=%s,workdir=%s,index=off,metacopy=off,redirect_dir=off,xino=off%s",
        LOWER, UPPER "/upper", UPPER "/work", draft->is_volatile ? ",volatile" : "");
    if (mount("overlay", ROOT, "overlay", 0, options) < 0) {
        fail_errno(failure, "cannot mount the root file system");
        return NULL;
    }
    root_is_mounted = true;
    return ROOT;
}

void root_finish(void) {
    sync();
    if (root_is_mounted && umount2(ROOT, 0) < 0) {
        (void)fprintf(stderr, "agent: cannot unmount %s: %s\n", ROOT, error_words(errno));
    }
    if (upper_is_mounted && umount2(UPPER, 0) < 0 && mount(NULL, UPPER, NULL, MS_REMOUNT | MS_RDONLY, NULL) < 0) {
        (void)fprintf(stderr, "agent: cannot make %s read-only: %s\n", UPPER, error_words(errno));
    }
    sync();
}
