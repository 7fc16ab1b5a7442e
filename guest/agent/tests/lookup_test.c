#include "../lookup.h"
#include "unit.h"
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static struct failure failure;
static char file[PATH_MAX];

static void refuses(const char *command, const char *path, int status, const char *line) {
    CHECK(!lookup_command(command, path, file, sizeof file, &failure));
    CHECK_TEXT(line, failure.line);
    CHECK(failure.status == status);
}

void lookup_tests(void) {
    char base[PATH_MAX], path[4 * PATH_MAX], text[PATH_MAX + 128], name[PATH_MAX + 64];
    (void)snprintf(base, sizeof base, "%s", directory());
    write_file(base, "a/tool", "");
    write_file(base, "b/tool", "");
    write_file(base, "b/plain", "");
    write_file(base, "a/dir/x", "");
    (void)snprintf(name, sizeof name, "%s/b/tool", base);
    CHECK(chmod(name, 0755) == 0);
    (void)snprintf(path, sizeof path, "%s/nothing:%s/a:%s/b", base, base, base);
    CHECK(lookup_command("tool", path, file, sizeof file, &failure)); // the first that can be executed
    CHECK_TEXT(name, file);
    CHECK(lookup_command(name, "", file, sizeof file, &failure));
    CHECK_TEXT(name, file);
    refuses("ghost", path, 127, "exec: \"ghost\": executable file not found in $PATH");
    refuses("plain", path, 127, "exec: \"plain\": executable file not found in $PATH");
    refuses("dir", path, 127, "exec: \"dir\": executable file not found in $PATH");
    refuses("", path, 127, "exec: \"\": executable file not found in $PATH");
    refuses("tool", "", 127, "exec: \"tool\": executable file not found in $PATH");
    refuses("/nowhere/x", path, 127, "exec: \"/nowhere/x\": stat /nowhere/x: no such file or directory");
    refuses("/dev/null/x", path, 126, "exec: \"/dev/null/x\": stat /dev/null/x: not a directory");
    refuses("/tmp", path, 126, "exec: \"/tmp\": is a directory");
    (void)snprintf(name, sizeof name, "%s/b/plain", base);
    (void)snprintf(text, sizeof text, "exec: \"%s\": permission denied", name);
    refuses(name, path, 126, text);
    CHECK(chdir(base) == 0);
    (void)snprintf(name, sizeof name, "%s/b", base);
    CHECK(chdir(name) == 0 && lookup_command("tool", "/nowhere::", file, sizeof file, &failure));
    CHECK_TEXT("./tool", file);
    CHECK(chdir("/") == 0);
}
