package io.javisor.oci.store;

import io.javisor.core.host.ShutdownHook;
import io.javisor.oci.OciException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Somebody at work in a store, with a directory for what is not whole yet, and with a list of what nobody may remove. Both end with the process, however that ends: its
 * file is locked for as long as it works, and whoever finds one that is not sweeps up after it. For several threads.
 */
final class StoreSession implements AutoCloseable {
    private static final int ID_BYTES = 8;

    /** Locks that are had for a moment are given back within. */
    private static final long PATIENCE_MILLIS = 1000;

    private final StorePlaces places;
    private final Path file;
    private final StoreLock lock;
    private final Path temporary;
    private final ShutdownHook hook;
    private final AtomicInteger next = new AtomicInteger();

    private StoreSession(StorePlaces places, Path file, StoreLock lock, Path temporary, ShutdownHook hook) {
        this.places = places;
        this.file = file;
        this.lock = lock;
        this.temporary = temporary;
        this.hook = hook;
    }

    /**
     * Begins to work in a store, which is made unless it is there; removes what dead processes left.
     *
     * @throws OciException in one line, if it can't be written to
     */
    static StoreSession open(StorePlaces places) {
        places.prepare();
        try (StoreLock _ = storeLock(places)) {
            places.writeVersion();
            sweep(places);
            byte[] id = new byte[ID_BYTES];
            ThreadLocalRandom.current().nextBytes(id);
            String name = HexFormat.of().formatHex(id);
            Path file = places.sessions().resolve(name);
            StoreLock lock = StoreLock.take(file, true, () -> {});
            Path temporary = places.temporary().resolve(name);
            try {
                StorePlaces.createDirectory(temporary);
                return new StoreSession(places, file, lock, temporary, hook(temporary));
            } catch (IOException e) {
                lock.close();
                throw Failures.of("make", temporary, e);
            }
        }
    }

    /** For ^C and SIGTERM, at which nobody closes a session. What is unpacked meanwhile comes to nothing, as its directory is gone. */
    private static ShutdownHook hook(Path temporary) throws IOException {
        try {
            return ShutdownHook.install(() -> StorePlaces.removeQuietly(temporary));
        } catch (IllegalStateException e) {
            throw new IOException("this process was told to end", e);
        }
    }

    /** What whoever changes the catalog, removes something, or relies on something being there has: for a moment only. */
    static StoreLock storeLock(StorePlaces places) {
        return StoreLock.take(places.storeLock(), false, PATIENCE_MILLIS, places::sayWaiting);
    }

    /** Removes what processes that ended left; whoever calls it has the store's lock. */
    static void sweep(StorePlaces places) {
        try {
            Set<String> alive = new HashSet<>();
            for (Path session : StorePlaces.list(places.sessions())) {
                if (StoreLock.tryTake(session, true).map(StoreSession::give).isEmpty()) {
                    alive.add(String.valueOf(session.getFileName()));
                }
            }
            for (Path left : StorePlaces.list(places.temporary())) {
                if (!alive.contains(String.valueOf(left.getFileName()))) {
                    StorePlaces.removeQuietly(left);
                }
            }
        } catch (IOException e) {
            throw Failures.of("read", places.root(), e);
        }
    }

    private static boolean give(StoreLock lock) {
        lock.close();
        return true;
    }

    /** What those at work need; whoever calls it has the store's lock, and swept. */
    static Set<String> pinned(StorePlaces places) {
        Set<String> keys = new HashSet<>();
        try {
            for (Path session : StorePlaces.list(places.sessions())) {
                try {
                    keys.addAll(Files.readAllLines(session, StandardCharsets.ISO_8859_1));
                } catch (NoSuchFileException _) {
                    // It ended at this moment, for which it needs no lock.
                }
            }
        } catch (IOException e) {
            throw Failures.of("read", places.sessions(), e);
        }
        return keys;
    }

    /**
     * Has things stay until this is closed, those that are there and those that are to come. Whatever of them is there afterwards stays there.
     *
     * @param keys of {@link StorePlaces}
     */
    void pin(Collection<String> keys) {
        try (StoreLock _ = storeLock(places)) {
            Files.write(
                    file,
                    (String.join("\n", keys) + "\n").getBytes(StandardCharsets.ISO_8859_1),
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw Failures.of("write", file, e);
        }
    }

    /** A path of this session's own, for something that is to be renamed when it is whole. */
    Path fresh() {
        return temporary.resolve(Integer.toString(next.getAndIncrement()));
    }

    /** Takes something out of the store in one step. Whoever calls it has the store's lock, or that of the thing. */
    void discard(Path path) throws IOException {
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            Path away = fresh();
            Files.move(path, away, StandardCopyOption.ATOMIC_MOVE);
            StorePlaces.removeQuietly(away);
        }
    }

    /** Has a blob or a layer for itself: nobody else makes it meanwhile. */
    StoreLock lock(String key, Runnable waiting) {
        return StoreLock.take(places.locks().resolve(key.replace('/', '-')), true, waiting);
    }

    /** As above; that it waits is told to the store's user. */
    StoreLock lock(String key) {
        return StoreLock.take(places.locks().resolve(key.replace('/', '-')), true, PATIENCE_MILLIS, places::sayWaiting);
    }

    @Override
    public void close() {
        hook.remove();
        StorePlaces.removeQuietly(temporary);
        lock.close();
    }
}
