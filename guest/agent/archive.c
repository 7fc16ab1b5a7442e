#include "archive.h"
#include "names.h"
#include "system.h"
#include "tar.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#define OPAQUE "trusted.overlay.opaque"
#define WHITEOUT ".wh."

enum {
    BUFFER_SIZE = 65536,
    ATTRIBUTES_SIZE = 65536, // of a file's names of attributes, and of one's value: as much as the kernel has
    LINKS_MAX = 1 << 20, // files of several names that are remembered; of more each name is a file
};

struct link {
    struct link *next;
    dev_t device;
    ino_t number;
    char name[];
};

// One at a time: a process makes one archive.
static struct {
    int out;
    bool layer;
    struct failure *failure;
    char name[PATH_MAX]; // in the archive
    size_t used; // of the buffer
    size_t links;
} archive;
static struct link *links[4096];
static uint8_t buffer[BUFFER_SIZE];
static uint8_t piece[BUFFER_SIZE];
static struct tar_records records;

static bool flush(void) {
    bool good = write_patiently(archive.out, buffer, archive.used);
    archive.used = 0;
    return good || fail_errno(archive.failure, "cannot write the archive");
}

static bool put(const void *bytes, size_t size) {
    const uint8_t *at = bytes;
    while (size > 0) {
        size_t fits = size < BUFFER_SIZE - archive.used ? size : BUFFER_SIZE - archive.used;
        memcpy(buffer + archive.used, at, fits);
        archive.used += fits;
        at += fits;
        size -= fits;
        if (archive.used == BUFFER_SIZE && !flush()) {
            return false;
        }
    }
    return true;
}

static bool put_zeroes(uint64_t size) {
    static const uint8_t zeroes[TAR_BLOCK];
    for (; size > TAR_BLOCK; size -= TAR_BLOCK) {
        if (!put(zeroes, TAR_BLOCK)) {
            return false;
        }
    }
    return put(zeroes, (size_t)size);
}

static bool put_header(const struct tar_entry *entry) {
    static struct tar_entry extended;
    uint8_t block[TAR_BLOCK];
    tar_complete(&records, entry);
    if (records.full) {
        return fail(archive.failure, STATUS_FAILED, "%.200s has too many attributes for an archive", entry->name);
    }
    if (records.size > 0) {
        extended = (struct tar_entry){.type = TAR_RECORDS, .name = "PaxHeaders.0/x", .mode = 0644, .size = records.size};
        tar_write_header(block, &extended);
        if (!put(block, TAR_BLOCK) || !put(records.bytes, records.size) || !put_zeroes(tar_padding(records.size))) {
            return false;
        }
        records.size = 0;
    }
    tar_write_header(block, entry);
    return put(block, TAR_BLOCK);
}

static bool put_end(void) {
    return put_zeroes(2 * TAR_BLOCK) && flush();
}

// So many bytes, whatever becomes of the file meanwhile.
static bool put_content(int file, uint64_t size) {
    uint64_t left = size;
    while (left > 0) {
        ssize_t count = read_some(file, piece, left < sizeof piece ? (size_t)left : sizeof piece);
        if (count < 0) {
            return fail_errno(archive.failure, "cannot read %.200s", archive.name);
        }
        if (count == 0) {
            break;
        }
        if (!put(piece, (size_t)count)) {
            return false;
        }
        left -= (uint64_t)count;
    }
    return put_zeroes(left) && put_zeroes(tar_padding(size));
}

static bool is_kept(const char *attribute) {
    return strncmp(attribute, "user.", 5) == 0 || strncmp(attribute, "system.posix_acl_", 17) == 0
        || strcmp(attribute, "security.capability") == 0;
}

// Of a file that is open. One without attributes, or that they can't be read of, has none.
static void add_attributes(int file) {
    static char names[ATTRIBUTES_SIZE], value[ATTRIBUTES_SIZE];
    char key[sizeof TAR_ATTRIBUTE + TAR_ATTRIBUTE_NAME_MAX];
    ssize_t size = flistxattr(file, names, sizeof names);
    for (ssize_t at = 0; at < size; at += (ssize_t)strlen(names + at) + 1) {
        ssize_t count = is_kept(names + at) ? fgetxattr(file, names + at, value, sizeof value) : -1;
        if (count >= 0) {
            (void)snprintf(key, sizeof key, TAR_ATTRIBUTE "%.255s", names + at);
            tar_add_record(&records, key, value, (size_t)count);
        }
    }
}

