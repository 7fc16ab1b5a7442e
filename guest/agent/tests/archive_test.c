#include "../archive.h"
#include "../extract.h"
#include "../names.h"
#include "../system.h"
#include "../tar.h"
#include "unit.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

static struct failure failure;

static int open_path(const char *path) {
    return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static int archive_of(const char *directory, const char *prefix) {
    int out = memfd_create("archive", MFD_CLOEXEC), fd = open_path(directory);
    CHECK(archive_write(out, fd, ".", prefix, &failure) && lseek(out, 0, SEEK_SET) == 0);
    close_fd(&fd);
    return out;
}

// Into a directory, which is the root.
static bool extract(int archive, const char *directory, const char *path) {
    int root = open_path(directory);
    bool good = extract_read(archive, root, path, geteuid() == 0, &failure);
    close_fd(&root);
    return good;
}

static int run(const char *format, const char *one, const char *two) {
    char command[3 * PATH_MAX];
    (void)snprintf(command, sizeof command, format, one, two);
    return system(command);
}

static const char *copy(const char *path) {
    static char copies[16][PATH_MAX];
    static int next;
    char *kept = copies[next++ % 16];
    strcpy(kept, path);
    return kept;
}

static void a_tree_comes_back(void) {
    const char *from = copy(directory()), *to = copy(directory()), *tar = copy(directory());
    char path[2 * PATH_MAX], large[200001];
    memset(large, 'x', sizeof large - 1);
    large[sizeof large - 1] = 0;
    write_file(from, "a/file", "content");
    write_file(from, "a/empty", "");
    write_file(from, "large", large);
    CHECK(run("cd %s && ln a/file b && ln -s /nowhere link && ln -s a dir && mkfifo p && chmod 4751 large && chmod 1777 a", from, "") == 0);
    CHECK(run("cd %s && n=$(printf %%0120d 7) && mkdir -p $n/$n && echo deep >$n/$n/$n && ln -s $n/$n/$n long && touch -h -d @1234 link && find . -mindepth 1 -type f -exec touch -d @5678 {} +", from, "") == 0);
    (void)snprintf(path, sizeof path, "%s/a", from);
    bool has_attributes = setxattr(path, "user.one", "1\n2", 3, 0) == 0;
    CHECK(run("touch -d @99 %s/a", from, "") == 0);
    int archive = archive_of(from, "");
    CHECK(extract(archive, to, "/"));
    CHECK(run("diff -r -x p --no-dereference %s %s", from, to) == 0);
    CHECK(run("cd %s && find . -mindepth 1 -printf '%%P %%m %%T@ %%y %%n %%l\\n' | sed 's/[.][0-9]\\{10\\}//' | sort >%s/1", from, tar) == 0);
    CHECK(run("cd %s && find . -mindepth 1 -printf '%%P %%m %%T@ %%y %%n %%l\\n' | sed 's/[.][0-9]\\{10\\}//' | sort >%s/2", to, tar) == 0);
    CHECK(run("diff %s/1 %s/2", tar, tar) == 0);
    (void)snprintf(path, sizeof path, "%s/a", to);
    char value[8];
    CHECK(!has_attributes || (getxattr(path, "user.one", value, sizeof value) == 3 && memcmp(value, "1\n2", 3) == 0));
    // GNU tar reads what is written, and the other way round.
    CHECK(lseek(archive, 0, SEEK_SET) == 0);
    (void)snprintf(path, sizeof path, "/proc/%d/fd/%d", getpid(), archive);
    CHECK(run("tar -df %s -C %s", path, from) == 0);
    const char *again = copy(directory());
    CHECK(run("tar -cf %s/t.tar -C %s .", tar, from) == 0);
    (void)snprintf(path, sizeof path, "%s/t.tar", tar);
    int other = open(path, O_RDONLY | O_CLOEXEC);
    CHECK(extract(other, again, "/") && run("diff -r -x p --no-dereference %s %s", from, again) == 0);
    close_fd(&other);
    close_fd(&archive);
}

static void the_top_has_the_name_that_is_asked_for(void) {
    const char *from = copy(directory()), *to = copy(directory());
    write_file(from, "x/y", "z");
    int out = memfd_create("archive", MFD_CLOEXEC), fd = open_path(from);
    CHECK(archive_write(out, fd, "x", "new", &failure) && lseek(out, 0, SEEK_SET) == 0 && extract(out, to, "/"));
    CHECK(run("test -f %s/new/y", to, "") == 0);
    CHECK(lseek(out, 0, SEEK_SET) == 0 && ftruncate(out, 0) == 0 && archive_write(out, fd, "x/y", "one", &failure));
    CHECK(lseek(out, 0, SEEK_SET) == 0 && extract(out, to, "/new") && run("test -f %s/new/one", to, "") == 0);
    CHECK(!archive_write(out, fd, "none", "", &failure));
    close_fd(&out);
    close_fd(&fd);
}

static void add_entry(int archive, char type, const char *name, const char *link) {
    static struct tar_entry entry;
    uint8_t block[TAR_BLOCK];
    entry = (struct tar_entry){.type = type, .mode = 0755, .time = 1};
    strcpy(entry.name, name);
    strcpy(entry.link, link);
    tar_write_header(block, &entry);
    CHECK(write_all(archive, block, sizeof block));
}

// An archive of two entries, which fails at the second.
static void refused(char type, const char *name, const char *link, const char *words) {
    const char *to = copy(directory());
    int archive = memfd_create("archive", MFD_CLOEXEC);
    add_entry(archive, TAR_FILE, "a", "");
    add_entry(archive, type, name, link);
    CHECK(lseek(archive, 0, SEEK_SET) == 0 && !extract(archive, to, "/"));
    CHECK_TEXT(words, failure.line);
    CHECK(run("test -f %s/a", to, "") == 0);
    close_fd(&archive);
}

static void nothing_leaves_the_root(void) {
    refused(TAR_FILE, "../up", "", "\"../up\" is outside of the archive's directory");
    refused(TAR_SYMBOLIC_LINK, "b/../../up", "x", "\"b/../../up\" is outside of the archive's directory");
    refused(TAR_HARD_LINK, "b", "../up", "invalid hardlink \"b\" -> \"../up\"");
    refused(TAR_HARD_LINK, "b", "none", "cannot link b: no such file or directory");
    refused(TAR_FILE, "a/b", "", "cannot make the directory of a/b: not a directory");
    refused('S', "sparse", "", "sparse: unhandled tar header type 83");
    refused(TAR_FILE, ".", "", "archive/tar: an entry has no name");
    // Links to outside, and files made by way of them: inside, where the links lead to below the root.
    const char *outside = copy(directory()), *to = copy(directory());
    int archive = memfd_create("archive", MFD_CLOEXEC);
    add_entry(archive, TAR_SYMBOLIC_LINK, "absolute", outside);
    add_entry(archive, TAR_SYMBOLIC_LINK, "upwards", "../../../../tmp");
    add_entry(archive, TAR_FILE, "absolute/f", "");
    CHECK(lseek(archive, 0, SEEK_SET) == 0 && !extract(archive, to, "/")); // there is no such directory there
    CHECK(run("mkdir -p %s%s", to, outside) == 0);
    add_entry(archive, TAR_FILE, "upwards/f", "");
    add_entry(archive, TAR_HARD_LINK, "hard", "absolute/f");
    CHECK(lseek(archive, 0, SEEK_SET) == 0 && extract(archive, to, "/"));
    CHECK(run("test -f %s%s/f", to, outside) == 0 && run("test -f %s/tmp/f && test ! -e /tmp/f && test ! -e %s/f", to, outside) == 0);
    close_fd(&archive);
}

static void what_is_there_is_replaced_or_kept(void) {
    const char *to = copy(directory()), *from = copy(directory());
    write_file(to, "app/dir/kept", "kept");
    write_file(to, "app/file", "old");
    CHECK(run("ln -s ../app %s/app/link && ln -s /app %s/via", to, to) == 0);
    write_file(from, "dir/new", "new");
    write_file(from, "file", "new");
    write_file(from, "link", "a file now");
    int archive = archive_of(from, ".");
    CHECK(extract(archive, to, "/via"));
    CHECK(run("cd %s/app && test \"$(cat dir/kept dir/new file link)\" = 'keptnewnewa file now' && test ! -L link", to, "") == 0);
    close_fd(&archive);
    CHECK(run("cd %s && rm -r dir && echo f >dir", from, "") == 0);
    archive = archive_of(from, "");
    CHECK(!extract(archive, to, "/app"));
    CHECK_TEXT("cannot overwrite directory \"dir\" with non-directory", failure.line);
    close_fd(&archive);
    CHECK(run("cd %s && rm file && mkdir file && rm dir", from, "") == 0);
    archive = archive_of(from, "");
    CHECK(!extract(archive, to, "/app"));
    CHECK_TEXT("cannot overwrite non-directory \"file\" with directory", failure.line);
    close_fd(&archive);
}

static void a_cut_archive_is_refused(void) {
    const char *from = copy(directory());
    write_file(from, "file", "0123456789");
    int archive = archive_of(from, "");
    for (off_t size = 1; size < 1024; size += 100) {
        CHECK(ftruncate(archive, size) == 0 && lseek(archive, 0, SEEK_SET) == 0);
        CHECK(!extract(archive, copy(directory()), "/"));
        CHECK_TEXT("unexpected EOF", failure.line);
        close_fd(&archive);
        archive = archive_of(from, "");
    }
    // Its end may be missing.
    CHECK(ftruncate(archive, 1024) == 0 && lseek(archive, 0, SEEK_SET) == 0 && extract(archive, copy(directory()), "/"));
    close_fd(&archive);
}

static void changes_are_listed(void) {
    const char *upper = copy(directory()), *lower = copy(directory()), *to = copy(directory());
    char text[4096];
    write_file(lower, "etc/passwd", "root");
    write_file(lower, "etc/group", "root");
    write_file(lower, "same", "same");
    write_file(upper, "etc/passwd", "changed");
    write_file(upper, "etc/hosts", "");
    write_file(upper, "new/one", "1");
    CHECK(run("mkdir %s/proc && mknod %s/etc/group c 0 0", upper, upper) == 0);
    CHECK(run("mknod %s/unknown c 0 0 && mknod %s/new/gone c 0 0", upper, upper) == 0);
    int out = memfd_create("changes", MFD_CLOEXEC), up = open_path(upper), low = open_path(lower);
    CHECK(archive_write_changes(out, up, low, &failure));
    ssize_t size = pread(out, text, sizeof text - 1, 0);
    for (ssize_t i = 0; i < size; i++) {
        text[i] = text[i] == 0 ? ' ' : text[i];
    }
    text[size < 0 ? 0 : size] = 0;
    CHECK_TEXT("C/etc D/etc/group C/etc/passwd A/new A/new/one ", text);
    CHECK(run("rm %s/etc/passwd %s/etc/group", upper, upper) == 0 && ftruncate(out, 0) == 0 && lseek(out, 0, SEEK_SET) == 0);
    CHECK(archive_write_changes(out, up, low, &failure) && pread(out, text, sizeof text - 1, 0) > 5);
    CHECK_TEXT("A/new", text); // and nothing of /etc
    CHECK(run("echo c >%s/etc/passwd && mknod %s/etc/group c 0 0", upper, upper) == 0);
    CHECK(ftruncate(out, 0) == 0 && lseek(out, 0, SEEK_SET) == 0 && archive_write_layer(out, up, &failure));
    CHECK(lseek(out, 0, SEEK_SET) == 0 && extract(out, to, "/"));
    CHECK(run("cd %s && find . | sort >../layer && printf '%%s\\n' . ./.wh.unknown ./etc ./etc/.wh.group ./etc/passwd ./new ./new/.wh.gone ./new/one | diff - ../layer", to, "") == 0);
    close_fd(&out);
    close_fd(&up);
    close_fd(&low);
}

void archive_tests(void) {
    a_tree_comes_back();
    the_top_has_the_name_that_is_asked_for();
    nothing_leaves_the_root();
    what_is_there_is_replaced_or_kept();
    a_cut_archive_is_refused();
    changes_are_listed();
}
