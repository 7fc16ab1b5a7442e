package io.javisor.images.grub;

/** What a script does from here on can't be known. An entry whose script it is does not boot; nor does a file. */
final class GrubUnclear extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String reason;

    /** @param reason file, line and construct, in one line */
    GrubUnclear(String reason) {
        super(reason, null, false, false);
        this.reason = reason;
    }

    String reason() {
        return reason;
    }
}
