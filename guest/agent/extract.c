#include "extract.h"
#include "names.h"
#include "system.h"
#include "tar.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

enum { PIECE_SIZE = 65536 };

// A directory whose time is set when nothing is made in it any more.
struct later {
    struct later *next;
    int64_t time;
    char path[];
};

// One at a time: a process takes one archive.
static struct {
    int in, root;
    bool owners;
    struct failure *failure;
    char base[PATH_MAX]; // below the root
    int parent; // the directory of what was made last, or -1
    char parent_name[PATH_MAX];
    struct later *later;
} extraction;
static uint8_t piece[PIECE_SIZE];

static bool invalid(void) {
    return fail(extraction.failure, STATUS_FAILED, "unexpected EOF");
}

static bool take(void *bytes, size_t size) {
    ssize_t count = read_patiently(extraction.in, bytes, size);
    return count == (ssize_t)size
        || (count < 0 ? fail_errno(extraction.failure, "cannot read the archive") : invalid());
}

static bool skip(uint64_t size) {
    while (size > 0) {
        size_t fits = size < sizeof piece ? (size_t)size : sizeof piece;
        if (!take(piece, fits)) {
            return false;
        }
        size -= fits;
    }
    return true;
}

// A directory below the base, made if it is missing; each link on the way is followed below the root.
static int open_directory(const char *name) {
    static char path[PATH_MAX];
    size_t base = strlen(extraction.base);
    if ((size_t)snprintf(path, sizeof path, "%s/%s", extraction.base, name) >= sizeof path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    int fd = open_below(extraction.root, path, O_RDONLY | O_DIRECTORY);
    if (fd >= 0 || errno != ENOENT) {
        return fd;
    }
    for (size_t at = base + 1, begin = at; errno == ENOENT; begin = ++at) {
        at += strcspn(path + at, "/");
        char kept = path[at], slash = path[begin - 1];
        path[begin - 1] = 0;
        int parent = open_below(extraction.root, begin == 1 ? "/" : path, O_RDONLY | O_DIRECTORY);
        path[begin - 1] = slash;
        path[at] = 0;
        bool made = parent >= 0 && (mkdirat(parent, path + begin, 0755) == 0 || errno == EEXIST);
        path[at] = kept;
        int error = errno;
        close_fd(&parent);
        errno = made ? ENOENT : error;
        if (kept == 0) {
            return made ? open_below(extraction.root, path, O_RDONLY | O_DIRECTORY) : -1;
        }
    }
    return -1;
}

// The directory that the name is in; *last is the name there. It stays open until another is asked for.
static int parent_of(const char *name, const char **last) {
    char parent[PATH_MAX];
    const char *slash = strrchr(name, '/');
    *last = slash == NULL ? name : slash + 1;
    (void)snprintf(parent, sizeof parent, "%.*s", slash == NULL ? 0 : (int)(slash - name), name);
    if (extraction.parent < 0 || strcmp(parent, extraction.parent_name) != 0) {
        close_fd(&extraction.parent);
        extraction.parent = open_directory(parent);
        strcpy(extraction.parent_name, parent);
    }
    return extraction.parent;
}

static bool cannot(const char *what, const struct tar_entry *entry) {
    return fail_errno(extraction.failure, "cannot %s %.200s", what, entry->name);
}

// Makes room for what is no directory.
static bool clear(int parent, const char *name, const struct tar_entry *entry) {
    struct stat status;
    if (fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) < 0) {
        return errno == ENOENT || cannot("look at", entry);
    }
    if (S_ISDIR(status.st_mode)) {
        return fail(extraction.failure, STATUS_FAILED, "cannot overwrite directory \"%.150s\" with non-directory", entry->name);
    }
    return unlinkat(parent, name, 0) == 0 || cannot("replace", entry);
}

static bool may_be_set(struct text attribute) {
    static const char *const KINDS[] = {"user.", "system.posix_acl_", "security.capability"};
    for (size_t i = 0; i < sizeof KINDS / sizeof KINDS[0]; i++) {
        if (attribute.size >= strlen(KINDS[i]) && memcmp(attribute.bytes, KINDS[i], strlen(KINDS[i])) == 0) {
            return true;
        }
    }
    return false;
}

// Of a file that is open. A file system that has none goes without.
static bool set_attributes(int fd, const struct tar_entry *entry, const struct tar_records *records) {
    const size_t prefix = strlen(TAR_ATTRIBUTE);
    struct reader reader = reader_of(records->bytes, records->size);
    struct text key, value;
    while (tar_next_record(&reader, &key, &value) > 0) {
        char name[TAR_ATTRIBUTE_NAME_MAX + 1];
        if (key.size <= prefix || key.size - prefix > TAR_ATTRIBUTE_NAME_MAX || memcmp(key.bytes, TAR_ATTRIBUTE, prefix) != 0) {
            continue;
        }
        struct text attribute = {.bytes = key.bytes + prefix, .size = key.size - prefix};
        if (!may_be_set(attribute)) {
            continue;
        }
        memcpy(name, attribute.bytes, attribute.size);
        name[attribute.size] = 0;
        if (fsetxattr(fd, name, value.bytes, value.size, 0) < 0 && errno != ENOTSUP) {
            return cannot("set attributes of", entry);
        }
    }
    return true;
}

