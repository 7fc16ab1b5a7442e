package io.javisor.manager.registry;

import java.util.Locale;

/** What is kept under a name. Both are run, listed and ended alike, and share their names. */
public enum MachineKind {
    /** A machine, by its configuration file. */
    MACHINE,
    /** A container, by its specification: a machine that an image's process runs in. */
    CONTAINER;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
