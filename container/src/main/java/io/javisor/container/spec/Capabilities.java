package io.javisor.container.spec;

import io.javisor.machine.config.ConfigException;
import java.util.List;
import java.util.Locale;

/** Linux's capabilities by their names (include/uapi/linux/capability.h). */
public final class Capabilities {
    private static final List<String> NAMES = List.of(
            "CHOWN",
            "DAC_OVERRIDE",
            "DAC_READ_SEARCH",
            "FOWNER",
            "FSETID",
            "KILL",
            "SETGID",
            "SETUID",
            "SETPCAP",
            "LINUX_IMMUTABLE",
            "NET_BIND_SERVICE",
            "NET_BROADCAST",
            "NET_ADMIN",
            "NET_RAW",
            "IPC_LOCK",
            "IPC_OWNER",
            "SYS_MODULE",
            "SYS_RAWIO",
            "SYS_CHROOT",
            "SYS_PTRACE",
            "SYS_PACCT",
            "SYS_ADMIN",
            "SYS_BOOT",
            "SYS_NICE",
            "SYS_RESOURCE",
            "SYS_TIME",
            "SYS_TTY_CONFIG",
            "MKNOD",
            "LEASE",
            "AUDIT_WRITE",
            "AUDIT_CONTROL",
            "SETFCAP",
            "MAC_OVERRIDE",
            "MAC_ADMIN",
            "SYSLOG",
            "WAKE_ALARM",
            "BLOCK_SUSPEND",
            "AUDIT_READ",
            "PERFMON",
            "BPF",
            "CHECKPOINT_RESTORE");

    /** All of them. */
    public static final long ALL = (1L << NAMES.size()) - 1;

    /** Docker's: CHOWN, DAC_OVERRIDE, FOWNER, FSETID, KILL, SETGID, SETUID, SETPCAP, NET_BIND_SERVICE, NET_RAW, SYS_CHROOT, MKNOD, AUDIT_WRITE and SETFCAP. */
    public static final long DEFAULT = 0xa80425fbL;

    private static final String EVERY = "ALL";

    private Capabilities() {}

    /**
     * The default ones and what is said of others. ALL is all but those that the other list names.
     *
     * @throws ConfigException naming one that is none
     */
    static long of(List<String> added, List<String> dropped) {
        long add = mask("CapAdd", added);
        long drop = mask("CapDrop", dropped);
        boolean addsAll = hasAll(added);
        boolean dropsAll = hasAll(dropped);
        if (addsAll) {
            return dropsAll ? add : ALL & ~drop;
        }
        return dropsAll ? add : (DEFAULT | add) & ~drop;
    }

    private static boolean hasAll(List<String> names) {
        return names.stream().anyMatch(name -> name.equalsIgnoreCase(EVERY));
    }

    /** Without ALL. */
    private static long mask(String list, List<String> names) {
        long mask = 0;
        for (String name : names) {
            if (!name.equalsIgnoreCase(EVERY)) {
                String plain = name.toUpperCase(Locale.ROOT);
                int number = NAMES.indexOf(plain.startsWith("CAP_") ? plain.substring("CAP_".length()) : plain);
                if (number < 0) {
                    throw new ConfigException("invalid " + list + ": unknown capability: "
                            + ContainerOptions.quoted(plain.startsWith("CAP_") ? plain : "CAP_" + plain));
                }
                mask |= 1L << number;
            }
        }
        return mask;
    }
}
