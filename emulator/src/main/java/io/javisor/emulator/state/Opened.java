package io.javisor.emulator.state;

import java.util.ArrayDeque;
import java.util.Deque;

/** What a constructor has opened so far, to be closed if it does not come to its end. Not thread-safe. */
public final class Opened {
    private final Deque<AutoCloseable> resources = new ArrayDeque<>();

    /** Returns {@code resource}, which was just opened. */
    public <T extends AutoCloseable> T add(T resource) {
        resources.push(resource);
        return resource;
    }

    /** Closes everything, last first. What goes wrong is added to {@code failure}, which the constructor ends with. */
    public void closeAfter(Throwable failure) {
        for (AutoCloseable resource : resources) {
            try {
                resource.close();
            } catch (Exception e) {
                failure.addSuppressed(e);
            }
        }
    }
}
