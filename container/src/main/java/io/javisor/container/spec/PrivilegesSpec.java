package io.javisor.container.spec;

import java.util.List;

/**
 * What a process may do.
 *
 * @param capabilities a mask by Linux's numbers
 * @param noNewPrivileges whether programs give it no more, such as by a set-user-ID bit
 * @param unconfined whether no system call is filtered
 * @param unmasked whether nothing of {@code /proc} and {@code /sys} is hidden or read-only
 * @param limits of resources
 */
public record PrivilegesSpec(
        long capabilities, boolean noNewPrivileges, boolean unconfined, boolean unmasked, List<ResourceLimit> limits) {
    public PrivilegesSpec {
        limits = List.copyOf(limits);
    }

    /**
     * A limit of setrlimit(2).
     *
     * @param resource Linux's number
     * @param soft unsigned; all ones is no limit
     * @param hard as {@code soft}
     */
    public record ResourceLimit(int resource, long soft, long hard) {}
}
