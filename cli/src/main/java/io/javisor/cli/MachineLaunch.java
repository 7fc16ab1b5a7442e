package io.javisor.cli;

import io.javisor.cli.logging.Logging;
import io.javisor.machine.config.ConfigException;
import io.javisor.manager.Instances;
import io.javisor.manager.live.Launch;
import io.javisor.manager.registry.Registry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** {@link MachineCommand} below its supervisor, by the JVM and with the logging of this process. */
final class MachineLaunch implements Launch {
    private static final String MAIN = "io.javisor.cli.Main";

    /** The instances of this process's user. */
    static Instances instances() {
        return new Instances(Registry.open(), new MachineLaunch());
    }

    @Override
    public List<String> command(String id, Path log) {
        List<String> command = new ArrayList<>();
        command.add(supervisor());
        command.addAll(ownCommand());
        command.addAll(List.of(MachineCommand.NAME, id));
        command.addAll(Logging.settings().orTo(log).arguments());
        return command;
    }

    private static String supervisor() {
        return Path.of(System.getProperty("javisor.app", "."), "supervisor").toString();
    }

    /**
     * The launcher's command for this JVM, without the arguments.
     *
     * @throws ConfigException if the launcher did not start it
     */
    static List<String> ownCommand() {
        List<String> words;
        try {
            words = List.of(Files.readString(Path.of("/proc/self/cmdline")).split("\0", -1));
        } catch (IOException e) {
            throw new ConfigException("can't read /proc/self/cmdline: " + e.getMessage(), e);
        }
        int main = words.indexOf(MAIN);
        if (main < 0) {
            throw new ConfigException("machines are started by the launcher 'javisor', which this process was not");
        }
        return words.subList(0, main + 1);
    }
}
