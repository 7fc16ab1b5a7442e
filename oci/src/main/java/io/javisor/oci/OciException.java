package io.javisor.oci;

import org.jspecify.annotations.Nullable;

/**
 * An image can't be named, fetched, checked, stored or sent. The message is one line for the user: it names the image or the place, says what is
 * wrong, in docker's words where docker has them, and what to do.
 */
public class OciException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public OciException(String message) {
        super(message);
    }

    public OciException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
