package io.javisor.cli.container;

import io.javisor.container.spec.ContainerSpec;
import io.javisor.container.spec.SpecText;
import io.javisor.machine.config.ConfigException;
import io.javisor.manager.Instance;
import io.javisor.manager.registry.MachineEntry;
import io.javisor.manager.registry.MachineKind;
import java.io.IOException;
import java.nio.file.Files;

/** Containers by their names. */
public final class Containers {
    private Containers() {}

    /**
     * Finds one.
     *
     * @throws ConfigException if there is none, or it is a machine
     */
    static Instance find(ContainerHost host, String name) {
        Instance found = host.instances().find(name);
        if (found.entry().kind() != MachineKind.CONTAINER) {
            throw new ConfigException("'" + name + "' is a machine, not a container");
        }
        return found;
    }

    /** As {@link #find}, one that runs. */
    static Instance running(ContainerHost host, String name) {
        Instance found = find(host, name);
        if (!found.isLive()) {
            throw new ConfigException("container " + name + " is not running");
        }
        return found;
    }

    /** As {@link #spec(MachineEntry)}. */
    public static ContainerSpec spec(Instance container) {
        return spec(container.entry());
    }

    /**
     * What it was made to be.
     *
     * @throws ConfigException if it has been removed, or is damaged
     */
    public static ContainerSpec spec(MachineEntry container) {
        String what = "container '" + container.name() + "'";
        try {
            return SpecText.parse(what, Files.readString(container.specFile()));
        } catch (IOException e) {
            throw new ConfigException(what + " has been removed, or can't be read: " + e.getMessage(), e);
        }
    }

    /** Whether its image has an ID that begins so. */
    public static boolean isOfImage(Instance container, String id) {
        return !id.isEmpty() && spec(container).imageId().hex().startsWith(id);
    }
}