// The name that the same file has in the archive already, or NULL; remembers this one.
static const char *earlier_name(const struct stat *status) {
    struct link **at = &links[(status->st_ino ^ status->st_dev) % (sizeof links / sizeof links[0])];
    for (struct link *link = *at; link != NULL; link = link->next) {
        if (link->number == status->st_ino && link->device == status->st_dev) {
            return link->name;
        }
    }
    size_t size = strlen(archive.name) + 1;
    struct link *link = archive.links < LINKS_MAX ? malloc(sizeof *link + size) : NULL;
    if (link != NULL) {
        *link = (struct link){.next = *at, .device = status->st_dev, .number = status->st_ino};
        memcpy(link->name, archive.name, size);
        *at = link;
        archive.links++;
    }
    return NULL;
}

static char type_of(mode_t mode) {
    switch (mode & S_IFMT) {
        case S_IFREG:
            return TAR_FILE;
        case S_IFLNK:
            return TAR_SYMBOLIC_LINK;
        case S_IFCHR:
            return TAR_CHARACTER_DEVICE;
        case S_IFBLK:
            return TAR_BLOCK_DEVICE;
        case S_IFDIR:
            return TAR_DIRECTORY;
        case S_IFIFO:
            return TAR_FIFO;
        default:
            return 0;
    }
}

static void describe(struct tar_entry *entry, const struct stat *status) {
    entry->type = type_of(status->st_mode);
    entry->link[0] = 0;
    entry->mode = status->st_mode & 07777;
    entry->uid = status->st_uid;
    entry->gid = status->st_gid;
    entry->size = S_ISREG(status->st_mode) ? (uint64_t)status->st_size : 0;
    entry->time = status->st_mtime;
    bool device = S_ISCHR(status->st_mode) || S_ISBLK(status->st_mode);
    entry->major = device ? major(status->st_rdev) : 0;
    entry->minor = device ? minor(status->st_rdev) : 0;
}

// An empty file of that name in the directory that the archive is at.
static bool put_marker(const char *name) {
    static struct tar_entry entry;
    size_t length = strlen(archive.name);
    const char *separator = length == 0 || archive.name[length - 1] == '/' ? "" : "/";
    entry = (struct tar_entry){.type = TAR_FILE, .mode = 0644};
    int size = snprintf(entry.name, sizeof entry.name, "%s%s%s", archive.name, separator, name);
    return size < PATH_MAX ? put_header(&entry) : fail(archive.failure, STATUS_FAILED, "%.200s is too long a name", entry.name);
}

static bool is_whiteout(const struct stat *status) {
    return S_ISCHR(status->st_mode) && status->st_rdev == 0;
}

static bool is_opaque(int directory) {
    char value;
    return fgetxattr(directory, OPAQUE, &value, 1) == 1 && value == 'y';
}

// Made by the agent, for something to be mounted there, and nothing of the container's.
static bool is_mount_point(const char *path, const struct stat *status) {
    static const char *const FILES[] = {"etc/hosts", "etc/hostname", "etc/resolv.conf"};
    static const char *const DIRECTORIES[] = {"dev", "proc", "sys"};
    for (size_t i = 0; i < 3; i++) {
        if ((S_ISREG(status->st_mode) && status->st_size == 0 && strcmp(path, FILES[i]) == 0)
            || (S_ISDIR(status->st_mode) && strcmp(path, DIRECTORIES[i]) == 0)) {
            return true;
        }
    }
    return false;
}

// Whether a directory's entries are the kernel's, and none of them a file.
static bool is_of_the_kernel(int directory) {
    struct statfs system;
    return fstatfs(directory, &system) == 0
        && (system.f_type == PROC_SUPER_MAGIC || system.f_type == SYSFS_MAGIC || system.f_type == CGROUP2_SUPER_MAGIC);
}

static bool walk(int directory, const char *name, bool top);

