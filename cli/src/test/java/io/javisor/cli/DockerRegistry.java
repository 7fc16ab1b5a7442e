package io.javisor.cli;

import io.javisor.testkit.Await;
import io.javisor.testkit.junit.HostTool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A registry on loopback, Debian's {@code docker-registry}, with its files in a directory of the test's. It ends with the test. */
final class DockerRegistry implements AutoCloseable {
    static final String USER = "alice";
    static final String PASSWORD = "secret";

    /** bcrypt of {@link #PASSWORD}, which is all that this registry takes. */
    private static final String PASSWORD_HASH = "$2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW";

    private static final Pattern LISTENING = Pattern.compile("listening on (127\\.0\\.0\\.1:[0-9]+)");

    private final Path data;
    private final Process process;
    private final String address;

    private DockerRegistry(Path directory, String access) throws IOException {
        HostTool.require("docker-registry", "docker-registry");
        Files.createDirectories(directory);
        data = directory.resolve("data");
        Path config = Files.writeString(directory.resolve("config.yml"), """
            version: 0.1
            log: {level: info}
            storage:
              filesystem: {rootdirectory: %s}
            http: {addr: "127.0.0.1:0"}
            %s\
            """.formatted(data, access));
        Path log = directory.resolve("log");
        process = new ProcessBuilder("docker-registry", "serve", config.toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            Await.until(
                    () -> "the registry listens: " + read(log),
                    () -> LISTENING.matcher(read(log)).find());
            Matcher listening = LISTENING.matcher(read(log));
            address = listening.find() ? listening.group(1) : "";
        } catch (AssertionError e) {
            Program.kill(process);
            throw e;
        }
    }

    /** One that lets everybody pull and push. */
    static DockerRegistry open(Path directory) throws IOException {
        return new DockerRegistry(directory, "");
    }

    /** One that wants to know {@link #USER} and {@link #PASSWORD}, by Basic. */
    static DockerRegistry withPassword(Path directory) throws IOException {
        Path users = Files.writeString(
                Files.createDirectories(directory).resolve("htpasswd"), USER + ":" + PASSWORD_HASH + "\n");
        return new DockerRegistry(directory, "auth: {htpasswd: {realm: test, path: " + users + "}}\n");
    }

    private static String read(Path log) {
        try {
            return Files.exists(log) ? Files.readString(log) : "";
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** Host and port. */
    String address() {
        return address;
    }

    /** A blob's file, which it does not look at before it sends it. */
    Path blob(String digest) {
        String hex = digest.substring("sha256:".length());
        return data.resolve("docker/registry/v2/blobs/sha256/" + hex.substring(0, 2) + "/" + hex + "/data");
    }

    /** Pushes an image as others do. */
    void push(Path directory, String source, String name) {
        List<String> words = List.of(
                "skopeo",
                "copy",
                "--quiet",
                "--dest-tls-verify=false",
                "--dest-creds=" + USER + ":" + PASSWORD,
                source,
                "docker://" + address + "/" + name);
        String _ = HostTool.run(directory, "", words.toArray(String[]::new));
    }

    @Override
    public void close() {
        Program.kill(process);
    }
}
