package io.javisor.cli;

import io.javisor.cli.config.MachineSettings;
import io.javisor.cli.config.Settings;
import io.javisor.machine.MachineConfig;
import java.nio.file.Path;

/** A machine's configuration with what the command-line tool adds: the default guest, and a cache of kernels. */
final class GuestConfig {
    private GuestConfig() {}

    /**
     * Resolves settings. Everything is checked before the default guest is made, which may take minutes.
     *
     * @throws io.javisor.machine.ConfigException naming the first setting that is out of range, or why there is no default guest
     */
    static MachineConfig of(MachineSettings settings) {
        Path cache = UserCache.directory(System.getenv());
        MachineConfig config = settings.toConfig().withKernelCache(cache == null ? null : cache.resolve("kernels"));
        if (settings.get(Settings.KERNEL) != null || config.kernelOnDisk()) {
            return config;
        }
        DefaultGuest guest = DefaultGuest.ensure(Path.of(System.getProperty("javisor.home", ".")), System.getenv());
        if (settings.hasDisk()) {
            // The first disk is the root file system: the guest's own in memory would hide it.
            return config.withKernel(guest.kernel(), settings.get(Settings.INITRD));
        }
        Path initrd = settings.get(Settings.INITRD);
        return config.withKernel(guest.kernel(), initrd == null ? guest.initrd() : initrd);
    }
}
