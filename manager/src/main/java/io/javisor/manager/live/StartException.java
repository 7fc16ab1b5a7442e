package io.javisor.manager.live;

import io.javisor.machine.config.ConfigException;

/** What was to be started does not run, for a reason that has an exit status: 127 for a container whose program is not there, say. One line. */
public final class StartException extends ConfigException {
    private static final long serialVersionUID = 1L;

    private final int status;

    /** @param status what whoever wanted it ends with */
    public StartException(int status, String message) {
        super(message);
        this.status = status;
    }

    /** What whoever wanted it ends with. */
    public int status() {
        return status;
    }
}
