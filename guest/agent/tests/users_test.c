#include "../users.h"
#include "../system.h"
#include "unit.h"
#include <string.h>

static const char PASSWD[] = "root:x:0:0:root:/root:/bin/sh\n"
                             "broken\n"
                             ":x:5:5::/nameless:\n"
                             "bad:x:99999999999:5::/:\n"
                             "www:x:33:34:www,,:/var/www:/bin/sh\n"
                             "1000:x:7:8::/seven:/bin/sh\n"
                             "plain:x:1000:1000::/home/plain:/bin/sh\n"
                             "again:x:1000:1001::/home/again:/bin/sh\n"
                             "homeless:x:44:44\n";
static const char GROUP[] = "root:x:0:\n"
                            "adm:x:4:www,plain\n"
                            "nobody\n"
                            "audio:x:29:plainer,www\n"
                            "www:x:34:\n"
                            "audio2:x:29:www\n"
                            "42:x:77:\n"
                            "plain:x:1000:\n";

static struct user user;
static struct failure failure;

static bool resolve(const char *text) {
    int passwd = text_file(PASSWD), group = text_file(GROUP);
    bool good = user_resolve(text, passwd, group, &user, &failure);
    close_fd(&passwd);
    close_fd(&group);
    return good;
}

static bool is(unsigned uid, unsigned gid, const char *home, size_t groups) {
    return user.uid == uid && user.gid == gid && strcmp(user.home, home) == 0 && user.group_count == groups;
}

static void refuses(const char *text, const char *line) {
    CHECK(!resolve(text));
    CHECK_TEXT(line, failure.line);
    CHECK(failure.status == 125);
}

static void as_docker_does(void) {
    CHECK(resolve(NULL) && is(0, 0, "/root", 0));
    CHECK(resolve("") && is(0, 0, "/root", 0));
    CHECK(resolve("www") && is(33, 34, "/var/www", 2));
    CHECK(user.groups[0] == 4 && user.groups[1] == 29);
    CHECK(resolve("33") && is(33, 34, "/var/www", 2));
    CHECK(resolve("www:root") && is(33, 0, "/var/www", 0));
    CHECK(resolve("www:29") && is(33, 29, "/var/www", 0));
    CHECK(resolve("www:12345") && is(33, 12345, "/var/www", 0));
    CHECK(resolve("www:") && is(33, 34, "/var/www", 2));
    CHECK(resolve("1000") && is(7, 8, "/seven", 0)); // the first that has the name or the number
    CHECK(resolve("plain") && is(1000, 1000, "/home/plain", 1));
    CHECK(resolve("again") && is(1000, 1001, "/home/again", 0));
    CHECK(resolve("homeless") && is(44, 44, "/", 0));
    CHECK(resolve("4711") && is(4711, 0, "/", 0));
    CHECK(resolve("4711:adm") && is(4711, 4, "/", 0));
    CHECK(resolve(":adm") && is(0, 4, "/root", 0));
    CHECK(resolve("0:42") && is(0, 77, "/root", 0)); // a name first
    CHECK(resolve("2147483647") && is(2147483647, 0, "/", 0));
}

static void without_files(void) {
    CHECK(user_resolve("5:6", -1, -1, &user, &failure) && is(5, 6, "/", 0));
    CHECK(user_resolve(NULL, -1, -1, &user, &failure) && is(0, 0, "/", 0));
    CHECK(!user_resolve("root", -1, -1, &user, &failure));
}

static void bad_ones_are_refused(void) {
    refuses("ghost", "unable to find user ghost: no matching entries in passwd file");
    refuses("bad", "unable to find user bad: no matching entries in passwd file");
    refuses("broken", "unable to find user broken: no matching entries in passwd file");
    refuses("-1", "unable to find user -1: no matching entries in passwd file");
    refuses("www:ghosts", "unable to find group ghosts: no matching entries in group file");
    refuses("2147483648", "uids and gids must be in range 0-2147483647");
    refuses("99999999999999999999999", "uids and gids must be in range 0-2147483647");
    refuses("0:4294967296", "uids and gids must be in range 0-2147483647");
    static char longest[5000];
    memset(longest, 'u', sizeof longest - 1);
    refuses(longest, "the user name is too long");
}

static void groups_are_added(void) {
    static const char *const names[] = {"audio", "4", "555"};
    int group = text_file(GROUP);
    CHECK(resolve("www"));
    CHECK(user_add_groups(&user, names, 3, group, &failure));
    CHECK(user.group_count == 4 && user.groups[2] == 555 && user.groups[3] == user.gid);
    static const char *const unknown[] = {"ghosts"};
    CHECK(!user_add_groups(&user, unknown, 1, group, &failure));
    CHECK_TEXT("unable to find group ghosts: no matching entries in group file", failure.line);
    close_fd(&group);
}

void users_tests(void) {
    as_docker_does();
    without_files();
    bad_ones_are_refused();
    groups_are_added();
}
