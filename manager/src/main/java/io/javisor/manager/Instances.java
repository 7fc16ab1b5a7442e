package io.javisor.manager;

import io.javisor.machine.config.ConfigException;
import io.javisor.manager.live.Launch;
import io.javisor.manager.live.MachineSpawner;
import io.javisor.manager.registry.MachineEntry;
import io.javisor.manager.registry.MachineHold;
import io.javisor.manager.registry.Registry;
import java.util.ArrayList;
import java.util.List;

/** The instances of a {@link Registry}. Immutable. */
public final class Instances {
    private final Registry registry;
    private final MachineSpawner spawner;

    /** @param launch the program that runs one that is started */
    public Instances(Registry registry, Launch launch) {
        this.registry = registry;
        this.spawner = new MachineSpawner(launch);
    }

    /** Where they are kept. */
    public Registry registry() {
        return registry;
    }

    /** All, by name. */
    public List<Instance> list() {
        List<Instance> all = new ArrayList<>();
        for (MachineEntry entry : registry.list()) {
            all.add(of(entry));
        }
        return all;
    }

    /**
     * Finds one.
     *
     * @throws ConfigException if there is none of that name, with those that look like it
     */
    public Instance find(String name) {
        return of(registry.find(name));
    }

    /** That of which this is kept. */
    public Instance of(MachineEntry entry) {
        return switch (entry.kind()) {
            case MACHINE -> new MachineInstance(entry, spawner);
            case CONTAINER -> new ContainerInstance(entry, spawner);
        };
    }

    /**
     * Removes one that has ended, and all that is kept of it. Does nothing if it has been removed.
     *
     * @throws ConfigException if it runs
     */
    public void remove(Instance instance) {
        MachineEntry entry = instance.entry();
        if (entry.isGone() && !isListed(entry.id())) {
            return; // by itself, at its end
        }
        try (MachineHold hold = entry.tryHold()) {
            // Between two processes of one that is started again nobody has it.
            if (hold == null || isLive(instance)) {
                throw new ConfigException(entry.kind() + " '" + entry.name()
                        + "' runs; stop it first, or: javisor rm --force " + entry.name());
            }
            registry.remove(hold);
        }
    }

    private boolean isListed(String id) {
        for (MachineEntry entry : registry.list()) {
            if (entry.id().equals(id)) {
                return true;
            }
        }
        return false;
    }

    /** One whose files are damaged is not. */
    private static boolean isLive(Instance instance) {
        try {
            return instance.isLive();
        } catch (ConfigException e) {
            return false;
        }
    }
}
