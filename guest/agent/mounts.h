// What a container sees as its file system.
#ifndef MOUNTS_H
#define MOUNTS_H
#include "draft.h"

// In a mount namespace that is the caller's own: makes the directory its root, with what docker mounts in it.
bool mounts_enter(const char *root, const struct draft *draft, struct failure *failure);

// Makes the root read-only, if that was asked for. After everything has been made in it.
bool mounts_seal(const struct draft *draft, struct failure *failure);

// Mounts a file system with options as mount(8) has them: "size=64m,noexec".
bool mounts_tmpfs(const char *path, const char *options, struct failure *failure);

// Splits such options into flags and what the file system itself is to read. False if that is too long.
bool mounts_options(const char *options, unsigned long *flags, char *data, unsigned long size);
#endif