static struct timespec now_or(int64_t seconds, bool now) {
    return (struct timespec){.tv_sec = now ? 0 : seconds, .tv_nsec = now ? UTIME_NOW : 0};
}

static bool set_time(int parent, const char *name, const struct tar_entry *entry) {
    struct timespec times[2] = {now_or(0, true), now_or(entry->time, false)};
    return utimensat(parent, name, times, AT_SYMLINK_NOFOLLOW) == 0 || cannot("set the time of", entry);
}

// A file or directory that is open: the owner first, for a change of it takes set-user-ID bits and capabilities away.
static bool dress(int fd, const struct tar_entry *entry, const struct tar_records *records) {
    if (fchown(fd, extraction.owners ? entry->uid : 0, extraction.owners ? entry->gid : 0) < 0) {
        return cannot("set the owner of", entry);
    }
    return (fchmod(fd, entry->mode) == 0 || cannot("set the mode of", entry)) && set_attributes(fd, entry, records);
}

// Consumes the content and what fills its last block, whatever becomes of the file.
static bool make_file(int parent, const char *name, const struct tar_entry *entry, const struct tar_records *records) {
    if (!clear(parent, name, entry)) {
        return false;
    }
    int fd = openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) {
        return cannot("make", entry);
    }
    bool good = true;
    for (uint64_t left = entry->size; good && left > 0;) {
        size_t fits = left < sizeof piece ? (size_t)left : sizeof piece;
        good = take(piece, fits) && (write_all(fd, piece, fits) || cannot("write", entry));
        left -= fits;
    }
    good = good && skip(tar_padding(entry->size)) && dress(fd, entry, records) && set_time(parent, name, entry);
    close_fd(&fd);
    return good;
}

static void set_time_later(const struct tar_entry *entry) {
    size_t size = strlen(entry->name) + 1;
    struct later *later = malloc(sizeof *later + size);
    if (later == NULL) {
        return; // it keeps the time of what is made in it
    }
    *later = (struct later){.next = extraction.later, .time = entry->time};
    memcpy(later->path, entry->name, size);
    extraction.later = later;
}

static bool make_directory(int parent, const char *name, const struct tar_entry *entry, const struct tar_records *records) {
    struct stat status;
    if (mkdirat(parent, name, 0700) < 0) {
        if (errno != EEXIST || fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) < 0) {
            return cannot("make", entry);
        }
        if (!S_ISDIR(status.st_mode)) {
            return fail(extraction.failure, STATUS_FAILED, "cannot overwrite non-directory \"%.150s\" with directory", entry->name);
        }
    }
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) {
        return cannot("open", entry);
    }
    bool good = dress(fd, entry, records);
    close_fd(&fd);
    set_time_later(entry);
    return good;
}

static bool make_hard_link(int parent, const char *name, const struct tar_entry *entry) {
    static char target[PATH_MAX], directory[PATH_MAX + 1];
    strcpy(target, entry->link);
    if (!tar_clean_name(target) || target[0] == 0) {
        return fail(extraction.failure, STATUS_FAILED, "invalid hardlink \"%.100s\" -> \"%.100s\"", entry->name, entry->link);
    }
    char *slash = strrchr(target, '/');
    (void)snprintf(directory, sizeof directory, "%.*s", slash == NULL ? 0 : (int)(slash - target), target);
    int other = open_directory(directory);
    bool made = other >= 0 && clear(parent, name, entry)
        && linkat(other, slash == NULL ? target : slash + 1, parent, name, 0) == 0;
    if (!made && extraction.failure->line[0] == 0) {
        cannot("link", entry);
    }
    close_fd(&other);
    return made;
}

// A link, device or pipe.
static bool make_other(int parent, const char *name, const struct tar_entry *entry) {
    static const struct {
        char type;
        mode_t mode;
    } KINDS[] = {{TAR_CHARACTER_DEVICE, S_IFCHR}, {TAR_BLOCK_DEVICE, S_IFBLK}, {TAR_FIFO, S_IFIFO}};
    bool made = false;
    if (!clear(parent, name, entry)) {
        return false;
    }
    if (entry->type == TAR_SYMBOLIC_LINK) {
        made = symlinkat(entry->link, parent, name) == 0;
    }
    for (size_t i = 0; i < sizeof KINDS / sizeof KINDS[0]; i++) {
        if (entry->type == KINDS[i].type) {
            made = mknodat(parent, name, KINDS[i].mode | 0600, makedev(entry->major, entry->minor)) == 0;
        }
    }
    if (!made) {
        return cannot("make", entry);
    }
    if (fchownat(parent, name, extraction.owners ? entry->uid : 0, extraction.owners ? entry->gid : 0, AT_SYMLINK_NOFOLLOW) < 0) {
        return cannot("set the owner of", entry);
    }
    if (entry->type != TAR_SYMBOLIC_LINK && fchmodat(parent, name, entry->mode, 0) < 0) {
        return cannot("set the mode of", entry);
    }
    return set_time(parent, name, entry);
}

