package io.javisor.cli;

import io.javisor.cli.config.MachineSettings;
import io.javisor.cli.config.Settings;
import io.javisor.machine.config.ConfigException;
import io.javisor.machine.config.MachineConfig;
import io.javisor.machine.host.BootDisk;
import io.javisor.machine.host.EngineChoice;
import io.javisor.machine.host.HostDisks;
import java.nio.file.Path;

/**
 * A machine's configuration with what the command-line tool adds, the default guest and a cache of kernels; and the disks, which are open, for what is
 * on the first decides what boots.
 *
 * @param disks those of {@code config}
 */
record GuestConfig(MachineConfig config, HostDisks disks) implements AutoCloseable {
    /**
     * Resolves settings of a machine that is to run. Everything is checked before the default guest is made: the host too, for
     * without an engine there is no use for a guest.
     *
     * @throws ConfigException naming the first setting that is out of range, why there is no engine or no default guest, or the disk that can't be had
     */
    static GuestConfig toRun(MachineSettings settings) {
        return of(settings, HostDisks.open(settings.disks()), true);
    }

    /** As {@link #toRun}, of a machine that another process is to run: what is wrong is said here, and the disks are that process's to take. */
    static GuestConfig toRunElsewhere(MachineSettings settings) {
        return of(settings, HostDisks.look(settings.disks()), true);
    }

    /** As {@link #toRun}, of a machine that is only looked at, its disks too: it needs no engine. */
    static GuestConfig planned(MachineSettings settings) {
        return of(settings, HostDisks.look(settings.disks()), false);
    }

    private static GuestConfig of(MachineSettings settings, HostDisks disks, boolean runs) {
        try {
            BootDisk first = settings.bootsFirstDisk() ? disks.first() : null;
            return new GuestConfig(withGuest(settings, settings.toConfig(first), runs), disks);
        } catch (RuntimeException | Error e) {
            disks.close();
            throw e;
        }
    }

    private static MachineConfig withGuest(MachineSettings settings, MachineConfig plain, boolean runs) {
        Path cache = UserCache.directory(System.getenv());
        MachineConfig config = plain.withKernelCache(cache == null ? null : cache.resolve("kernels"));
        if (settings.get(Settings.KERNEL) != null || config.kernelOnDisk()) {
            return config;
        }
        DefaultGuest guest =
                DefaultGuest.ensure(Path.of(System.getProperty("javisor.home", ".")), System.getenv(), () -> {
                    if (runs) {
                        requireEngine(config);
                    }
                });
        Path initrd = settings.get(Settings.INITRD);
        if (runs) {
            RecordedBoot.ensure(guest, config.accel(), System.getenv());
        }
        // Also with a disk as root: the initramfs has the disk's driver.
        return config.withKernel(guest.kernel(), initrd == null ? guest.initrd() : initrd);
    }

    private static void requireEngine(MachineConfig config) {
        EngineChoice choice = EngineChoice.of(config.accel());
        if (choice.engine() == null) {
            throw new ConfigException(choice.obstacle());
        }
    }

    /** Closes the disks. Does nothing if the machine has done so. */
    @Override
    public void close() {
        disks.close();
    }
}
