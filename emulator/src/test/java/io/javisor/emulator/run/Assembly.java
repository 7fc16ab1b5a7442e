package io.javisor.emulator.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The GNU assembler. */
public final class Assembly {
    private Assembly() {}

    /** The code of a source in AT&T's syntax, for wherever it is put. */
    public static byte[] assemble(String source) throws IOException, InterruptedException {
        Path directory = Files.createTempDirectory("runs");
        try {
            Path text = Files.writeString(directory.resolve("a.s"), source + "\n");
            Path object = directory.resolve("a.o");
            Path binary = directory.resolve("a.bin");
            command("as", "-o", object.toString(), text.toString());
            command("objcopy", "-O", "binary", object.toString(), binary.toString());
            return Files.readAllBytes(binary);
        } finally {
            try (var files = Files.list(directory)) {
                files.forEach(file -> {
                    try {
                        Files.delete(file);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
            }
            Files.delete(directory);
        }
    }

    private static void command(String... words) throws IOException, InterruptedException {
        if (new ProcessBuilder(words).inheritIO().start().waitFor() != 0) {
            throw new IOException(words[0] + " fails");
        }
    }
}
