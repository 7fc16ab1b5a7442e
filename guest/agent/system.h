// System calls that C libraries don't have, and what is done the same way everywhere.
#ifndef SYSTEM_H
#define SYSTEM_H
#include "failure.h"
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// As read(2) and write(2), but not interrupted by signals.
ssize_t read_some(int fd, void *buffer, size_t size);
ssize_t write_some(int fd, const void *buffer, size_t size);

// All of it, to a descriptor that blocks.
bool write_all(int fd, const void *buffer, size_t size);

// All of it, to a descriptor that need not block. A socket's reader is waited for without an end.
bool write_patiently(int fd, const void *buffer, size_t size);

// So much unless it ends before, from a descriptor that need not block; -1 if it can't be read.
ssize_t read_patiently(int fd, void *buffer, size_t size);

// The file as a string, cut to what fits. False if it can't be read; errno says why.
bool read_text_file(const char *path, char *buffer, size_t size);

// One write to a file that is there, as files of cgroups and of /proc want it; errno says why not.
bool write_text_file(const char *path, const char *text);

bool rewind_file(int file, struct failure *failure);

// DIRECTORY/NAME, or false if that does not fit.
bool join_path(char *path, size_t size, const char *directory, const char *name);

// Makes the directory and those above it, mode 0755. A path of at most PATH_MAX.
bool make_directories(const char *path, struct failure *failure);

// Closes a descriptor unless it is -1, and makes it -1.
void close_fd(int *fd);

int open_pidfd(pid_t pid);
int kill_pidfd(int pidfd);
int close_from(int first);
int pivot_root_to(const char *new_root, const char *put_old);
bool set_nonblocking(int fd);
#endif
