package io.javisor.api.control;

import io.javisor.api.Request;
import io.javisor.api.Response;
import io.javisor.api.Routes;

/** What a control socket answers: a machine's own verbs, and beside them another program's API. */
public final class RootRoutes implements Routes {
    private final MachineRoutes verbs;
    private final Routes others;

    /** @param others answers whatever is not under {@link MachineRoutes#PREFIX} */
    public RootRoutes(MachineControl control, Routes others) {
        this.verbs = new MachineRoutes(control);
        this.others = others;
    }

    @Override
    public Response handle(Request request) throws InterruptedException {
        return request.path().startsWith(MachineRoutes.PREFIX) ? verbs.handle(request) : others.handle(request);
    }
}
