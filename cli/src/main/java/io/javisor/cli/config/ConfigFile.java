package io.javisor.cli.config;

import io.javisor.machine.config.ConfigException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** A machine's settings in a JSON file, as {@link ConfigSchema} describes it. */
public final class ConfigFile {
    /** Many times what all keys need; a larger file is something else. */
    public static final int MAX_BYTES = 64 << 10;

    private ConfigFile() {}

    /**
     * Reads a file. Relative paths in it start from its directory.
     *
     * @throws ConfigException if it can't be read, or is not what the schema describes: with the file's line and column
     */
    public static MachineSettings read(Path file) {
        Path directory = file.getParent();
        return ConfigReader.read(file.toString(), text(file), directory == null ? Path.of("") : directory);
    }

    private static String text(Path file) {
        if (Files.isDirectory(file)) {
            throw new ConfigException("config " + file + " is a directory; give the file in it");
        }
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(MAX_BYTES + 1);
        } catch (NoSuchFileException e) {
            throw new ConfigException("config " + file + " does not exist", e);
        } catch (AccessDeniedException e) {
            throw new ConfigException("config " + file + " is not readable; try: sudo chmod a+r " + file, e);
        } catch (IOException e) {
            throw new ConfigException("config " + file + " can't be read: " + e.getMessage(), e);
        }
        if (bytes.length > MAX_BYTES) {
            throw new ConfigException("config " + file + " is too large: more than " + (MAX_BYTES >> 10) + " KiB");
        }
        try {
            // The decoder of a new String would replace what is wrong instead.
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            return text.startsWith("\uFEFF") ? text.substring(1) : text; // a byte order mark, RFC 8259 §8.1
        } catch (CharacterCodingException e) {
            throw new ConfigException("config " + file + " is not UTF-8 text", e);
        }
    }
}
