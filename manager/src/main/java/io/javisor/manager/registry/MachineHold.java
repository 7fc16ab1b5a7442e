package io.javisor.manager.registry;

import io.javisor.core.host.Fd;
import io.javisor.core.log.LogLimit;
import io.javisor.machine.config.ConfigException;
import java.io.IOException;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A machine that is this process's to run, start or remove, until it is closed or the process ends. Any thread. */
public final class MachineHold implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MachineHold.class);

    private final LogLimit failures = new LogLimit();
    private final MachineEntry entry;
    private final Fd lock;
    private @Nullable MachineStatus last; // nobody else writes it

    /** @param written what was written of it last; null to read it when it is asked for */
    MachineHold(MachineEntry entry, Fd lock, @Nullable MachineStatus written) {
        this.entry = entry;
        this.lock = lock;
        this.last = written;
    }

    public MachineEntry entry() {
        return entry;
    }

    /** What was last written down of it, by whatever process. */
    public synchronized MachineStatus written() {
        MachineStatus present = last;
        if (present == null) {
            present = entry.written();
            last = present;
        }
        return present;
    }

    /** Writes its status anew. Where that fails, as on a full disk, the old one stays, whole; this process goes by the new one, and the next change is tried. */
    private synchronized void update(UnaryOperator<MachineStatus.Edit> change) {
        MachineStatus next = change.apply(written().edit()).status();
        last = next;
        try {
            entry.write(next);
        } catch (IOException e) {
            failures.warn(LOG, "{}", unwritten(e));
        }
    }

    private String unwritten(IOException e) {
        return "the state of " + entry.kind() + " '" + entry.name() + "' can't be written: " + Places.reason(e)
                + "; make room in " + entry.state();
    }

    /**
     * This process prepares it.
     *
     * @throws ConfigException if that can't be written
     */
    public synchronized void starting() {
        MachineStatus next = written()
                .edit()
                .in(MachinePhase.STARTING, ProcessIdentity.current())
                .supervisedBy(ProcessIdentity.supervisor())
                .endAsked(false)
                .status();
        try {
            entry.write(next);
        } catch (IOException e) {
            throw new ConfigException(unwritten(e), e);
        }
        last = next;
    }

    /** The guest runs, by the engine of that name. */
    public void running(long nowMillis, String engine) {
        update(edit -> edit.in(MachinePhase.RUNNING, ProcessIdentity.current())
                .startedAt(nowMillis, engine)
                .outOfMemory(false)
                .because(""));
    }

    /** It has been paused, or goes on. */
    public void phase(MachinePhase phase) {
        update(edit -> edit.in(phase, ProcessIdentity.current()));
    }

    /** It is to be started again: its supervisor will. */
    public void restarting(int restarts) {
        update(edit ->
                edit.in(MachinePhase.RESTARTING, ProcessIdentity.supervisor()).restarts(restarts));
    }

    /** The guest's kernel has killed for want of memory. */
    public void outOfMemory() {
        update(edit -> edit.outOfMemory(true));
    }

    /** Its user wants it to end. */
    public void endAsked() {
        update(edit -> edit.endAsked(true));
    }

    /**
     * It has ended.
     *
     * @param resetRestarts whether it ran for so long that restarts are counted from the beginning
     */
    public void ended(long nowMillis, int exitStatus, String reason, boolean resetRestarts) {
        update(edit -> {
            edit.in(MachinePhase.STOPPED, ProcessIdentity.NONE)
                    .supervisedBy(ProcessIdentity.NONE)
                    .endedAt(nowMillis, exitStatus)
                    .because(reason);
            return resetRestarts ? edit.restarts(0) : edit;
        });
    }

    /** Whether it is to be kept when it has ended. */
    public synchronized void keep() {
        MachineAbout about = entry.about();
        try {
            entry.write(new MachineAbout(about.createdMillis(), about.restart(), false));
        } catch (IOException e) {
            throw new ConfigException(entry.kind() + " '" + entry.name() + "' can't be kept: " + Places.reason(e), e);
        }
    }

    @Override
    public void close() {
        lock.close();
    }
}
