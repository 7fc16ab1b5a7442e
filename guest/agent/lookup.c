#include "lookup.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// 0 if it can be executed, else the error number. As Go's exec.LookPath, whose words docker's are.
static int executable(const char *file) {
    struct stat status;
    if (stat(file, &status) < 0) {
        return errno;
    }
    if (S_ISDIR(status.st_mode)) {
        return EISDIR;
    }
    return access(file, X_OK) == 0 ? 0 : EACCES;
}

bool lookup_command(const char *command, const char *path, char *file, size_t size, struct failure *failure) {
    if (strchr(command, '/') != NULL) {
        int length = snprintf(file, size, "%s", command);
        int error = length < 0 || (size_t)length >= size ? ENAMETOOLONG : executable(file);
        if (error == EISDIR || error == EACCES) {
            return fail(failure, STATUS_NOT_EXECUTABLE, "exec: \"%s\": %s", command, error_words(error));
        }
        if (error != 0) {
            int status = status_of_error(error) == STATUS_FAILED ? STATUS_NOT_EXECUTABLE : status_of_error(error);
            return fail(failure, status, "exec: \"%.150s\": stat %.150s: %s", command, command, error_words(error));
        }
        return true;
    }
    const char *at = path;
    while (*command != 0 && *at != 0) {
        size_t length = strcspn(at, ":");
        int written = length == 0 ? snprintf(file, size, "./%s", command)
                                  : snprintf(file, size, "%.*s/%s", (int)length, at, command);
        if (written > 0 && (size_t)written < size && executable(file) == 0) {
            return true;
        }
        at += length + (at[length] == ':');
    }
    return fail(failure, STATUS_NOT_FOUND, "exec: \"%s\": executable file not found in $PATH", command);
}