static bool walk_entries(int directory) {
    struct names names;
    size_t length = strlen(archive.name);
    if (!names_read(directory, &names, archive.failure)) {
        return false;
    }
    bool good = true;
    for (size_t i = 0; good && i < names.count; i++) {
        const char *separator = length == 0 || archive.name[length - 1] == '/' ? "" : "/";
        int size = snprintf(archive.name + length, sizeof archive.name - length, "%s%s", separator, names.at[i]);
        good = (size >= 0 && length + (size_t)size < sizeof archive.name - 1) // a directory's name gets a slash
            ? walk(directory, names.at[i], false)
            : fail(archive.failure, STATUS_FAILED, "%.200s is too long a name", archive.name);
        archive.name[length] = 0;
    }
    names_free(&names);
    return good;
}

static bool put_directory(int directory, struct tar_entry *entry, bool top) {
    size_t length = strlen(archive.name);
    if (length > 0) {
        if (archive.name[length - 1] != '/' && length < sizeof entry->name - 1) {
            strcpy(entry->name + length, "/");
        }
        add_attributes(directory);
        if (!put_header(entry)) {
            return false;
        }
    }
    if (archive.layer && is_opaque(directory) && !put_marker(WHITEOUT WHITEOUT ".opq")) {
        return false;
    }
    return (!top && is_of_the_kernel(directory)) || walk_entries(directory);
}

static bool put_file(int file, struct tar_entry *entry, const struct stat *status) {
    const char *earlier = status->st_nlink > 1 ? earlier_name(status) : NULL;
    if (earlier != NULL) {
        entry->type = TAR_HARD_LINK;
        entry->size = 0;
        strcpy(entry->link, earlier);
        return put_header(entry);
    }
    add_attributes(file);
    return put_header(entry) && put_content(file, entry->size);
}

// The entry of that name, which may go away or become another meanwhile.
static bool walk(int directory, const char *name, bool top) {
    static struct tar_entry entry; // done with before what is below it
    struct stat status;
    if (fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) < 0) {
        return (!top && errno == ENOENT) || fail_errno(archive.failure, "cannot look at %.200s", archive.name);
    }
    if (type_of(status.st_mode) == 0 || (archive.layer && !top && is_mount_point(archive.name, &status))) {
        return true;
    }
    if (archive.layer && is_whiteout(&status)) {
        char marker[NAME_MAX + sizeof WHITEOUT];
        char *slash = strrchr(archive.name, '/');
        size_t parent = slash == NULL ? 0 : (size_t)(slash - archive.name);
        char kept = archive.name[parent];
        (void)snprintf(marker, sizeof marker, WHITEOUT "%s", name);
        archive.name[parent] = 0;
        bool good = put_marker(marker);
        archive.name[parent] = kept;
        return good;
    }
    describe(&entry, &status);
    strcpy(entry.name, archive.name);
    if (S_ISREG(status.st_mode) || S_ISDIR(status.st_mode)) {
        int fd = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | (S_ISDIR(status.st_mode) ? O_DIRECTORY : 0));
        if (fd < 0 || fstat(fd, &status) < 0) {
            bool gone = !top && (errno == ENOENT || errno == ELOOP || errno == ENOTDIR || errno == ENXIO);
            close_fd(&fd);
            return gone || fail_errno(archive.failure, "cannot open %.200s", archive.name);
        }
        bool same = entry.type == type_of(status.st_mode);
        describe(&entry, &status);
        bool good = !same || (S_ISDIR(status.st_mode) ? put_directory(fd, &entry, top) : put_file(fd, &entry, &status));
        close_fd(&fd);
        return good;
    }
    if (S_ISLNK(status.st_mode)) {
        ssize_t size = readlinkat(directory, name, entry.link, sizeof entry.link - 1);
        if (size < 0) {
            return fail_errno(archive.failure, "cannot read the link %.200s", archive.name);
        }
        entry.link[size] = 0;
    }
    const char *earlier = status.st_nlink > 1 ? earlier_name(&status) : NULL;
    if (earlier != NULL) {
        entry.type = TAR_HARD_LINK;
        strcpy(entry.link, earlier);
    }
    return put_header(&entry);
}

static void begin(int out, bool layer, const char *prefix, struct failure *failure) {
    archive.out = out;
    archive.layer = layer;
    archive.failure = failure;
    archive.used = archive.links = 0;
    records.size = 0;
    records.full = false;
    (void)snprintf(archive.name, sizeof archive.name, "%s", prefix);
}

