package io.javisor.cli.container;

import io.javisor.container.runtime.GuestFiles;
import io.javisor.manager.Instances;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** For commands that are looked at only. */
enum NoHost implements ContainerHost {
    INSTANCE;

    @Override
    public Instances instances() {
        throw nothing();
    }

    @Override
    public GuestFiles guest(@Nullable Path kernel) {
        throw nothing();
    }

    @Override
    public Path cache() {
        throw nothing();
    }

    @Override
    public boolean endWithLauncher() {
        throw nothing();
    }

    private static IllegalStateException nothing() {
        return new IllegalStateException("a command that is looked at only was run");
    }
}