static bool make(struct tar_entry *entry, const struct tar_records *records) {
    const char *last;
    if (!tar_clean_name(entry->name)) {
        return fail(extraction.failure, STATUS_FAILED, "\"%.200s\" is outside of the archive's directory", entry->name);
    }
    if (entry->name[0] == 0) {
        return entry->type == TAR_DIRECTORY || fail(extraction.failure, STATUS_FAILED, "archive/tar: an entry has no name");
    }
    int parent = parent_of(entry->name, &last);
    if (parent < 0) {
        return cannot("make the directory of", entry);
    }
    extraction.failure->line[0] = 0;
    switch (entry->type) {
        case TAR_FILE:
            return make_file(parent, last, entry, records);
        case TAR_DIRECTORY:
            return make_directory(parent, last, entry, records) && skip(entry->size + tar_padding(entry->size));
        case TAR_HARD_LINK: // without content, whatever its size says
            return make_hard_link(parent, last, entry);
        case TAR_SYMBOLIC_LINK:
        case TAR_CHARACTER_DEVICE:
        case TAR_BLOCK_DEVICE:
        case TAR_FIFO:
            return make_other(parent, last, entry);
        default:
            return fail(extraction.failure, STATUS_FAILED, "%.200s: unhandled tar header type %d", entry->name, entry->type);
    }
}

// The contents of an entry that is about the next one.
static bool take_records(const struct tar_entry *entry, struct tar_records *records) {
    if (entry->size > TAR_RECORDS_MAX) {
        return fail(extraction.failure, STATUS_FAILED, "archive/tar: header field too long");
    }
    records->size = (size_t)entry->size;
    return take(records->bytes, records->size) && skip(tar_padding(entry->size));
}

// Or, where that is of no use any more, forgets it.
static void set_times(bool set) {
    while (extraction.later != NULL) {
        struct later *later = extraction.later;
        const char *last;
        int parent = set ? parent_of(later->path, &last) : -1;
        struct timespec times[2] = {now_or(0, true), now_or(later->time, false)};
        // It may have been replaced by what came later.
        (void)(parent < 0 || utimensat(parent, last, times, AT_SYMLINK_NOFOLLOW));
        extraction.later = later->next;
        free(later);
    }
}

// The next header and what is said of it before, by records or names of their own. 0 at the end, -1 if there is none.
static int next(struct tar_entry *entry, struct tar_records *records) {
    static struct tar_records scratch;
    static char name[PATH_MAX], link[PATH_MAX];
    uint8_t block[TAR_BLOCK];
    records->size = 0;
    name[0] = link[0] = 0;
    while (true) {
        ssize_t count = read_patiently(extraction.in, block, sizeof block);
        if (count == 0) {
            return 0; // without the empty blocks that should be there
        }
        if (count != TAR_BLOCK) {
            invalid();
            return -1;
        }
        enum tar_result result = tar_read_header(block, entry, extraction.failure);
        if (result != TAR_ENTRY) {
            return result == TAR_END ? 0 : -1;
        }
        bool good;
        switch (entry->type) {
            case TAR_RECORDS:
                good = take_records(entry, records);
                break;
            case TAR_GLOBAL_RECORDS: // as git writes them: a comment
                good = take_records(entry, &scratch);
                break;
            case TAR_LONG_NAME:
            case TAR_LONG_LINK:
                good = take_records(entry, &scratch)
                    && tar_set_name(entry->type == TAR_LONG_NAME ? name : link, scratch.bytes, scratch.size, extraction.failure);
                break;
            default:
                if (name[0] != 0) {
                    strcpy(entry->name, name);
                }
                if (link[0] != 0) {
                    strcpy(entry->link, link);
                }
                return tar_apply_records(entry, records, extraction.failure) ? 1 : -1;
        }
        if (!good) {
            return -1;
        }
    }
}

bool extract_read(int in, int root, const char *path, bool owners, struct failure *failure) {
    static struct tar_entry entry;
    static struct tar_records records;
    extraction.in = in;
    extraction.root = root;
    extraction.owners = owners;
    extraction.failure = failure;
    extraction.parent = -1;
    extraction.later = NULL;
    (void)snprintf(extraction.base, sizeof extraction.base, "%s", path);
    int result;
    while ((result = next(&entry, &records)) > 0 && make(&entry, &records)) {
        // its content has been read
    }
    if (result == 0) {
        // What follows the end, to a record of 10240 bytes, say.
        ssize_t count;
        while ((count = read_patiently(in, piece, sizeof piece)) > 0) {
        }
    }
    set_times(result == 0);
    close_fd(&extraction.parent);
    return result == 0;
}
