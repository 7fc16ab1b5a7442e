package io.javisor.oci.registry;

import io.javisor.core.text.Printable;
import io.javisor.oci.OciException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Where a user's files are (XDG base directory specification 0.8). */
final class UserFiles {
    private UserFiles() {}

    /** {@code ${XDG_CONFIG_HOME:-~/.config}}; a relative path is no place, as the specification says. */
    static Optional<Path> config(Map<String, String> environment) {
        return absolute(environment, "XDG_CONFIG_HOME")
                .or(() -> home(environment).map(home -> home.resolve(".config")));
    }

    static Optional<Path> home(Map<String, String> environment) {
        return absolute(environment, "HOME");
    }

    /** The path that a variable has, if it is absolute. */
    static Optional<Path> absolute(Map<String, String> environment, String variable) {
        String value = environment.getOrDefault(variable, "");
        return value.startsWith("/") ? Optional.of(Path.of(value)) : Optional.empty();
    }

    /**
     * A whole file; empty if it is not there.
     *
     * @throws OciException in one line, if it can't be read or is longer than {@code max} bytes
     */
    static Optional<byte[]> read(Path path, int max) {
        try (InputStream in = Files.newInputStream(path)) {
            byte[] bytes = in.readNBytes(max + 1);
            if (bytes.length > max) {
                throw new OciException(path + " has more than " + max + " bytes");
            }
            return Optional.of(bytes);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new OciException(path + " can't be read: " + words(e), e);
        }
    }

    /** Why, without the path, which comes first in such messages. */
    static String words(IOException e) {
        return switch (e) {
            case AccessDeniedException _ -> "permission denied";
            case NotDirectoryException _ -> "not a directory";
            case FileSystemException f when f.getReason() != null -> Printable.line(f.getReason());
            default -> Printable.line(String.valueOf(e.getMessage()));
        };
    }
}
