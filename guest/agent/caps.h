// Capabilities, limits and identity of a process that is about to be executed.
#ifndef CAPS_H
#define CAPS_H
#include "draft.h"
#include "users.h"

// Docker's: chown, dac_override, fowner, fsetid, kill, setgid, setuid, setpcap, net_bind_service, net_raw, sys_chroot, mknod, audit_write, setfcap.
#define DEFAULT_CAPABILITIES UINT64_C(0xa80425fb)

// Leaves the bounding set no more than these. The caller still has all that it needs to become another user.
bool caps_bound(uint64_t capabilities, struct failure *failure);

// Becomes the user. What root may do is bounded by the capabilities; another user gets none, and no way to inherit any.
bool caps_become(const struct user *user, uint64_t capabilities, struct failure *failure);

bool caps_set_limits(const struct rlimit_field *limits, size_t count, struct failure *failure);
#endif
