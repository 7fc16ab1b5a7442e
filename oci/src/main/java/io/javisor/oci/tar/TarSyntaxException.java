package io.javisor.oci.tar;

/** An archive is damaged; the message says how, and not where. */
final class TarSyntaxException extends Exception {
    private static final long serialVersionUID = 1L;

    TarSyntaxException(String message) {
        super(message);
    }
}
