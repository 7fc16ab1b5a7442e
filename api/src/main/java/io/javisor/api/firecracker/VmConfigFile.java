package io.javisor.api.firecracker;

import io.javisor.api.Fault;
import io.javisor.api.json.Json;
import io.javisor.machine.config.ConfigException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** A microVM in a JSON file, in Firecracker's form. Paths in it start, as there, from the working directory. */
public final class VmConfigFile {
    private static final int MAX_BYTES = 1 << 20;

    private VmConfigFile() {}

    /**
     * Describes the microVM of {@code routes} as the file does, and starts it. Requests that come meanwhile wait.
     *
     * @throws ConfigException naming the file, if it is none or its machine can't be started
     */
    public static void start(Path file, FirecrackerRoutes routes) {
        String text = read(file);
        try {
            routes.configure(Json.object("the file", text));
        } catch (Fault e) {
            throw new ConfigException("config " + file + ": " + e.getMessage(), e);
        }
    }

    private static String read(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw new ConfigException("config " + file + " is too large: more than " + (MAX_BYTES >> 20) + " MiB");
            }
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (NoSuchFileException e) {
            throw new ConfigException("config " + file + " does not exist", e);
        } catch (CharacterCodingException e) {
            throw new ConfigException("config " + file + " is not UTF-8 text", e);
        } catch (IOException e) {
            throw new ConfigException("config " + file + " can't be read: " + e.getMessage(), e);
        }
    }
}
