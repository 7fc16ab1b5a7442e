package io.javisor.devices.virtio;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;

/** An event loop that turns when the test says so. */
public final class QueuedExecutor implements Executor {
    private final Queue<Runnable> tasks = new ArrayDeque<>();

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
    }

    public int waiting() {
        return tasks.size();
    }

    /** Runs what is there; what that adds is for the next turn. */
    public void turn() {
        for (int left = tasks.size(); left > 0; left--) {
            tasks.remove().run();
        }
    }

    /** Runs what is there, and what that adds. */
    public void run() {
        Runnable task = tasks.poll();
        while (task != null) {
            task.run();
            task = tasks.poll();
        }
    }
}
