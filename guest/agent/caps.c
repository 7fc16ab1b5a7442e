#include "caps.h"
#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { MAX_CAPABILITIES = 64 };

bool caps_bound(uint64_t capabilities, struct failure *failure) {
    for (int i = 0; i < MAX_CAPABILITIES; i++) {
        int bounded = prctl(PR_CAPBSET_READ, i, 0, 0, 0);
        if (bounded < 0) {
            return true; // the kernel has no more
        }
        if (bounded == 1 && (capabilities >> i & 1) == 0 && prctl(PR_CAPBSET_DROP, i, 0, 0, 0) < 0) {
            return fail_errno(failure, "cannot drop capability %d", i);
        }
    }
    return true;
}

// capset(2) of the whole process, which has one thread.
static bool set_capabilities(uint64_t effective, struct failure *failure) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2] = {
        {.effective = (uint32_t)effective, .permitted = (uint32_t)effective},
        {.effective = (uint32_t)(effective >> 32), .permitted = (uint32_t)(effective >> 32)},
    };
    return syscall(SYS_capset, &header, data) == 0 || fail_errno(failure, "cannot set capabilities");
}

// Those of the wanted ones that the process has at all.
static bool permitted_of(uint64_t wanted, uint64_t *permitted, struct failure *failure) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2];
    if (syscall(SYS_capget, &header, data) < 0) {
        return fail_errno(failure, "cannot read capabilities");
    }
    *permitted = wanted & ((uint64_t)data[1].permitted << 32 | data[0].permitted);
    return true;
}

bool caps_become(const struct user *user, uint64_t capabilities, struct failure *failure) {
    uint64_t permitted = 0;
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 && errno != EINVAL) {
        return fail_errno(failure, "cannot clear ambient capabilities");
    }
    if (!permitted_of(capabilities, &permitted, failure)) {
        return false;
    }
    if (setgroups(user->group_count, user->groups) < 0) {
        return fail_errno(failure, "cannot set the supplementary groups");
    }
    if (setresgid(user->gid, user->gid, user->gid) < 0) {
        return fail_errno(failure, "cannot become group %u", (unsigned)user->gid);
    }
    // Leaving root clears permitted and effective.
    if (setresuid(user->uid, user->uid, user->uid) < 0) {
        return fail_errno(failure, "cannot become user %u", (unsigned)user->uid);
    }
    return set_capabilities(user->uid == 0 ? permitted : 0, failure);
}

bool caps_set_limits(const struct rlimit_field *limits, size_t count, struct failure *failure) {
    for (size_t i = 0; i < count; i++) {
        struct rlimit limit = {.rlim_cur = (rlim_t)limits[i].soft, .rlim_max = (rlim_t)limits[i].hard};
        if (setrlimit((int)limits[i].resource, &limit) < 0) {
            return fail_errno(failure, "error setting rlimit type %u", (unsigned)limits[i].resource);
        }
    }
    return true;
}
