package io.javisor.container.spec;

import io.javisor.machine.config.ConfigException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** A file with variables or labels, a line each. It may be a pipe: it is read once. */
final class OptionFile {
    private OptionFile() {}

    /**
     * Its lines, without comments, empty ones and what is white before a name.
     *
     * @throws ConfigException with docker's words, if it can't be read
     */
    static List<String> lines(String file) {
        try {
            String text = Files.readString(Path.of(file));
            return (text.startsWith("\ufeff") ? text.substring(1) : text)
                    .lines()
                    .map(String::stripLeading)
                    .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                    .toList();
        } catch (NoSuchFileException e) {
            throw new ConfigException("open " + file + ": no such file or directory", e);
        } catch (CharacterCodingException e) {
            throw new ConfigException(file + " contains invalid utf8 bytes", e);
        } catch (IOException | RuntimeException e) {
            throw new ConfigException("open " + ContainerOptions.quoted(file) + ": " + e.getMessage(), e);
        }
    }
}
