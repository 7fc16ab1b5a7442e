package io.javisor.firmware.layout;

import io.javisor.images.ImageException;

/** The images are sound, and still the guest can't be started with what the user asked for. The message names the option, in one line. */
public final class BootException extends ImageException {
    private static final long serialVersionUID = 1L;

    public BootException(String message) {
        super(message);
    }
}
