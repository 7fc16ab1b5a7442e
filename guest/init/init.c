// /init of the default guest: mounts the pseudo file systems, runs one shell on the console, reaps orphans, and
// powers off or restarts the machine.
//
// Freestanding (no C library), and everything in one process but the shell: on a software-virtualised host each
// program start costs seconds, and so does each page that a larger program would touch.

#include <asm/termbits.h>
#include <fcntl.h>
#include <linux/input.h>
#include <linux/reboot.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define ENVIRONMENT_MAX 64

// ---- system calls ----

static long call(long number, long a, long b, long c, long d, long e)
{
    long result;
    register long r10 asm("r10") = d;
    register long r8 asm("r8") = e;

    asm volatile("syscall"
                 : "=a"(result)
                 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
                 : "rcx", "r11", "memory");
    return result;
}

#define CALL(name, a, b, c, d, e) \
    call(__NR_##name, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e))

static int open_file(const char *path, int flags)
{
    return CALL(open, path, flags, 0, 0, 0);
}

static int mount_new(const char *type, const char *path, unsigned long flags, const char *options)
{
    CALL(mkdir, path, 0755, 0, 0, 0);
    return CALL(mount, type, path, type, flags, options);
}

// ---- strings (the compiler may call memcpy and memset by itself) ----

void *memcpy(void *to, const void *from, size_t count)
{
    void *result = to;

    asm volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(count) : : "memory");
    return result;
}

void *memset(void *to, int value, size_t count)
{
    void *result = to;

    asm volatile("rep stosb" : "+D"(to), "+c"(count) : "a"(value) : "memory");
    return result;
}

static size_t length(const char *text)
{
    size_t n = 0;

    while (text[n])
        n++;
    return n;
}

static int starts_with(const char *text, const char *prefix)
{
    while (*prefix)
        if (*text++ != *prefix++)
            return 0;
    return 1;
}

static void say(const char *text)
{
    CALL(write, 1, text, length(text), 0, 0);
}

// ---- console ----

// A process cannot get /dev/console itself as its controlling terminal, so find the device behind it.
static int open_terminal(void)
{
    char path[80] = "/dev/";
    char names[64];
    int list = open_file("/sys/class/tty/console/active", O_RDONLY);
    long count = CALL(read, list, names, sizeof(names), 0, 0);
    long start;

    CALL(close, list, 0, 0, 0, 0);
    if (count <= 0)
        return -1;
    names[--count] = '\0'; // was a newline
    // /dev/console leads to the last one of the list.
    for (start = count; start > 0 && names[start - 1] != ' '; start--)
        ;
    memcpy(path + length(path), names + start, count - start + 1);
    return open_file(path, O_RDWR);
}

static void set_sane(int terminal)
{
    struct termios mode;
    int lines = 0;

    if (CALL(ioctl, terminal, TCGETS, &mode, 0, 0) < 0)
        return;
    mode.c_iflag = BRKINT | ICRNL | IMAXBEL | IXON | IUTF8;
    mode.c_oflag = OPOST | ONLCR;
    mode.c_lflag = ISIG | ICANON | IEXTEN | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE;
    mode.c_cflag = (mode.c_cflag & (CBAUD | CLOCAL)) | CS8 | CREAD | HUPCL;
    // With flow control the driver drops RTS while its buffer is full, so that pasted input is not lost. Without a
    // peer that asserts CTS it would stop all output instead.
    if (CALL(ioctl, terminal, TIOCMGET, &lines, 0, 0) == 0 && (lines & TIOCM_CTS))
        mode.c_cflag |= CRTSCTS;
    CALL(ioctl, terminal, TCSETS, &mode, 0, 0);
}

// ---- shell ----

static char *environment[ENVIRONMENT_MAX + 1] = {
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME=/root",
    "SHELL=/bin/sh",
    "USER=root",
};

// What the kernel command line set (`TERM=xterm`, `GLIBC_TUNABLES=…`) goes on to the shell.
static void inherit_environment(char **given)
{
    int count = 4;

    for (; *given && count < ENVIRONMENT_MAX; given++)
        if (!starts_with(*given, "HOME=") && !starts_with(*given, "PATH="))
            environment[count++] = *given;
}

static int start_shell(void)
{
    static char *arguments[] = {"sh", NULL};
    unsigned long none = 0;
    int terminal;
    int child = CALL(fork, 0, 0, 0, 0, 0);

    if (child != 0)
        return child;
    CALL(setsid, 0, 0, 0, 0, 0);
    terminal = open_terminal();
    if (terminal >= 0) {
        CALL(ioctl, terminal, TIOCSCTTY, 0, 0, 0);
        set_sane(terminal);
        for (int fd = 0; fd < 3; fd++)
            CALL(dup2, terminal, fd, 0, 0, 0);
        if (terminal > 2)
            CALL(close, terminal, 0, 0, 0, 0);
    }
    CALL(chdir, "/root", 0, 0, 0, 0);
    CALL(rt_sigprocmask, SIG_SETMASK, &none, NULL, sizeof(none), 0);
    CALL(execve, "/bin/sh", arguments, environment, 0, 0);
    say("init: cannot start /bin/sh\n");
    CALL(exit, 127, 0, 0, 0, 0);
    return 0;
}

// ---- power button ----

