package io.javisor.images;

/**
 * A file or a disk is not what it has to be for what it was given for: it can't be read, is damaged, or of another kind. The message is one line
 * for the user: it names the file or the option, and what is wrong with it.
 */
public class ImageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public ImageException(String message) {
        super(message);
    }
}
