package io.javisor.oci;

/** An image is there, but for other platforms than the one that is wanted. */
public final class PlatformException extends OciException {
    private static final long serialVersionUID = 1L;

    public PlatformException(String message) {
        super(message);
    }
}