// ACPI's power button is an input device; a kernel without ACPI has none. The watcher asks process 1 to power off, as
// poweroff(8) does.
static void watch_power_button(void)
{
    char path[] = "/dev/input/event0";
    struct pollfd inputs[8];
    struct input_event event;
    int count;

    if (CALL(access, path, R_OK, 0, 0, 0) < 0 || CALL(fork, 0, 0, 0, 0, 0) != 0)
        return;
    CALL(setsid, 0, 0, 0, 0, 0);
    for (count = 0; count < 8; count++) {
        path[sizeof(path) - 2] = '0' + count;
        inputs[count].fd = open_file(path, O_RDONLY);
        inputs[count].events = POLLIN;
        if (inputs[count].fd < 0)
            break;
    }
    while (CALL(poll, inputs, count, -1, 0, 0) > 0)
        for (int i = 0; i < count; i++)
            if ((inputs[i].revents & POLLIN) &&
                CALL(read, inputs[i].fd, &event, sizeof(event), 0, 0) == sizeof(event) &&
                event.type == EV_KEY && event.code == KEY_POWER && event.value == 1)
                CALL(kill, 1, SIGUSR2, 0, 0, 0);
    CALL(exit, 1, 0, 0, 0, 0);
}

// ---- shutdown ----

// Block devices only: what they hold must be whole at the next start. Deepest mounts are last in the list.
static void unmount_disks(void)
{
    static char list[16384];
    int file = open_file("/proc/self/mounts", O_RDONLY);
    long count = 0;
    long got;

    while ((got = CALL(read, file, list + count, sizeof(list) - 1 - count, 0, 0)) > 0)
        count += got;
    CALL(close, file, 0, 0, 0, 0);
    while (count > 0) {
        char *path;
        long end = count - 1;
        long start = end;

        while (start > 0 && list[start - 1] != '\n')
            start--;
        count = start;
        if (!starts_with(list + start, "/dev/"))
            continue;
        for (path = list + start; *path != ' '; path++)
            ;
        path++;
        for (end = path - list; list[end] != ' '; end++)
            ;
        list[end] = '\0';
        if (CALL(umount2, path, 0, 0, 0, 0) < 0)
            CALL(mount, NULL, path, NULL, MS_REMOUNT | MS_RDONLY, NULL);
    }
}

// True when no child is left.
static int reap_all(void)
{
    long pid;

    do
        pid = CALL(wait4, -1, NULL, WNOHANG, NULL, 0);
    while (pid > 0);
    return pid < 0;
}

static void end_all_processes(unsigned long waited_for)
{
    static const int signals[] = {SIGTERM, SIGHUP, SIGCONT, SIGKILL};
    struct timespec second = {.tv_sec = 1};

    for (int i = 0; i < 4; i++)
        if (CALL(kill, -1, signals[i], 0, 0, 0) < 0)
            return;
        else if (signals[i] == SIGCONT)
            for (int tries = 0; tries < 5 && !reap_all(); tries++)
                CALL(rt_sigtimedwait, &waited_for, NULL, &second, sizeof(waited_for), 0);
}

static void leave(unsigned int command, unsigned long waited_for)
{
    end_all_processes(waited_for);
    CALL(sync, 0, 0, 0, 0, 0);
    unmount_disks();
    CALL(reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, command, NULL, 0);
}

// ---- start ----

static void set_up(void)
{
    static const char host[] = "javisor";
    struct ifreq loopback = {.ifr_name = "lo"};
    int fd;

    mount_new("devtmpfs", "/dev", MS_NOSUID, "mode=0755");
    mount_new("proc", "/proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
    mount_new("sysfs", "/sys", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
    mount_new("devpts", "/dev/pts", MS_NOSUID | MS_NOEXEC, "gid=5,mode=620,ptmxmode=666");
    mount_new("tmpfs", "/run", MS_NOSUID | MS_NODEV, "mode=0755");
    mount_new("tmpfs", "/tmp", MS_NOSUID | MS_NODEV, "mode=1777");
    CALL(sethostname, host, sizeof(host) - 1, 0, 0, 0);

    fd = CALL(socket, AF_INET, SOCK_DGRAM, 0, 0, 0);
    loopback.ifr_flags = IFF_UP;
    CALL(ioctl, fd, SIOCSIFFLAGS, &loopback, 0, 0);
    CALL(close, fd, 0, 0, 0, 0);
}

#define BIT(signal) (1UL << ((signal)-1))

__attribute__((noreturn, used)) static void run(long *stack)
{
    // Blocked and waited for: the kernel drops signals to process 1 that have no handler, but keeps blocked ones.
    unsigned long waited_for = BIT(SIGCHLD) | BIT(SIGUSR1) | BIT(SIGUSR2) | BIT(SIGTERM);
    int shell;

    say("javisor guest ready\n");
    CALL(rt_sigprocmask, SIG_SETMASK, &waited_for, NULL, sizeof(waited_for), 0);
    inherit_environment((char **)(stack + stack[0] + 2));
    set_up();
    watch_power_button();
    shell = start_shell();
    for (;;) {
        long pid;

        switch (CALL(rt_sigtimedwait, &waited_for, NULL, NULL, sizeof(waited_for), 0)) {
        case SIGUSR1:
            leave(LINUX_REBOOT_CMD_HALT, waited_for);
            break;
        case SIGUSR2:
            leave(LINUX_REBOOT_CMD_POWER_OFF, waited_for);
            break;
        case SIGTERM:
            leave(LINUX_REBOOT_CMD_RESTART, waited_for);
            break;
        case SIGCHLD:
            while ((pid = CALL(wait4, -1, NULL, WNOHANG, NULL, 0)) > 0)
                if (pid == shell)
                    leave(LINUX_REBOOT_CMD_POWER_OFF, waited_for);
            break;
        }
    }
}

// The kernel starts a program with argc, argv and the environment on its stack.
asm(".globl _start\n"
    "_start:\n"
    "    mov %rsp, %rdi\n"
    "    and $-16, %rsp\n"
    "    call run\n");
