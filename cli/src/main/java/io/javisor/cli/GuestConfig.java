package io.javisor.cli;

import io.javisor.cli.config.MachineSettings;
import io.javisor.machine.config.BootConfig;
import io.javisor.machine.config.BootConfig.DiskKernelBoot;
import io.javisor.machine.config.BootConfig.KernelBoot;
import io.javisor.machine.config.ConfigException;
import io.javisor.machine.config.MachineConfig;
import io.javisor.machine.host.BootDisk;
import io.javisor.machine.host.EngineChoice;
import io.javisor.machine.host.HostDisks;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

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
            return new GuestConfig(config(settings, first, runs), disks);
        } catch (RuntimeException | Error e) {
            disks.close();
            throw e;
        }
    }

    private static MachineConfig config(MachineSettings settings, @Nullable BootDisk first, boolean runs) {
        BootConfig boot = settings.boot(first);
        if (boot != null) {
            return settings.toConfig(cached(boot));
        }
        Path home = Path.of(System.getProperty("javisor.home", "."));
        DefaultGuest guest = DefaultGuest.locate(home, System.getenv());
        MachineConfig config = settings.toConfig(cached(settings.defaultGuest(guest.kernel(), guest.initrd())));
        guest.ensure(home, () -> {
            if (runs) {
                requireEngine(config);
            }
        });
        if (runs) {
            RecordedBoot.ensure(guest, config.accel(), System.getenv());
        }
        return config;
    }

    private static BootConfig cached(BootConfig boot) {
        Path cache = UserCache.directory(System.getenv());
        return switch (boot) {
            case KernelBoot kernel -> kernel.withCache(cache == null ? null : cache.resolve("kernels"));
            case DiskKernelBoot disk -> disk;
        };
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
