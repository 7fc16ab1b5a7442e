package io.javisor.oci.model;

import java.util.List;

/**
 * How to find out whether a container works (moby's docker-image-spec 1.3, "Healthcheck").
 *
 * @param test empty for the one inherited; else {@code NONE}, {@code CMD} and a program with its arguments, or {@code CMD-SHELL} and a shell's command
 * @param intervalNanos between two tests; in all of these, 0 stands for docker's default
 * @param timeoutNanos how long a test may take
 * @param startPeriodNanos how long failures don't count after a start
 * @param startIntervalNanos between two tests in the start period
 * @param retries after how many failures in a row the container is unhealthy
 */
public record Healthcheck(
        List<String> test,
        long intervalNanos,
        long timeoutNanos,
        long startPeriodNanos,
        long startIntervalNanos,
        int retries) {
    public Healthcheck {
        test = List.copyOf(test);
    }

    /** Whether there is nothing to run: none, or of a kind that is not known, which docker takes for none. */
    public boolean isNone() {
        return test.isEmpty()
                || !(test.getFirst().equals("CMD") || test.getFirst().equals("CMD-SHELL"));
    }
}
