// Who a process is to be, by the image's own /etc/passwd and /etc/group, as docker reads them.
#ifndef USERS_H
#define USERS_H
#include "failure.h"
#include <stddef.h>
#include <sys/types.h>

enum { USER_GROUPS = 256, USER_HOME_SIZE = 256 };

struct user {
    uid_t uid;
    gid_t gid;
    gid_t groups[USER_GROUPS]; // supplementary
    size_t group_count;
    char home[USER_HOME_SIZE];
};

// Resolves USER or USER:GROUP, each a name or a number; NULL and "" are root. The descriptors are those of the two files, or -1 where there is
// none; they are read from their current position on.
bool user_resolve(const char *text, int passwd, int group, struct user *user, struct failure *failure);

// Adds supplementary groups by name or number; the descriptor is that of /etc/group, or -1, at its beginning.
bool user_add_groups(struct user *user, const char *const *names, size_t count, int group, struct failure *failure);
#endif
