package io.javisor.oci.layer;

/** Something of a layer can't be in a file system; the message says what, and not of which file. */
final class LayerSyntaxException extends Exception {
    private static final long serialVersionUID = 1L;

    LayerSyntaxException(String message) {
        super(message);
    }
}
