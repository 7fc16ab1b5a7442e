// The container's control group, in the one hierarchy of version 2 (the kernel's Documentation/admin-guide/cgroup-v2.rst).
#ifndef CGROUP_H
#define CGROUP_H
#include "draft.h"

// The directory that the hierarchy is mounted on; without this there is none, and limits are refused.
void cgroup_use(const char *directory);

// Makes the container's group with its limits.
bool cgroup_make(const struct draft *draft, struct failure *failure);

// Moves the calling process into the container's group, if there is one.
bool cgroup_join(struct failure *failure);

// Stops all of the container's processes, or lets them go on.
bool cgroup_freeze(bool freeze, struct failure *failure);

// How many processes of the container's the kernel has killed for want of memory.
uint64_t cgroup_oom_kills(void);

// Writes NAME VALUE pairs, each a string and a u64, of what the group has used.
void cgroup_write_stats(struct writer *writer);
#endif
