package io.javisor.container.runtime;

import io.javisor.agent.AgentException;
import io.javisor.manager.live.LiveMachine;

/** A container's life in this process, from its start to its end. */
public final class ContainerRun {
    /** Whoever has it run. Called by the thread that does. */
    public interface Watcher {
        /** Is told what its user should know, in a line. */
        void warn(String line);

        /** It is made, and its machine does not run yet: who is to get all output attaches to it now, and says how large its terminal is. */
        default TerminalRoom made(RunningContainer container) {
            return TerminalRoom.UNKNOWN;
        }

        /** Its first process runs. */
        default void runs(RunningContainer container) {}
    }

    /**
     * The size of a terminal.
     *
     * @param rows 0 for unknown, as {@code columns}
     */
    public record TerminalRoom(int rows, int columns) {
        public static final TerminalRoom UNKNOWN = new TerminalRoom(0, 0);
    }

    private ContainerRun() {}

    /**
     * Runs it to its end. What becomes of it is written down as it comes, but for its end, which is the caller's to write.
     *
     * @param live has begun to start
     * @throws io.javisor.machine.config.ConfigException in one line, if it can't be made
     * @throws InterruptedException if this thread is interrupted; it has been ended then
     */
    public static ContainerEnd run(LiveMachine live, ContainerSetup setup, Watcher watcher)
            throws InterruptedException {
        try (RunningContainer container = RunningContainer.create(setup, watcher::warn)) {
            TerminalRoom room = watcher.made(container);
            live.attach(container.machine(), container);
            try {
                container.start(room.rows(), room.columns());
            } catch (AgentException e) {
                return ContainerEnd.notStarted(e.status(), String.valueOf(e.getMessage()));
            }
            live.containerRuns();
            live.listen();
            watcher.runs(container);
            ContainerEnd end = container.await();
            if (end.outOfMemory()) {
                live.outOfMemory();
            }
            return end;
        }
    }
}
