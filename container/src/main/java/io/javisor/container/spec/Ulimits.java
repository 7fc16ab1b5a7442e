package io.javisor.container.spec;

import io.javisor.container.spec.PrivilegesSpec.ResourceLimit;
import io.javisor.machine.config.ConfigException;
import java.util.List;

/** Limits of resources by docker's names (setrlimit(2)). */
final class Ulimits {
    /** By Linux's numbers. */
    private static final List<String> NAMES = List.of(
            "cpu",
            "fsize",
            "data",
            "stack",
            "core",
            "rss",
            "nproc",
            "nofile",
            "memlock",
            "as",
            "locks",
            "sigpending",
            "msgqueue",
            "nice",
            "rtprio",
            "rttime");

    private Ulimits() {}

    /** Reads {@code nofile=1024:2048}; -1 is no limit. */
    static ResourceLimit parse(String text) {
        int equals = text.indexOf('=');
        if (equals < 0) {
            throw wrong(text, "invalid ulimit argument: " + text);
        }
        int resource = NAMES.indexOf(text.substring(0, equals));
        if (resource < 0) {
            throw wrong(text, "invalid ulimit type: " + text.substring(0, equals));
        }
        String[] values = text.substring(equals + 1).split(":", -1);
        if (values.length > 2) {
            throw wrong(
                    text,
                    "too many limit value arguments - " + text.substring(equals + 1)
                            + ", can only have up to two, `soft[:hard]`");
        }
        long soft = value(text, values[0]);
        long hard = values.length == 1 ? soft : value(text, values[1]);
        if (Long.compareUnsigned(soft, hard) > 0) {
            throw wrong(
                    text,
                    "ulimit soft limit must be less than or equal to hard limit: " + values[0] + " > "
                            + values[values.length - 1]);
        }
        return new ResourceLimit(resource, soft, hard);
    }

    private static long value(String text, String digits) {
        if (!digits.matches("-1|[0-9]{1,18}")) {
            throw wrong(text, "it is no number: " + ContainerOptions.quoted(digits));
        }
        return Long.parseLong(digits);
    }

    private static ConfigException wrong(String text, String why) {
        return ContainerOptions.invalid(ContainerOption.ULIMIT, text, why);
    }
}
