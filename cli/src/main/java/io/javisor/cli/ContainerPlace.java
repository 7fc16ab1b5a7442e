package io.javisor.cli;

import io.javisor.cli.container.ContainerHost;
import io.javisor.container.runtime.GuestFiles;
import io.javisor.machine.config.ConfigException;
import io.javisor.manager.Instances;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** This process and its user's directories, for containers. */
final class ContainerPlace implements ContainerHost {
    @Override
    public Instances instances() {
        return MachineLaunch.instances();
    }

    @Override
    public GuestFiles guest(@Nullable Path kernel) {
        Path home = Path.of(System.getProperty("javisor.home", "."));
        ContainerGuest guest = ContainerGuest.ensure(home, System.getenv(), kernel);
        return new GuestFiles(guest.kernel(), guest.initrd(), guest.kernelCache());
    }

    @Override
    public Path cache() {
        Path cache = UserCache.directory(System.getenv());
        if (cache == null) {
            throw new ConfigException("neither XDG_CACHE_HOME nor HOME is set; set one to a directory of yours");
        }
        return cache;
    }

    @Override
    public boolean endWithLauncher() {
        return Launcher.endWithIt();
    }
}
