package io.javisor.gdb;

import io.javisor.core.engine.DebugRequest;
import io.javisor.core.engine.EngineVcpu;
import io.javisor.core.memory.GuestMemory;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A machine as a debugger has it. Called on the debugger's thread, never on a vCPU's. */
public interface DebugTarget {
    /** A machine whose vCPUs are parked; not to be kept beyond the call that it was given for. */
    record Stopped(List<EngineVcpu> vcpus, GuestMemory memory) {}

    /** Told what becomes of a running machine, on any thread; must not wait. */
    interface Listener {
        /** A vCPU has stopped where it was asked to; the others run on. */
        void stopped(int vcpu);

        /** The machine has ended. */
        void ended();
    }

    /** Whom to tell; before anything else here. */
    void tell(Listener listener);

    /** How many vCPUs it has, whether it runs or not. */
    int vcpuCount();

    /** How many breakpoints it can have at once. */
    int maxBreakpoints();

    /**
     * Parks all vCPUs, until {@link #go}.
     *
     * @return false if the machine has ended
     */
    boolean stop() throws InterruptedException;

    /**
     * Lets vCPUs go on, unless the machine is paused: then when it is resumed. A machine that starts anew after a reset has the breakpoints
     * too.
     *
     * @param requests by vCPU, where each is to stop; null for one that stays parked
     * @throws io.javisor.core.host.HostException if the host refuses; all stay parked then
     */
    void go(List<@Nullable DebugRequest> requests);

    /**
     * Looks into the stopped machine.
     *
     * @throws MachineEndedException if it has ended
     */
    <R> R look(Function<Stopped, R> looker);

    /** Ends the machine as if its plug were pulled. */
    void kill();

    /** The machine that a debugger looks at is not there any more. */
    final class MachineEndedException extends RuntimeException {
        private static final long serialVersionUID = 1;

        public MachineEndedException() {
            super("the machine has ended");
        }
    }
}
