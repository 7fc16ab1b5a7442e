#include "names.h"
#include "system.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
// after fcntl.h
#include <linux/openat2.h>

int open_below(int root, const char *path, int flags) {
    struct open_how how = {
        .flags = (uint64_t)(flags | O_CLOEXEC), .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
    int fd;
    do {
        fd = (int)syscall(SYS_openat2, root, path, &how, sizeof how);
    } while (fd < 0 && (errno == EAGAIN || errno == EINTR)); // EAGAIN: something was renamed meanwhile
    return fd;
}

// Moves the name down to where no larger one is below it, in a heap of so many.
static void sift(char **at, size_t i, size_t count) {
    for (size_t child; (child = 2 * i + 1) < count; i = child) {
        child += child + 1 < count && strcmp(at[child], at[child + 1]) < 0;
        if (strcmp(at[i], at[child]) >= 0) {
            return;
        }
        char *larger = at[child];
        at[child] = at[i];
        at[i] = larger;
    }
}

// A heap sort: the C library's qsort would be 2 KB more.
static void sort(char **at, size_t count) {
    for (size_t i = count / 2; i-- > 0;) {
        sift(at, i, count);
    }
    while (count-- > 1) {
        char *largest = at[0];
        at[0] = at[count];
        at[count] = largest;
        sift(at, 0, count);
    }
}

static bool add(struct names *names, size_t *capacity, const char *name) {
    if (names->count == *capacity) {
        size_t more = *capacity == 0 ? 64 : 2 * *capacity;
        char **at = realloc(names->at, more * sizeof *at);
        if (at == NULL) {
            return false;
        }
        names->at = at;
        *capacity = more;
    }
    return (names->at[names->count] = strdup(name)) != NULL && ++names->count > 0;
}

bool names_read(int directory, struct names *names, struct failure *failure) {
    *names = (struct names){.count = 0};
    size_t capacity = 0;
    int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *entries = fd < 0 ? NULL : fdopendir(fd);
    struct dirent *entry;
    if (entries == NULL) {
        fail_errno(failure, "cannot read a directory");
        close_fd(&fd);
        return false;
    }
    bool good = true;
    for (errno = 0; good && (entry = readdir(entries)) != NULL; errno = 0) {
        good = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 || add(names, &capacity, entry->d_name);
    }
    if (good && errno == 0) {
        sort(names->at, names->count);
    } else {
        good = fail_errno(failure, "cannot read a directory");
        names_free(names);
    }
    (void)closedir(entries); // read only
    return good;
}

void names_free(struct names *names) {
    for (size_t i = 0; i < names->count; i++) {
        free(names->at[i]);
    }
    free(names->at);
    *names = (struct names){.count = 0};
}