// Forgets the files of several names.
static bool finish(bool good) {
    for (size_t i = 0; i < sizeof links / sizeof links[0]; i++) {
        while (links[i] != NULL) {
            struct link *link = links[i];
            links[i] = link->next;
            free(link);
        }
    }
    return good;
}

bool archive_write(int out, int directory, const char *name, const char *prefix, struct failure *failure) {
    begin(out, false, prefix, failure);
    return finish(walk(directory, name, true) && put_end());
}

bool archive_write_layer(int out, int upper, struct failure *failure) {
    begin(out, true, "", failure);
    return finish(walk(upper, ".", true) && put_end());
}

static bool put_change(char kind) {
    return put(&kind, 1) && put("/", 1) && put(archive.name, strlen(archive.name) + 1);
}

static bool compare(int upper, int lower);

static bool step(const char *name, bool (*what)(int, int, const char *), int upper, int lower) {
    size_t length = strlen(archive.name);
    int size = snprintf(archive.name + length, sizeof archive.name - length, "%s%s", length == 0 ? "" : "/", name);
    bool good = (size >= 0 && length + (size_t)size < sizeof archive.name)
        ? what(upper, lower, name)
        : fail(archive.failure, STATUS_FAILED, "%.200s is too long a name", archive.name);
    archive.name[length] = 0;
    return good;
}

static int open_directory(int directory, const char *name) {
    return directory < 0 ? -1 : openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

// Whether a directory is there for nothing but what the agent made in it.
static bool has_mount_points_only(int upper, int lower, const char *name) {
    struct stat status;
    struct names names;
    if (strcmp(archive.name, "etc") != 0) {
        return false;
    }
    int above = open_directory(upper, name), below = open_directory(lower, name);
    bool only = above >= 0 && below >= 0 && names_read(above, &names, archive.failure);
    if (only) {
        for (size_t i = 0; i < names.count; i++) {
            char path[PATH_MAX];
            only = only && join_path(path, sizeof path, "etc", names.at[i]) && fstatat(above, names.at[i], &status, AT_SYMLINK_NOFOLLOW) == 0
                && is_mount_point(path, &status) && fstatat(below, names.at[i], &status, AT_SYMLINK_NOFOLLOW) < 0;
        }
        only = only && names.count > 0;
        names_free(&names);
    }
    close_fd(&above);
    close_fd(&below);
    return only;
}

static bool compare_entry(int upper, int lower, const char *name) {
    struct stat status, before;
    bool known = lower >= 0 && fstatat(lower, name, &before, AT_SYMLINK_NOFOLLOW) == 0;
    if (fstatat(upper, name, &status, AT_SYMLINK_NOFOLLOW) < 0) {
        return errno == ENOENT || fail_errno(archive.failure, "cannot look at %.200s", archive.name);
    }
    if (is_whiteout(&status)) {
        return !known || put_change('D');
    }
    if (!known && is_mount_point(archive.name, &status)) {
        return true;
    }
    if (known && has_mount_points_only(upper, lower, name)) {
        return true;
    }
    if (!put_change(known ? 'C' : 'A')) {
        return false;
    }
    int upper_directory = S_ISDIR(status.st_mode) ? open_directory(upper, name) : -1;
    if (upper_directory < 0) {
        return true;
    }
    int lower_directory = known ? open_directory(lower, name) : -1;
    bool good = compare(upper_directory, lower_directory);
    close_fd(&upper_directory);
    close_fd(&lower_directory);
    return good;
}

static bool delete_entry(int upper, int lower, const char *name) {
    struct stat status;
    (void)lower;
    return fstatat(upper, name, &status, AT_SYMLINK_NOFOLLOW) == 0 || put_change('D');
}

static bool each(int directory, bool (*what)(int, int, const char *), int upper, int lower) {
    struct names names;
    if (!names_read(directory, &names, archive.failure)) {
        return false;
    }
    bool good = true;
    for (size_t i = 0; good && i < names.count; i++) {
        good = step(names.at[i], what, upper, lower);
    }
    names_free(&names);
    return good;
}

static bool compare(int upper, int lower) {
    bool opaque = lower >= 0 && is_opaque(upper);
    return each(upper, compare_entry, upper, lower) && (!opaque || each(lower, delete_entry, upper, lower));
}

bool archive_write_changes(int out, int upper, int lower, struct failure *failure) {
    begin(out, false, "", failure);
    return compare(upper, lower) && flush();
}
