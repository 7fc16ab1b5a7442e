package io.javisor.machine.config;

import java.nio.file.Path;

/**
 * A read-only disk that tells cloud-init in the guest what to do at its first boot: {@link io.javisor.images.seed.NoCloudSeed}, with the machine's
 * name for the guest's.
 *
 * @param userData the file with cloud-init's user-data
 */
public record CloudInitConfig(Path userData) implements VirtioDeviceConfig {
    @Override
    public String kind() {
        return "disk";
    }

    @Override
    public String description() {
        return "virtio disk: cloud-init's seed of " + userData;
    }
}
