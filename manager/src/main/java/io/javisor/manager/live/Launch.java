package io.javisor.manager.live;

import io.javisor.machine.config.ConfigException;
import java.nio.file.Path;
import java.util.List;

/** Which program runs a machine of the registry in a process of its own. It belongs to whoever starts machines. */
@FunctionalInterface
public interface Launch {
    /**
     * The command of that process. It says {@link MachineSpawner#RUNNING} on standard output when the guest runs, or
     * {@link MachineSpawner#FAILED} and why it does not.
     *
     * @param id the machine's identity
     * @param log the file for what the process has to say, unless its user named another
     * @throws ConfigException if this process can't start machines
     */
    List<String> command(String id, Path log);
}
