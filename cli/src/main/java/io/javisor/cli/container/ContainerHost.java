package io.javisor.cli.container;

import io.javisor.container.runtime.GuestFiles;
import io.javisor.manager.Instances;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** What the command line has for the commands for containers. */
public interface ContainerHost {
    /** Machines and containers of this user. */
    Instances instances();

    /**
     * What boots a container, made if it is not there.
     *
     * @param kernel in the place of the default guest's; null for that
     */
    GuestFiles guest(@Nullable Path kernel);

    /** The user's directory for what can be made again. */
    Path cache();

    /**
     * Has this process end with the script that started it.
     *
     * @return false if that is gone already
     */
    boolean endWithLauncher();
}
