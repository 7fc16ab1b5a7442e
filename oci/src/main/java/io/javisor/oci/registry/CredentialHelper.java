package io.javisor.oci.registry;

import io.javisor.core.text.Printable;
import io.javisor.oci.OciException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import tools.jackson.databind.node.ObjectNode;

/**
 * A program that keeps credentials, such as {@code docker-credential-pass} (docker's docker-credential-helpers): it is
 * told on its standard input what to look for and answers in JSON. It runs with no shell between, for a limited time.
 */
final class CredentialHelper {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
    private static final int OUTPUT_MAX = 64 << 10;
    private static final int INPUT_MAX = 32 << 10;
    private static final long POLL_MILLIS = 5;
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private final String name;
    private final Path program;
    private final Duration timeout;

    private CredentialHelper(String name, Path program, Duration timeout) {
        this.name = name;
        this.program = program;
        this.timeout = timeout;
    }

    /**
     * The helper of a name; empty if no program of {@code PATH} is it.
     *
     * @throws OciException if the name, which a file has, is none
     */
    static Optional<CredentialHelper> find(String name, Map<String, String> environment) {
        return find(name, environment, TIMEOUT);
    }

    static Optional<CredentialHelper> find(String name, Map<String, String> environment, Duration timeout) {
        if (!NAME.matcher(name).matches()) {
            throw new OciException("invalid name of a credential helper: " + Printable.of(Printable.quoted(name, 64)));
        }
        String program = "docker-credential-" + name;
        for (String directory : environment.getOrDefault("PATH", "").split(":", -1)) {
            Path path = directory.startsWith("/") ? Path.of(directory, program) : null;
            if (path != null && Files.isRegularFile(path) && Files.isExecutable(path)) {
                return Optional.of(new CredentialHelper(program, path, timeout));
            }
        }
        return Optional.empty();
    }

    /** What it has for a server; empty if it has nothing. */
    Optional<Credentials.Login> get(String server) {
        Answer answer = run("get", server);
        if (answer.status() != 0) {
            if (answer.words().contains("credentials not found")) {
                return Optional.empty();
            }
            throw failed("get", answer);
        }
        ObjectNode found = JsonText.object(answer.output().getBytes(StandardCharsets.UTF_8))
                .orElseThrow(() -> new OciException("error getting credentials: " + name + " gives no JSON object"));
        String user = JsonText.string(found, "Username").orElse("");
        String secret = JsonText.string(found, "Secret").orElse("");
        return secret.isEmpty() ? Optional.empty() : Optional.of(new Credentials.Login(user, secret));
    }

    void store(String server, Credentials.Login login) {
        ObjectNode entry = JsonText.MAPPER
                .createObjectNode()
                .put("ServerURL", server)
                .put("Username", login.username())
                .put("Secret", login.secret());
        Answer answer = run("store", entry.toString());
        if (answer.status() != 0) {
            throw failed("store", answer);
        }
    }

    /** Whether it had something. */
    boolean erase(String server) {
        boolean there = get(server).isPresent();
        if (there) {
            Answer answer = run("erase", server);
            if (answer.status() != 0) {
                throw failed("erase", answer);
            }
        }
        return there;
    }

    private OciException failed(String verb, Answer answer) {
        String words = answer.words().isEmpty() ? "status " + answer.status() : answer.words();
        return new OciException("error getting credentials: " + name + " " + verb + ": " + words);
    }

    private record Answer(int status, String output) {
        /** Without the output, which may be a secret. */
        @Override
        public String toString() {
            return "Answer[status=" + status + "]";
        }

        /** What it says if it fails, which docker's helpers do on standard output. */
        String words() {
            return Printable.asciiLine(output.strip());
        }
    }

    private Answer run(String verb, String input) {
        byte[] told = input.getBytes(StandardCharsets.UTF_8);
        if (told.length > INPUT_MAX) {
            throw new OciException("error getting credentials: " + name + " " + verb + ": the secret has more than "
                    + INPUT_MAX + " bytes");
        }
        Process process;
        try {
            process = new ProcessBuilder(program.toString(), verb)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            throw new OciException("error getting credentials: " + program + " can't be run", e);
        }
        try (InputStream out = process.getInputStream()) {
            tell(process, told);
            return collect(process, out, verb);
        } catch (IOException e) {
            throw new OciException(
                    "error getting credentials: " + name + " " + verb + ": "
                            + Printable.line(String.valueOf(e.getMessage())),
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new OciException("error getting credentials: " + name + " " + verb + ": interrupted", e);
        } finally {
            process.destroyForcibly();
        }
    }

    /** It fits into a pipe, so that this does not wait; a program that does not read it is no fault. */
    private static void tell(Process process, byte[] input) {
        try (OutputStream in = process.getOutputStream()) {
            in.write(input);
        } catch (IOException e) {
            // Its answer tells.
        }
    }

    private Answer collect(Process process, InputStream out, String verb) throws IOException, InterruptedException {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        long end = System.nanoTime() + timeout.toNanos();
        boolean ended = false;
        while (true) {
            int there = out.available();
            if (there > 0) {
                output.write(out.readNBytes(Math.min(there, OUTPUT_MAX)));
                if (output.size() > OUTPUT_MAX) {
                    throw new IOException("it says more than " + OUTPUT_MAX + " bytes");
                }
            } else if (ended) {
                return new Answer(process.exitValue(), output.toString(StandardCharsets.UTF_8));
            } else {
                ended = process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS);
                if (!ended && System.nanoTime() - end > 0) {
                    throw new OciException("error getting credentials: " + name + " " + verb + " does not end within "
                            + timeout.toSeconds() + " s");
                }
            }
        }
    }
}
