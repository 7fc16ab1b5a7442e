// From the signal on an irqfd to the port write of the guest's handler.
#include "baseline.h"
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { READY_PORT = 0x200, SEEN_PORT = 0x201, IRQ = 4 };

struct guest {
    struct vm vm;
    int event_fd;
    _Atomic int64_t seen;
    atomic_bool ready;
};

static void *run(void *argument) {
    struct guest *guest = argument;
    struct kvm_run *run = guest->vm.run;
    for (;;) {
        if (ioctl(guest->vm.vcpu, KVM_RUN, 0) < 0) {
            if (errno == EINTR) {
                continue;
            }
            fail("KVM_RUN");
        }
        if (run->exit_reason == KVM_EXIT_IO && run->io.port == SEEN_PORT) {
            atomic_store(&guest->seen, now_nanos());
        } else if (run->exit_reason == KVM_EXIT_IO && run->io.port == READY_PORT) {
            atomic_store(&guest->ready, 1);
        } else {
            fprintf(stderr, "baseline: exit reason %u\n", run->exit_reason);
            exit(1);
        }
    }
    return NULL;
}

// Guests live until the program ends: their threads are in KVM_RUN.
static struct guest *start(const char *kind) {
    struct guest *guest = calloc(1, sizeof *guest);
    vm_open(&guest->vm, REAL_MODE, 1, 0x10000);
    vm_load(&guest->vm, kind);
    vm_load(&guest->vm, "irq-handler");
    vm_load(&guest->vm, "irq-vector");
    guest->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    struct kvm_irqfd irqfd = {.fd = guest->event_fd, .gsi = IRQ};
    call(guest->vm.fd, KVM_IRQFD, (uintptr_t)&irqfd, "KVM_IRQFD");
    pthread_t thread;
    if ((errno = pthread_create(&thread, NULL, run, guest)) != 0) {
        fail("pthread_create");
    }
    while (!atomic_load(&guest->ready)) {
        usleep(100);
    }
    return guest;
}

void interrupts_command(const char *kind, long count) {
    struct guest *guest = start(kind);
    const uint64_t one = 1;
    for (long i = 0; i < count; i++) {
        usleep(1000); // a halted vCPU sleeps by then; KVM polls for 0.2 ms at most
        atomic_store(&guest->seen, 0);
        int64_t begin = now_nanos();
        if (write(guest->event_fd, &one, sizeof one) != sizeof one) {
            fail("write(irqfd)");
        }
        int64_t seen;
        while ((seen = atomic_load(&guest->seen)) == 0) {
            __builtin_ia32_pause();
            if (now_nanos() - begin > 5000000000LL) {
                fprintf(stderr, "baseline: no interrupt\n");
                exit(1);
            }
        }
        printf("%ld%c", (long)(seen - begin), i == count - 1 ? '\n' : ' ');
    }
}
