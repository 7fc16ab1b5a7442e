// Which devices a container's processes may open: docker's, whatever nodes they make.
#ifndef DEVICES_H
#define DEVICES_H
#include "failure.h"
#include <stdbool.h>

// Denies all others to a control group, by its directory. False if this kernel can't (it needs CONFIG_CGROUP_BPF).
bool devices_confine(const char *group, struct failure *failure);
#endif
