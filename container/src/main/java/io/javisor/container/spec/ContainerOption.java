package io.javisor.container.spec;

import java.util.List;

/** What a user may say of a container when it is made: docker's options, by their names. Those that may be given again are lists. */
public enum ContainerOption {
    ENV(Form.LIST, "NAME[=VALUE]", "Set a variable; without a value, to what it is here.", "-e", "--env"),
    ENV_FILE(Form.LIST, "FILE", "Set the variables of a file, a line each.", "--env-file"),
    ENTRYPOINT(
            Form.TEXT, "PROGRAM", "Run this in place of the image's program, without its arguments.", "--entrypoint"),
    USER(Form.TEXT, "USER[:GROUP]", "Run as this user: a name of the image's, or a number.", "-u", "--user"),
    GROUP_ADD(Form.LIST, "GROUP", "Be in this group too.", "--group-add"),
    WORKDIR(Form.TEXT, "DIR", "Start in this directory, which is made if it is missing.", "-w", "--workdir"),
    HOSTNAME(Form.TEXT, "NAME", "The host name (default: the ID).", "-h", "--hostname"),
    ADD_HOST(Form.LIST, "NAME:ADDRESS", "Add a line to /etc/hosts.", "--add-host"),
    DNS(Form.LIST, "ADDRESS", "Ask this name server instead of the host's.", "--dns"),
    DNS_SEARCH(Form.LIST, "DOMAIN", "Look up names in this domain too.", "--dns-search"),
    DNS_OPTION(Form.LIST, "OPTION", "An option of /etc/resolv.conf.", "--dns-option", "--dns-opt"),
    NETWORK(
            Form.TEXT,
            "user|none",
            "Reach the host's network by passt, or none (default: user).",
            "--network",
            "--net"),
    PUBLISH(
            Form.LIST,
            "[[ADDRESS:]PORT:]PORT[/udp]",
            "Have a port of the host lead to one of the container; without the first, a free one.",
            "-p",
            "--publish"),
    PUBLISH_ALL(Form.SWITCH, "", "Have a free port of the host lead to each exposed port.", "-P", "--publish-all"),
    EXPOSE(Form.LIST, "PORT[-PORT][/udp]", "Say that it listens on this port.", "--expose"),
    MEMORY(Form.TEXT, "SIZE", "Memory of its processes, such as 256M, 6M at least.", "-m", "--memory"),
    CPUS(Form.TEXT, "NUMBER", "How many processors' time it gets, such as 0.5.", "--cpus"),
    PIDS_LIMIT(Form.TEXT, "NUMBER", "How many processes it may have at once; -1 for any number.", "--pids-limit"),
    SHM_SIZE(Form.TEXT, "SIZE", "The size of /dev/shm (default: 64M).", "--shm-size"),
    ULIMIT(Form.LIST, "NAME=SOFT[:HARD]", "A limit of resources, such as nofile=1024.", "--ulimit"),
    READ_ONLY(Form.SWITCH, "", "Nothing can be written to its root file system.", "--read-only"),
    TMPFS(Form.LIST, "PATH[:OPTION...]", "Mount a file system in memory.", "--tmpfs"),
    INIT(Form.SWITCH, "", "Have a process 1 that hands signals on and reaps.", "--init"),
    CAP_ADD(Form.LIST, "NAME|ALL", "Give it a capability of Linux.", "--cap-add"),
    CAP_DROP(Form.LIST, "NAME|ALL", "Take a capability from it.", "--cap-drop"),
    SECURITY_OPT(
            Form.LIST,
            "OPTION",
            "no-new-privileges, seccomp=unconfined for all system calls, or systempaths=unconfined for all of /proc.",
            "--security-opt"),
    PRIVILEGED(Form.SWITCH, "", "All capabilities and system calls, nothing of /proc and /sys hidden.", "--privileged"),
    LABEL(Form.LIST, "NAME[=VALUE]", "A label.", "-l", "--label"),
    LABEL_FILE(Form.LIST, "FILE", "The labels of a file, a line each.", "--label-file"),
    STOP_SIGNAL(Form.TEXT, "SIGNAL", "What asks it to end (default: SIGTERM).", "--stop-signal"),
    STOP_TIMEOUT(Form.TEXT, "SECONDS", "When it is killed after that (default: 10); -1 for never.", "--stop-timeout"),
    HEALTH_CMD(Form.TEXT, "COMMAND", "A shell's command that succeeds when all is well.", "--health-cmd"),
    HEALTH_INTERVAL(Form.TEXT, "TIME", "Between two of them, such as 30s.", "--health-interval"),
    HEALTH_TIMEOUT(Form.TEXT, "TIME", "How long one may take.", "--health-timeout"),
    HEALTH_START_PERIOD(Form.TEXT, "TIME", "How long failures don't count at first.", "--health-start-period"),
    HEALTH_START_INTERVAL(Form.TEXT, "TIME", "Between two of them at first.", "--health-start-interval"),
    HEALTH_RETRIES(Form.TEXT, "NUMBER", "After how many failures it is unhealthy.", "--health-retries"),
    NO_HEALTHCHECK(Form.SWITCH, "", "Run no health check, whatever the image says.", "--no-healthcheck"),
    TTY(Form.SWITCH, "", "Give it a terminal.", "-t", "--tty"),
    INTERACTIVE(Form.SWITCH, "", "Keep its standard input open.", "-i", "--interactive"),
    ACCEL(Form.TEXT, "auto|kvm|software", "By what its machine runs.", "--accel"),
    KERNEL(Form.TEXT, "FILE", "A kernel in place of the default guest's.", "--kernel");

    /** How it is written. */
    public enum Form {
        /** Without a value. */
        SWITCH,
        /** With one; the last one counts. */
        TEXT,
        /** With one each time. */
        LIST
    }

    private final Form form;
    private final String paramLabel;
    private final String help;

    @SuppressWarnings("ImmutableEnumChecker") // List.of
    private final List<String> names;

    ContainerOption(Form form, String paramLabel, String help, String... names) {
        this.form = form;
        this.paramLabel = paramLabel;
        this.help = help;
        this.names = List.of(names);
    }

    public Form form() {
        return form;
    }

    /** What stands for the value in help; "" for a switch. */
    public String paramLabel() {
        return paramLabel;
    }

    /** A sentence. */
    public String help() {
        return help;
    }

    /** The short one first, if there is one. */
    public List<String> names() {
        return names;
    }

    /** As docker's messages have it: {@code -m, --memory}. */
    String label() {
        return names.getFirst().startsWith("--") ? names.getFirst() : names.getFirst() + ", " + names.get(1);
    }
}
