package io.javisor.oci.tree;

/** An entry of a layer does not fit what is there; the message says how, and not of which one. */
final class TreeException extends Exception {
    private static final long serialVersionUID = 1L;

    TreeException(String message) {
        super(message);
    }
}
