// Exit round trips: KVM_RUN, decode, answer, again.
#include "baseline.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

// What the guest wrote last: keeps the compiler from dropping the reads.
volatile uint64_t last_value;

static struct vm *guest(const char *kind) {
    static char open_kind[32];
    static struct vm vm;
    if (strcmp(kind, open_kind) != 0) {
        if (open_kind[0] != 0) {
            vm_close(&vm);
        }
        snprintf(open_kind, sizeof open_kind, "%s", kind);
        vm_open(&vm, USER_MODE, 0, 0x10000);
        vm_load(&vm, kind);
    }
    return &vm;
}

static uint64_t value_of(const uint8_t *data, unsigned size) {
    switch (size) {
    case 1:
        return *data;
    case 2:
        return *(const uint16_t *)data;
    case 4:
        return *(const uint32_t *)data;
    default:
        return *(const uint64_t *)data;
    }
}

static inline void one_exit(struct vm *vm) {
    struct kvm_run *run = vm->run;
    while (ioctl(vm->vcpu, KVM_RUN, 0) < 0) {
        if (errno != EINTR) {
            fail("KVM_RUN");
        }
    }
    if (run->exit_reason == KVM_EXIT_IO) {
        uint8_t *data = (uint8_t *)run + run->io.data_offset;
        if (run->io.direction == KVM_EXIT_IO_OUT) {
            for (unsigned i = 0; i < run->io.count; i++) {
                last_value = value_of(data + i * run->io.size, run->io.size);
            }
        } else {
            memset(data, 0x5a, (size_t)run->io.count * run->io.size);
        }
    } else if (run->exit_reason == KVM_EXIT_MMIO) {
        if (run->mmio.is_write) {
            last_value = value_of(run->mmio.data, run->mmio.len);
        } else {
            memset(run->mmio.data, 0x5a, 8);
        }
    } else {
        fprintf(stderr, "baseline: exit reason %u\n", run->exit_reason);
        exit(1);
    }
}

void exits_command(const char *kind, long count) {
    struct vm *vm = guest(kind);
    int64_t begin = now_nanos();
    for (long i = 0; i < count; i++) {
        one_exit(vm);
    }
    printf("%.2f\n", (double)(now_nanos() - begin) / count);
}

static int ascending(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

void tail_command(const char *kind, long count) {
    struct vm *vm = guest(kind);
    int64_t *nanos = malloc(count * sizeof *nanos);
    one_exit(vm);
    int64_t before = now_nanos();
    for (long i = 0; i < count; i++) {
        one_exit(vm);
        int64_t now = now_nanos();
        nanos[i] = now - before;
        before = now;
    }
    qsort(nanos, count, sizeof *nanos, ascending);
    printf("%ld %ld %ld %ld\n", (long)nanos[count / 2], (long)nanos[count * 99 / 100], (long)nanos[count * 999 / 1000],
        (long)nanos[count - 1]);
    free(nanos);
}

void ioctl_command(long count) {
    int kvm = kvm_device();
    int64_t begin = now_nanos();
    for (long i = 0; i < count; i++) {
        if (ioctl(kvm, KVM_GET_API_VERSION, 0) != KVM_API_VERSION) {
            fail("KVM_GET_API_VERSION");
        }
    }
    printf("%.2f\n", (double)(now_nanos() - begin) / count);
}
