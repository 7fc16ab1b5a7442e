package io.javisor.testkit.junit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Programs of Debian's that tests compare with. */
public final class HostTool {
    private HostTool() {}

    /** Skips the test where the program is not installed, or fails it where {@code CI=true}. */
    public static void require(String program, String debianPackage) {
        boolean found = find(program).isPresent();
        String message = program + " is not there: install " + debianPackage;
        if (!found && "true".equals(System.getenv("CI"))) {
            fail(message);
        }
        assumeTrue(found, message);
    }

    /** Debian keeps some programs where a user's PATH does not lead. */
    private static Optional<Path> find(String program) {
        return Stream.concat(
                        Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator)),
                        Stream.of("/usr/sbin", "/sbin"))
                .map(entry -> Path.of(entry, program))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** Runs a program that was required, with {@code input}; gives what it printed. Fails if it does, or takes a minute. */
    public static String run(Path directory, String input, String... command) {
        List<String> words = new ArrayList<>(List.of(command));
        words.set(0, find(command[0]).orElseThrow().toString());
        try {
            Path in = Files.writeString(directory.resolve("tool.in"), input);
            Path log = directory.resolve("tool.log");
            Process process = new ProcessBuilder(words)
                    .directory(directory.toFile())
                    .redirectInput(in.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                fail(words + " does not end");
            }
            String output = Files.readString(log, StandardCharsets.ISO_8859_1);
            assertEquals(0, process.exitValue(), words + ": " + output);
            return output;
        } catch (IOException e) {
            return fail(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return fail(e);
        }
    }
}
