package io.javisor.core.host;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Closes what was added, last first, all of it even if one fails: what an object holds until its end, or what a constructor has opened so
 * far. Not thread-safe.
 */
public final class Cleanup implements AutoCloseable {
    private final Deque<AutoCloseable> resources = new ArrayDeque<>();

    /** Adds {@code resource}, which was just opened, and returns it. */
    public <T extends AutoCloseable> T add(T resource) {
        resources.push(resource);
        return resource;
    }

    /**
     * Adds what {@code users} are done with by then; if one of them is not, it stays open, for to take it from under them is worse. The users
     * are added later, so that they are closed first.
     */
    public <T extends AutoCloseable> T addBeneath(Users users, T resource) {
        resources.push(() -> {
            if (!users.remain) {
                resource.close();
            }
        });
        return resource;
    }

    /** Adds somebody who uses a resource, and whose {@code close} throws if he can't be made to end. */
    public <T extends AutoCloseable> T addUser(Users users, T user) {
        resources.push(() -> {
            try {
                user.close();
            } catch (Exception e) {
                users.remain = true;
                throw e;
            }
        });
        return user;
    }

    /** Those who use some of the resources. */
    public static final class Users {
        private boolean remain;

        /** Whether one of them could not be made to end. */
        public boolean remain() {
            return remain;
        }
    }

    /** Closes everything after a failure, to which what goes wrong here is added as suppressed. */
    public void closeAfter(Throwable failure) {
        try {
            close();
        } catch (RuntimeException e) {
            failure.addSuppressed(e);
        }
    }

    /**
     * Closes everything; does nothing the second time.
     *
     * @throws RuntimeException the first failure, with the others suppressed in it
     */
    @Override
    public void close() {
        RuntimeException first = null;
        while (!resources.isEmpty()) {
            try {
                resources.pop().close();
            } catch (Exception e) {
                RuntimeException failure =
                        e instanceof RuntimeException unchecked ? unchecked : new IllegalStateException(e);
                if (first == null) {
                    first = failure;
                } else {
                    first.addSuppressed(failure);
                }
            }
        }
        if (first != null) {
            throw first;
        }
    }
}
