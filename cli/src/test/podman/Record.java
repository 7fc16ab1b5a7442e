import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Asks podman what {@code cases} has, and writes what it answered, an object of JSON a line, to {@code recorded}. Needs podman, runc, umoci and
 * busybox-static, and root: {@code java cli/src/test/podman/Record.java}.
 *
 * <p>Where standard error is podman's own word (125, 126, 127, or "Error: ..." at its beginning), which no other program need say so, it is recorded as null.
 */
final class Record {
    private static final Path HERE = Path.of("cli/src/test/podman");

    /** Of the container that commands are executed in. */
    private static final String RUNNING = "javisor-podman-table";

    private record Case(String verb, boolean often, List<String> words, String input) {}

    private record Answer(int status, byte[] output, byte[] errors) {}

    private final List<String> podman;

    private Record(Path work) {
        podman = List.of(
                "podman",
                "--runtime=runc",
                "--cgroup-manager=cgroupfs",
                "--storage-driver=vfs",
                "--root=" + work.resolve("root"),
                "--runroot=" + work.resolve("run"));
    }

    public static void main(String[] arguments) throws Exception {
        Path work = Files.createTempDirectory("javisor-podman");
        try {
            new Record(work).record(work);
        } finally {
            new ProcessBuilder("rm", "-rf", work.toString()).inheritIO().start().waitFor();
        }
    }

    private void record(Path work) throws Exception {
        Path images = Files.createDirectory(work.resolve("images"));
        if (new ProcessBuilder(HERE.resolve("images").toString(), images.toString())
                        .inheritIO()
                        .start()
                        .waitFor()
                != 0) {
            throw new IOException("the images can't be made");
        }
        for (String image : List.of("box", "words", "user")) {
            require(podman(
                    List.of(
                            "load",
                            "--quiet",
                            "--input",
                            images.resolve(image + ".tar").toString()),
                    ""));
        }
        require(podman(options("run", List.of("--detach", "--init", "--name", RUNNING, "box", "sleep", "100000")), ""));
        List<String> lines = new ArrayList<>();
        try {
            for (String line : Files.readAllLines(HERE.resolve("cases"))) {
                if (!line.isBlank() && !line.startsWith("#")) {
                    Case one = parse(line);
                    lines.add(json(one, podman(command(one), one.input)));
                    System.err.println(lines.getLast());
                }
            }
        } finally {
            podman(List.of("rm", "--force", "--time", "0", RUNNING), "");
        }
        Files.write(HERE.resolve("recorded"), lines);
    }

    private static List<String> command(Case one) {
        return switch (one.verb) {
            case "run" -> {
                List<String> words = new ArrayList<>(List.of("--rm"));
                words.addAll(one.words);
                yield options("run", words);
            }
            default -> {
                List<String> words = new ArrayList<>(List.of(one.verb));
                one.words.forEach(word -> words.add(word.equals("@") ? RUNNING : word));
                yield words;
            }
        };
    }

    /** What podman needs here: limits of its own are above those that a container's host may set, and javisor's network is no bridge. */
    private static List<String> options(String verb, List<String> words) {
        List<String> all = new ArrayList<>(List.of(verb, "--network=none"));
        if (words.stream().noneMatch(word -> word.startsWith("nofile="))) {
            all.add("--ulimit=nofile=1024:1024");
        }
        all.addAll(List.of("--ulimit=nproc=1024:1024", "--pull=never"));
        all.addAll(words);
        return all;
    }

    private Answer podman(List<String> words, String input) throws Exception {
        List<String> command = new ArrayList<>(podman);
        command.addAll(words);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().remove("UNSET_HERE");
        Process process = builder.start();
        CompletableFuture<byte[]> errors = CompletableFuture.supplyAsync(() -> {
            try {
                return process.getErrorStream().readAllBytes();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        try (var stdin = process.getOutputStream()) {
            stdin.write(input.getBytes(StandardCharsets.UTF_8));
        } catch (IOException _) {
            // It has ended without reading it.
        }
        byte[] output = process.getInputStream().readAllBytes();
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IOException("it does not end: " + words);
        }
        return new Answer(process.exitValue(), output, errors.get());
    }

    private static void require(Answer answer) throws IOException {
        if (answer.status != 0) {
            throw new IOException(new String(answer.errors, StandardCharsets.UTF_8));
        }
    }

    private static Case parse(String line) throws IOException {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        boolean inside = false;
        String input = null;
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (c == '\'' || c == '"') {
                int end = i + 1;
                while (line.charAt(end) != c) {
                    if (c == '"' && line.charAt(end) == '\\') {
                        end++;
                    }
                    word.append(line.charAt(end++));
                }
                i = end;
                inside = true;
            } else if (c == ' ') {
                if (inside) {
                    words.add(word.toString());
                    word.setLength(0);
                    inside = false;
                }
            } else {
                word.append(c);
                inside = true;
            }
        }
        if (inside) {
            words.add(word.toString());
        }
        int marker = words.indexOf("<<<");
        if (marker >= 0) {
            input = words.get(marker + 1).replace("\\n", "\n");
            words = words.subList(0, marker);
        }
        String verb = words.getFirst();
        boolean often = verb.endsWith("*");
        return new Case(
                often ? verb.substring(0, verb.length() - 1) : verb,
                often,
                words.subList(1, words.size()),
                input == null ? "" : input);
    }

    private static String json(Case one, Answer answer) {
        String errors = new String(answer.errors, StandardCharsets.UTF_8);
        boolean podmans = errors.startsWith("Error: ") || errors.contains("See 'podman ");
        StringBuilder text =
                new StringBuilder("{\"verb\": " + quoted(one.verb) + ", \"often\": " + one.often + ", \"words\": [");
        for (int i = 0; i < one.words.size(); i++) {
            text.append(i == 0 ? "" : ", ").append(quoted(one.words.get(i)));
        }
        return text.append("], \"stdin\": ")
                .append(quoted(one.input))
                .append(", \"status\": ")
                .append(answer.status)
                .append(", \"stdout\": ")
                .append(quoted(new String(answer.output, StandardCharsets.UTF_8)))
                .append(", \"stderr\": ")
                .append(podmans ? "null" : quoted(errors))
                .append("}")
                .toString();
    }

    private static String quoted(String text) {
        StringBuilder out = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> out.append(c < ' ' ? "\\u%04x".formatted((int) c) : String.valueOf(c));
            }
        }
        return out.append('"').toString();
    }
}
