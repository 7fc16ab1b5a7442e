package io.javisor.manager.live;

import io.javisor.machine.config.ConfigException;
import io.javisor.manager.registry.MachineEntry;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Starts a machine of the registry in a process of its own, which belongs to no terminal. */
public final class MachineSpawner {
    /** What the process says first: the guest runs. */
    public static final String RUNNING = "running";

    /** What the process says first, and then why the guest does not run. */
    public static final String FAILED = "failed ";

    /** As {@link #FAILED}, with an exit status before the reason. */
    public static final String FAILED_WITH = "failed-with ";

    private final Launch launch;

    /** @param launch the program that runs each */
    public MachineSpawner(Launch launch) {
        this.launch = launch;
    }

    /**
     * Starts it and waits until its guest runs.
     *
     * @throws StartException with the reason why it does not, if that has an exit status of its own
     * @throws ConfigException with any other reason
     */
    public void start(MachineEntry entry) {
        List<String> command = new ArrayList<>(List.of("setsid"));
        command.addAll(launch.command(entry.id(), entry.processLog()));
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(Path.of("/").toFile())
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectError(
                        ProcessBuilder.Redirect.appendTo(entry.processLog().toFile()));
        builder.environment().remove("JAVISOR_LAUNCHER");
        builder.environment().put("JAVISOR_MACHINE_LOG", entry.processLog().toString());
        try {
            Process process = builder.start();
            // Not closed: to the end of the machine's first run the other end belongs to it.
            BufferedReader words =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
            requireRunning(entry, words.readLine());
        } catch (IOException e) {
            throw new ConfigException(entry.kind() + " '" + entry.name() + "' can't be started: " + e.getMessage(), e);
        }
    }

    private static void requireRunning(MachineEntry entry, @Nullable String word) {
        if (word == null) {
            throw new ConfigException("the process of " + entry.kind() + " '" + entry.name()
                    + "' ended before its guest ran" + lastWords(entry.processLog()));
        }
        if (word.startsWith(FAILED_WITH)) {
            String[] words = word.substring(FAILED_WITH.length()).split(" ", 2);
            throw new StartException(Integer.parseInt(words[0]), words.length < 2 ? "" : words[1]);
        }
        if (word.startsWith(FAILED)) {
            throw new ConfigException(word.substring(FAILED.length()));
        }
        if (!word.equals(RUNNING)) {
            throw new ConfigException("the process of " + entry.kind() + " '" + entry.name() + "' said: " + word);
        }
    }

    /** For a log that may go with the machine. */
    private static String lastWords(Path log) {
        try {
            List<String> lines = Files.readAllLines(log, StandardCharsets.ISO_8859_1);
            return lines.isEmpty() ? "" : ": " + lines.getLast();
        } catch (IOException e) {
            return "";
        }
    }
}
