#include "../root.h"
#include "unit.h"
#include <string.h>

void root_tests(void) {
    static struct draft draft;
    struct failure failure;
    char name[16] = "";
    const char *disks = directory();
    write_file(disks, "vda/serial", "one");
    write_file(disks, "vdb/serial", "two  \n");
    write_file(disks, "vdc/size", "8");
    write_file(disks, "a-name-that-is-too-long/serial", "three");
    CHECK(root_find_disk(disks, "one", name, sizeof name, &failure));
    CHECK_TEXT("vda", name);
    CHECK(root_find_disk(disks, "two", name, sizeof name, &failure));
    CHECK_TEXT("vdb", name);
    CHECK(!root_find_disk(disks, "three", name, sizeof name, &failure));
    CHECK_TEXT("there is no disk with the serial number three", failure.line);
    CHECK(!root_find_disk("/nowhere", "one", name, sizeof name, &failure));
    CHECK_TEXT("cannot look for disks in /nowhere: no such file or directory", failure.line);
    draft_clear(&draft);
    CHECK(root_assemble(&draft, &failure) == NULL);
    CHECK_TEXT("no root file system was named", failure.line);
    draft.root = "/some";
    CHECK_TEXT("/some", root_assemble(&draft, &failure));
}
