package io.javisor.machine.doctor;

import org.jspecify.annotations.Nullable;

/**
 * What one look at the host found.
 *
 * @param id a stable name in lower case, such as {@code kvm-device}
 * @param found what was seen, one line
 * @param remedy a shell command that mends it, with notes as shell comments; null if and only if the status is {@link Status#OK}
 */
public record Check(
        String id, Status status, String found, @Nullable String remedy) {
    /** How bad it is. */
    public enum Status {
        OK,
        /** Something is slower, smaller or missing that not every machine needs. */
        WARNING,
        /** No machine can run. */
        FAILURE
    }

    public Check {
        if ((remedy == null) != (status == Status.OK)) {
            throw new IllegalArgumentException(id + ": what is not ok has a remedy, and nothing else has");
        }
        if (found.lines().count() != 1 || (remedy != null && remedy.lines().count() != 1)) {
            throw new IllegalArgumentException(id + ": what was found and the remedy are one line each");
        }
    }

    public static Check ok(String id, String found) {
        return new Check(id, Status.OK, found, null);
    }

    public static Check warning(String id, String found, String remedy) {
        return new Check(id, Status.WARNING, found, remedy);
    }

    public static Check failure(String id, String found, String remedy) {
        return new Check(id, Status.FAILURE, found, remedy);
    }
}
