package io.javisor.benchmarks;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/** The C program of {@code benchmarks/baseline} as a process that answers one command after the other. */
final class Baseline implements AutoCloseable {
    /** System property: the program. */
    static final String PROGRAM = "javisor.benchmarks.baseline";

    /** System property: the directory of the guests' listings. */
    static final String LISTINGS = "javisor.benchmarks.listings";

    private final Process process;
    private final BufferedWriter commands;
    private final BufferedReader answers;

    Baseline(Path program, Path listings) {
        try {
            process = new ProcessBuilder(program.toString(), "serve", listings.toString())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        commands = process.outputWriter(StandardCharsets.US_ASCII);
        answers = process.inputReader(StandardCharsets.US_ASCII);
    }

    /** Starts the program that the system properties name. */
    static Baseline start() {
        return new Baseline(Path.of(required(PROGRAM)), Path.of(required(LISTINGS)));
    }

    static String required(String property) {
        String value = System.getProperty(property);
        if (value == null) {
            throw new IllegalStateException("-D" + property + " is missing");
        }
        return value;
    }

    /** Sends a command and waits for the numbers of its answer. */
    double[] ask(String command) {
        try {
            commands.write(command);
            commands.newLine();
            commands.flush();
            String answer = answers.readLine();
            if (answer == null) {
                throw new IllegalStateException("the C baseline ended at: " + command);
            }
            return Arrays.stream(answer.strip().split(" ", -1))
                    .mapToDouble(Double::parseDouble)
                    .toArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            commands.close(); // end of input ends it
            int _ = process.waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            process.destroyForcibly();
        }
    }
}
