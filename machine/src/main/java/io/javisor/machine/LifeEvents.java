package io.javisor.machine;

import io.javisor.core.log.LogLimit;
import io.javisor.core.vcpu.Vcpu;
import io.javisor.core.vcpu.VcpuExit;
import io.javisor.core.vcpu.VcpuListener;
import io.javisor.devices.power.PowerControl;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the vCPUs and the devices of one life report, and which {@link Outcome} comes of it. Called on vCPU threads and the event loop; waits for
 * nobody.
 */
final class LifeEvents implements VcpuListener, PowerControl {
    private static final Logger LOG = LoggerFactory.getLogger(Machine.class); // what users see is the machine

    /** The life, as its events need it. Neither method may wait for vCPUs. */
    interface Life {
        /** Ends it; called once at most. */
        void end(Outcome outcome);

        /** What is known of a vCPU that can't go on, in several lines. Called on the vCPU's own thread, which runs no guest then. */
        String crashReport(Vcpu vcpu, VcpuExit exit);
    }

    private final String machine;
    private final Life life;
    private final BootObserver observer;
    private final @Nullable MachineDebug debug;
    private final LogLimit crashLines;
    /** A guest may ask again and again, on each vCPU: each time would take a worker. */
    private final AtomicBoolean ending = new AtomicBoolean();

    /**
     * @param machine its name, for messages
     * @param debug what is told of a vCPU that stops for it; null if nobody may connect
     * @param crashLines the machine's, over all lives
     */
    LifeEvents(String machine, Life life, BootObserver observer, @Nullable MachineDebug debug, LogLimit crashLines) {
        this.machine = machine;
        this.life = life;
        this.observer = observer;
        this.debug = debug;
        this.crashLines = crashLines;
    }

    private void end(Outcome outcome) {
        if (ending.compareAndSet(false, true)) {
            life.end(outcome);
        }
    }

    @Override
    public void onEntry(Vcpu vcpu) {
        observer.reached(BootStep.GUEST_ENTERED);
    }

    @Override
    public void onExit(Vcpu vcpu, VcpuExit exit) {
        if (exit == VcpuExit.DEBUG && debug != null) {
            debug.stopped(vcpu.index());
            return;
        }
        end(outcomeOf(vcpu, exit));
    }

    private Outcome outcomeOf(Vcpu vcpu, VcpuExit exit) {
        return switch (exit) {
            case TRIPLE_FAULT -> new Outcome.Reset("triple fault on vCPU " + vcpu.index());
            case SYSTEM_RESET -> new Outcome.Reset("reset asked of the engine");
            case SYSTEM_SHUTDOWN -> new Outcome.PowerOff();
            case SYSTEM_CRASH -> new Outcome.Panic();
            default -> new Outcome.EmulationFailure(life.crashReport(vcpu, exit));
        };
    }

    @Override
    public void onBug(Vcpu vcpu, Throwable failure) {
        LOG.debug("vCPU {} of {}", vcpu.index(), machine, failure);
        end(new Outcome.Failure(failure));
    }

    @Override
    public void powerOff() {
        end(new Outcome.PowerOff());
    }

    @Override
    public void reset() {
        end(new Outcome.Reset("reset request"));
    }

    @Override
    public void exit(int code) {
        end(new Outcome.DebugExit(code));
    }

    @Override
    public void guestPanicked() {
        end(new Outcome.Panic());
    }

    @Override
    public void crashLoaded() {
        crashLines.warn(LOG, "guest of {} panicked and starts its crash kernel", machine);
    }
}
