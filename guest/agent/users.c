#include "users.h"
#include "lines.h"
#include "system.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_FIELDS = 7, NAME_SIZE = 256, MAX_ID = 0x7fffffff };

static struct lines lines; // too much for the stack

// Takes a line apart at its colons, in place; the last field has what is too much. Gives the number of fields.
static size_t split(char *line, char *fields[MAX_FIELDS]) {
    size_t count = 0;
    char *at = line;
    while (at != NULL) {
        fields[count++] = at;
        at = count == MAX_FIELDS ? NULL : strchr(at, ':');
        if (at != NULL) {
            *at++ = 0;
        }
    }
    return count;
}

// True if the text is a number; *id is -1 if it is none of a user or group.
static bool parse_id(const char *text, long *id) {
    *id = -1;
    if (*text == 0 || text[strspn(text, "0123456789")] != 0) {
        return false;
    }
    errno = 0;
    unsigned long value = strtoul(text, NULL, 10);
    if (errno == 0 && value <= MAX_ID) {
        *id = (long)value;
    }
    return true;
}

static bool out_of_range(struct failure *failure) {
    return fail(failure, STATUS_FAILED, "uids and gids must be in range 0-%d", MAX_ID);
}

// Finds the first user of that name or number; its name is "" if there is none.
static void find_user(const char *wanted, long wanted_id, int file, struct user *user, char name[NAME_SIZE]) {
    char *line, *fields[MAX_FIELDS];
    name[0] = 0;
    lines_begin(&lines, file);
    while ((line = next_line(&lines)) != NULL) {
        long uid, gid;
        size_t count = split(line, fields);
        if (count < 4 || fields[0][0] == 0 || strlen(fields[0]) >= NAME_SIZE || !parse_id(fields[2], &uid) || uid < 0
            || !parse_id(fields[3], &gid) || gid < 0 || (strcmp(fields[0], wanted) != 0 && uid != wanted_id)) {
            continue;
        }
        user->uid = (uid_t)uid;
        user->gid = (gid_t)gid;
        strcpy(name, fields[0]);
        if (count > 5 && fields[5][0] != 0 && strlen(fields[5]) < sizeof user->home) {
            strcpy(user->home, fields[5]);
        }
        return;
    }
}

// Whether a list of names with commas between has this one.
static bool has_member(const char *list, const char *name) {
    size_t size = strlen(name);
    while (*list != 0) {
        size_t length = strcspn(list, ",");
        if (length == size && strncmp(list, name, size) == 0) {
            return true;
        }
        list += length + (list[length] == ',');
    }
    return false;
}

static bool add(struct user *user, gid_t gid) {
    for (size_t i = 0; i < user->group_count; i++) {
        if (user->groups[i] == gid) {
            return true;
        }
    }
    if (user->group_count == USER_GROUPS) {
        return false;
    }
    user->groups[user->group_count++] = gid;
    return true;
}

// The next line of /etc/group that can be read; *members may be "".
static bool next_group(char **name, long *gid, const char **members) {
    char *line, *fields[MAX_FIELDS];
    while ((line = next_line(&lines)) != NULL) {
        size_t count = split(line, fields);
        if (count >= 3 && fields[0][0] != 0 && parse_id(fields[2], gid) && *gid >= 0) {
            *name = fields[0];
            *members = count > 3 ? fields[3] : "";
            return true;
        }
    }
    return false;
}

// -1 if there is no such group; *is_number says whether the text is one.
static long find_group(const char *wanted, int file, bool *is_number) {
    long wanted_id, gid;
    char *name;
    const char *members;
    *is_number = parse_id(wanted, &wanted_id);
    lines_begin(&lines, file);
    while (next_group(&name, &gid, &members)) {
        if (strcmp(name, wanted) == 0 || (wanted_id >= 0 && gid == wanted_id)) {
            return gid;
        }
    }
    return wanted_id;
}

static bool group_of(const char *wanted, int file, gid_t *result, struct failure *failure) {
    bool is_number;
    long gid = find_group(wanted, file, &is_number);
    if (gid < 0) {
        return is_number ? out_of_range(failure)
                         : fail(failure, STATUS_FAILED, "unable to find group %s: no matching entries in group file", wanted);
    }
    *result = (gid_t)gid;
    return true;
}

// All groups that have the user as a member.
static bool add_memberships(struct user *user, const char *name, int file, struct failure *failure) {
    char *group;
    const char *members;
    long gid;
    lines_begin(&lines, file);
    while (next_group(&group, &gid, &members)) {
        if (has_member(members, name) && !add(user, (gid_t)gid)) {
            return fail(failure, STATUS_FAILED, "user %s is in more than %d groups", name, USER_GROUPS);
        }
    }
    return true;
}

bool user_resolve(const char *text, int passwd, int group, struct user *user, struct failure *failure) {
    char wanted[NAME_SIZE] = "", name[NAME_SIZE];
    const char *group_wanted = "";
    *user = (struct user){.home = "/"};
    if (text != NULL) {
        size_t size = strcspn(text, ":");
        if (size >= sizeof wanted) {
            return fail(failure, STATUS_FAILED, "the user name is too long");
        }
        memcpy(wanted, text, size);
        if (text[size] == ':') {
            group_wanted = text + size + 1;
        }
    }
    long wanted_id = 0;
    bool is_number = *wanted == 0 || parse_id(wanted, &wanted_id);
    find_user(wanted, wanted_id, passwd, user, name);
    if (name[0] == 0) {
        if (!is_number) {
            return fail(failure, STATUS_FAILED, "unable to find user %s: no matching entries in passwd file", wanted);
        }
        if (wanted_id < 0) {
            return out_of_range(failure);
        }
        user->uid = (uid_t)wanted_id;
    }
    if (*group_wanted != 0) {
        return group_of(group_wanted, group, &user->gid, failure);
    }
    return name[0] == 0 || add_memberships(user, name, group, failure);
}

bool user_add_groups(struct user *user, const char *const *names, size_t count, int group, struct failure *failure) {
    for (size_t i = 0; i < count; i++) {
        gid_t gid;
        if (group >= 0 && !rewind_file(group, failure)) {
            return false;
        }
        if (!group_of(names[i], group, &gid, failure)) {
            return false;
        }
        if (!add(user, gid)) {
            return fail(failure, STATUS_FAILED, "more than %d groups", USER_GROUPS);
        }
    }
    // As docker has it: who gives the primary group up, by a set-group-ID program, must not win what its members are denied (CVE-2022-36109).
    return add(user, user->gid) || fail(failure, STATUS_FAILED, "more than %d groups", USER_GROUPS);
}
