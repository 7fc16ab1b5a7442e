package io.javisor.api.control;

import io.javisor.api.Request;
import io.javisor.api.Response;
import io.javisor.api.Routes;
import org.jspecify.annotations.Nullable;

/** What a control socket answers: a machine's own verbs, those of a container that runs in it, and beside them another program's API. */
public final class RootRoutes implements Routes {
    /** What the path of every verb for a container's processes begins with. */
    public static final String CONTAINER_PREFIX = MachineRoutes.PREFIX + "container/";

    private final MachineRoutes verbs;
    private final @Nullable Routes container;
    private final Routes others;

    /** @param others answers whatever is not under {@link MachineRoutes#PREFIX} */
    public RootRoutes(MachineControl control, Routes others) {
        this(control, null, others);
    }

    /**
     * As {@link #RootRoutes(MachineControl, Routes)}.
     *
     * @param container answers what is under {@link #CONTAINER_PREFIX}; null if no container runs in the machine
     */
    public RootRoutes(MachineControl control, @Nullable Routes container, Routes others) {
        this.verbs = new MachineRoutes(control);
        this.container = container;
        this.others = others;
    }

    @Override
    public Response handle(Request request) throws InterruptedException {
        Routes processes = container;
        if (processes != null && request.path().startsWith(CONTAINER_PREFIX)) {
            return processes.handle(request);
        }
        return request.path().startsWith(MachineRoutes.PREFIX) ? verbs.handle(request) : others.handle(request);
    }
}
