package io.javisor.oci.model;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What runs in a container of an image, unless its user says otherwise (OCI image-spec 1.1, config.md, "config"; moby's docker-image-spec 1.3). All texts
 * are as they came, but without NUL characters: made printable before they are shown.
 *
 * @param user {@code USER[:GROUP]}, names or numbers; "" is root
 * @param exposedPorts in the order of the configuration
 * @param env each {@code NAME=VALUE}
 * @param entrypoint the program and its first arguments
 * @param cmd the arguments that follow, or the program too, without an entry point
 * @param volumes directories that outlive the container, in alphabetical order
 * @param workingDir "" is {@code /}
 * @param stopSignal name or number of a signal, not checked; "" is SIGTERM
 * @param shell of commands in the shell's form; empty is {@code /bin/sh -c}
 */
public record ImageProcess(
        String user,
        List<ExposedPort> exposedPorts,
        List<String> env,
        List<String> entrypoint,
        List<String> cmd,
        List<String> volumes,
        String workingDir,
        Map<String, String> labels,
        String stopSignal,
        Optional<Healthcheck> healthcheck,
        List<String> shell) {
    /** That of an image without a word on it. */
    public static final ImageProcess NONE = new ImageProcess(
            "", List.of(), List.of(), List.of(), List.of(), List.of(), "", Map.of(), "", Optional.empty(), List.of());

    public ImageProcess {
        exposedPorts = List.copyOf(exposedPorts);
        env = List.copyOf(env);
        entrypoint = List.copyOf(entrypoint);
        cmd = List.copyOf(cmd);
        volumes = List.copyOf(volumes);
        labels = Collections.unmodifiableMap(new LinkedHashMap<>(labels));
        shell = List.copyOf(shell);
    }

    static ImageProcess of(JsonFields config) {
        return new ImageProcess(
                config.string("User"),
                config.names("ExposedPorts").stream()
                        .map(text -> ExposedPort.parse(text)
                                .orElseThrow(() -> config.problem(
                                        "ExposedPorts", "has an invalid port: " + JsonFields.quoted(text))))
                        .toList(),
                // One without a value unsets the variable, which is not set yet.
                config.strings("Env").stream()
                        .filter(text -> text.indexOf('=') > 0)
                        .toList(),
                config.words("Entrypoint"),
                config.words("Cmd"),
                config.names("Volumes").stream()
                        .filter(text -> !text.isEmpty())
                        .sorted()
                        .toList(),
                config.string("WorkingDir"),
                config.texts("Labels"),
                config.string("StopSignal"),
                config.object("Healthcheck").map(ImageProcess::healthcheck),
                config.words("Shell"));
    }

    private static Healthcheck healthcheck(JsonFields check) {
        return new Healthcheck(
                check.strings("Test"),
                check.number("Interval", 0, Long.MAX_VALUE),
                check.number("Timeout", 0, Long.MAX_VALUE),
                check.number("StartPeriod", 0, Long.MAX_VALUE),
                check.number("StartInterval", 0, Long.MAX_VALUE),
                (int) check.number("Retries", 0, Integer.MAX_VALUE));
    }
}
