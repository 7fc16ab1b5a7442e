package io.javisor.cli;

import io.javisor.cli.config.MachineSettings;
import io.javisor.cli.config.Settings;
import io.javisor.machine.ConfigException;
import io.javisor.machine.EngineChoice;
import io.javisor.machine.MachineConfig;
import java.nio.file.Path;
import java.util.function.Consumer;

/** A machine's configuration with what the command-line tool adds: the default guest, and a cache of kernels. */
final class GuestConfig {
    private GuestConfig() {}

    /**
     * Resolves settings of a machine that is to run. Everything is checked before the default guest is made: the host too, for
     * without an engine there is no use for a guest.
     *
     * @throws ConfigException naming the first setting that is out of range, or why there is no engine or no default guest
     */
    static MachineConfig toRun(MachineSettings settings) {
        return of(settings, GuestConfig::requireEngine);
    }

    /** As {@link #toRun}, of a machine that is only looked at: it needs no engine. */
    static MachineConfig planned(MachineSettings settings) {
        return of(settings, _ -> {});
    }

    private static MachineConfig of(MachineSettings settings, Consumer<MachineConfig> beforeMaking) {
        Path cache = UserCache.directory(System.getenv());
        MachineConfig config = settings.toConfig().withKernelCache(cache == null ? null : cache.resolve("kernels"));
        if (settings.get(Settings.KERNEL) != null || config.kernelOnDisk()) {
            return config;
        }
        DefaultGuest guest = DefaultGuest.ensure(
                Path.of(System.getProperty("javisor.home", ".")), System.getenv(), () -> beforeMaking.accept(config));
        Path initrd = settings.get(Settings.INITRD);
        // Also with a disk as root: the initramfs has the disk's driver.
        return config.withKernel(guest.kernel(), initrd == null ? guest.initrd() : initrd);
    }

    private static void requireEngine(MachineConfig config) {
        EngineChoice choice = EngineChoice.of(config.accel());
        if (choice.engine() == null) {
            throw new ConfigException(choice.obstacle());
        }
    }
}
