#include "../mounts.h"
#include "unit.h"
#include <string.h>
#include <sys/mount.h>

void mounts_tests(void) {
    unsigned long flags = MS_NODEV;
    char data[32];
    CHECK(mounts_options("ro,size=64m,exec,dev,mode=700,noexec", &flags, data, sizeof data));
    CHECK(flags == (MS_RDONLY | MS_NOEXEC));
    CHECK_TEXT("size=64m,mode=700", data);
    flags = MS_RDONLY;
    CHECK(mounts_options(",,rw,", &flags, data, sizeof data) && flags == 0);
    CHECK_TEXT("", data);
    CHECK(mounts_options("", &flags, data, sizeof data));
    CHECK(!mounts_options("a=12345678901234567890,b=12345678901234567890", &flags, data, sizeof data));
    CHECK(mounts_options("a=1234567890123456789012345678", &flags, data, sizeof data) && strlen(data) == 30);
    CHECK(!mounts_options("a=123456789012345678901234567890", &flags, data, sizeof data));
}
