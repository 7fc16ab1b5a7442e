package io.javisor.cli;

import io.javisor.machine.config.Accel;
import io.javisor.machine.host.EngineChoice;

/** The engine that a machine gets here when nobody chooses one, as {@code javisor run} in the foreground tells of it. */
final class AutoEngine {
    /** A line on standard error, with its end; empty by the engine that {@code auto} asks first, KVM. */
    static final String SAID = said(EngineChoice.of(Accel.AUTO));

    private AutoEngine() {}

    private static String said(EngineChoice choice) {
        return choice.obstacle().isEmpty() ? "" : "javisor: " + ConsoleSession.slowness(choice, Accel.AUTO) + "\n";
    }
}
