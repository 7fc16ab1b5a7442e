package io.javisor.cli;

import io.javisor.core.text.Printable;
import io.javisor.machine.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What the host's operating system is. */
final class HostSystem {
    private HostSystem() {}

    /**
     * The default guest is made by Debian's package manager of Debian's packages.
     *
     * @param osRelease os-release(5): names the system in ID, and in ID_LIKE those whose packages suit it
     * @throws ConfigException if the host is not Debian, nor like it
     */
    static void requireDebian(Path osRelease) {
        Map<String, String> release = read(osRelease);
        List<String> names = new ArrayList<>(List.of(release.getOrDefault("ID", "linux")));
        names.addAll(List.of(release.getOrDefault("ID_LIKE", "").split(" ")));
        if (!names.contains("debian")) {
            String name = release.getOrDefault("PRETTY_NAME", names.getFirst());
            throw new ConfigException("the default guest is made of Debian's packages, and this host is "
                    + Printable.of(name)
                    + "; give a kernel of its own with --kernel FILE, and --initrd FILE");
        }
    }

    private static Map<String, String> read(Path osRelease) {
        Map<String, String> release = new HashMap<>();
        try {
            for (String line : Files.readAllLines(osRelease)) {
                int equals = line.indexOf('=');
                if (equals > 0) {
                    release.put(
                            line.substring(0, equals),
                            line.substring(equals + 1).replaceAll("^[\"']|[\"']$", ""));
                }
            }
        } catch (IOException e) {
            return Map.of(); // then it does not say that it is Debian
        }
        return release;
    }
}
