package io.javisor.firmware.image;

/**
 * The guest cannot be started with what the user asked for. The message is one line for the user: it names the file or the option,
 * and what is wrong with it.
 */
public final class BootException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public BootException(String message) {
        super(message);
    }
}
