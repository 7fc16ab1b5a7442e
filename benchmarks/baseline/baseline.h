// The KVM calls of javisor in the smallest C that makes them: what the benchmarks compare with.
#ifndef JAVISOR_BASELINE_H
#define JAVISOR_BASELINE_H

#include <linux/kvm.h>
#include <stddef.h>
#include <stdint.h>

enum start_state { REAL_MODE, USER_MODE, LONG_MODE };

struct vm {
    int fd;
    int vcpu;
    struct kvm_run *run;
    size_t run_size;
    uint8_t *memory;
    size_t memory_size;
};

// Ends the program with the failed operation and errno.
_Noreturn void fail(const char *operation);

// ioctl that retries EINTR and ends the program when it fails.
int call(int fd, unsigned long request, uint64_t argument, const char *name);

int64_t now_nanos(void);

// /dev/kvm, opened once.
int kvm_device(void);

// A guest of TinyGuest's shape: memory from 0, one vCPU with the CPUID that KVM supports.
void vm_open(struct vm *vm, enum start_state state, int with_irqchip, size_t memory_size);
void vm_close(struct vm *vm);

// Copies the machine code of a listing (benchmarks/src/main/resources) to where it says.
void vm_load(struct vm *vm, const char *listing);

void set_start_state(struct vm *vm, enum start_state state, uint64_t entry);

// Commands of `baseline serve`; each prints one line.
void exits_command(const char *kind, long count);
void tail_command(const char *kind, long count);
void ioctl_command(long count);
void interrupts_command(const char *kind, long count);
void create_command(long count, long memory_mib);
void many_command(long count, long memory_mib);
void forward_command(const char *tap);
void load_command(const char *tap, long frames, long window, long size);

// `baseline start` and `baseline memory`
int spawn_main(int measure_memory, long guest_mib, char **command);

#endif
