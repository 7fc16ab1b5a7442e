package io.javisor.container.store;

import io.javisor.container.spec.ContainerSpec;
import io.javisor.container.spec.SpecText;
import io.javisor.machine.config.ConfigException;
import io.javisor.manager.registry.MachineEntry;
import io.javisor.manager.registry.MachineKind;
import io.javisor.manager.registry.Registry;
import io.javisor.oci.Digest;
import io.javisor.oci.store.ImageUse;
import java.io.IOException;
import java.nio.file.Files;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which images containers use. */
public final class ContainerImages {
    private static final Logger LOG = LoggerFactory.getLogger(ContainerImages.class);

    private ContainerImages() {}

    /**
     * Each image that a container uses, by its ID, with one of those; one that runs if there is any. A container that can't be read uses none: it can't be started either.
     *
     * @throws ConfigException in one line, if the containers can't be listed
     */
    public static Map<Digest, ImageUse> inUse(Registry registry) {
        Map<Digest, ImageUse> all = new HashMap<>();
        for (MachineEntry entry : registry.list()) {
            if (entry.kind() == MachineKind.CONTAINER) {
                add(all, entry);
            }
        }
        return all;
    }

    private static void add(Map<Digest, ImageUse> all, MachineEntry entry) {
        try {
            ContainerSpec spec = SpecText.parse("container " + entry.id(), Files.readString(entry.specFile()));
            ImageUse use = new ImageUse(entry.id(), entry.status().phase().isLive());
            ImageUse _ = all.merge(spec.imageId(), use, (one, other) -> other.running() ? other : one);
        } catch (IOException | ConfigException e) {
            LOG.debug("{} uses no image: {}", entry.name(), e.getMessage()); // removed meanwhile, most likely
        }
    }
}
