// From the signal on an irqfd to the port write of the guest's handler.
#include "baseline.h"
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
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
    int64_t seen; // published by the semaphore
    sem_t done;
    atomic_bool ready;
    atomic_bool stop;
    pthread_t thread;
};

static void *run(void *argument) {
    struct guest *guest = argument;
    struct kvm_run *run = guest->vm.run;
    for (;;) {
        if (ioctl(guest->vm.vcpu, KVM_RUN, 0) < 0) {
            if (errno == EINTR) {
                if (atomic_load(&guest->stop)) {
                    return NULL;
                }
                continue;
            }
            fail("KVM_RUN");
        }
        if (run->exit_reason == KVM_EXIT_IO && run->io.port == SEEN_PORT) {
            guest->seen = now_nanos();
            sem_post(&guest->done);
        } else if (run->exit_reason == KVM_EXIT_IO && run->io.port == READY_PORT) {
            atomic_store(&guest->ready, 1);
        } else {
            fprintf(stderr, "baseline: exit reason %u\n", run->exit_reason);
            exit(1);
        }
    }
    return NULL;
}

static void wake_up(int signal) {
    (void)signal;
}

static struct guest *start(const char *kind) {
    struct guest *guest = calloc(1, sizeof *guest);
    sem_init(&guest->done, 0, 0);
    vm_open(&guest->vm, REAL_MODE, 1, 0x10000);
    vm_load(&guest->vm, kind);
    vm_load(&guest->vm, "irq-handler");
    vm_load(&guest->vm, "irq-vector");
    guest->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    struct kvm_irqfd irqfd = {.fd = guest->event_fd, .gsi = IRQ};
    call(guest->vm.fd, KVM_IRQFD, (uintptr_t)&irqfd, "KVM_IRQFD");
    const struct sigaction action = {.sa_handler = wake_up}; // without SA_RESTART
    if (sigaction(SIGUSR1, &action, NULL) < 0) {
        fail("sigaction");
    }
    if ((errno = pthread_create(&guest->thread, NULL, run, guest)) != 0) {
        fail("pthread_create");
    }
    while (!atomic_load(&guest->ready)) {
        usleep(100);
    }
    return guest;
}

// One that went on would take processor time from what is measured next.
static void stop(struct guest *guest) {
    atomic_store(&guest->stop, 1);
    guest->vm.run->immediate_exit = 1;
    pthread_kill(guest->thread, SIGUSR1);
    pthread_join(guest->thread, NULL);
    close(guest->event_fd);
    vm_close(&guest->vm);
    sem_destroy(&guest->done);
    free(guest);
}

void interrupts_command(const char *kind, long count) {
    struct guest *guest = start(kind);
    const uint64_t one = 1;
    for (long i = 0; i < count; i++) {
        usleep(1000); // a halted vCPU sleeps by then; KVM polls for 0.2 ms at most
        int64_t begin = now_nanos();
        if (write(guest->event_fd, &one, sizeof one) != sizeof one) {
            fail("write(irqfd)");
        }
        // Asleep, not in a loop: KVM hands the signal to a kernel thread of this processor, which would wait for the loop's time slice.
        struct timespec deadline;
        clock_gettime(CLOCK_REALTIME, &deadline);
        deadline.tv_sec += 5;
        while (sem_timedwait(&guest->done, &deadline) < 0) {
            if (errno != EINTR) {
                fail("waiting for the interrupt");
            }
        }
        printf("%ld%c", (long)(guest->seen - begin), i == count - 1 ? '\n' : ' ');
    }
    stop(guest);
}
