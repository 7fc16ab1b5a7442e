package io.javisor.oci.registry;

import static org.junit.jupiter.api.Assertions.fail;

import io.javisor.testkit.junit.HostTool;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Distribution's registry (Debian: docker-registry) on loopback, with a store of its own. */
final class DockerRegistry implements AutoCloseable {
    private static final Pattern LISTENING = Pattern.compile("listening on 127\\.0\\.0\\.1:([0-9]+)");
    private static final long TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final Process process;
    private final int port;

    private DockerRegistry(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    static void require() {
        HostTool.require("docker-registry", "docker-registry");
        HostTool.require("skopeo", "skopeo");
    }

    /**
     * Starts it.
     *
     * @param directory an empty one
     * @param auth the lines of its configuration that say who may what; may be empty
     */
    static DockerRegistry start(Path directory, String auth) throws IOException, InterruptedException {
        Path store = Files.createDirectories(directory.resolve("store"));
        Path config = Files.writeString(
                directory.resolve("config.yml"),
                "version: 0.1\nlog: {level: info, formatter: text}\nstorage: {filesystem: {rootdirectory: " + store
                        + "}}\nhttp: {addr: '127.0.0.1:0', secret: x}\n" + auth);
        Path log = directory.resolve("registry.log");
        Process process = new ProcessBuilder("docker-registry", "serve", config.toString())
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        boolean started = false;
        try {
            long end = System.nanoTime() + TIMEOUT_NANOS;
            while (true) {
                String text = Files.readString(log, StandardCharsets.ISO_8859_1);
                Matcher matcher = LISTENING.matcher(text);
                if (matcher.find()) {
                    started = true;
                    return new DockerRegistry(process, Integer.parseInt(matcher.group(1)));
                }
                if (!process.isAlive() || System.nanoTime() - end > 0) {
                    return fail("docker-registry does not start: " + text);
                }
                Thread.sleep(10);
            }
        } finally {
            if (!started) {
                process.destroyForcibly();
            }
        }
    }

    int port() {
        return port;
    }

    /** {@code 127.0.0.1:PORT}. */
    String host() {
        return "127.0.0.1:" + port;
    }

    @Override
    public void close() {
        process.destroyForcibly();
        // Its directory goes away next.
        int _ = process.onExit().join().exitValue();
    }
}
