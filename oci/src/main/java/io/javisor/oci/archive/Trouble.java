package io.javisor.oci.archive;

import io.javisor.core.text.Printable;
import io.javisor.oci.OciException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** What the host's files have to say, in one line. */
final class Trouble {
    private Trouble() {}

    /** The exception that says of {@code name}, a printable line, what went wrong with it. */
    static OciException with(String name, IOException failure) {
        return new OciException(name + ": " + words(failure), failure);
    }

    private static String words(IOException failure) {
        return switch (failure) {
            case NoSuchFileException _ -> "no such file or directory";
            case AccessDeniedException _ -> "permission denied";
            case NotDirectoryException _ -> "not a directory";
            case FileSystemException e when e.getReason() != null -> Printable.line(e.getReason());
            case IOException e when e.getMessage() != null -> Printable.line(e.getMessage());
            default -> failure.getClass().getSimpleName();
        };
    }
}
