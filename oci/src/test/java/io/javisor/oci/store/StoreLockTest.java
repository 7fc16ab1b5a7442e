package io.javisor.oci.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.oci.OciException;
import io.javisor.testkit.Await;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreLockTest {
    @TempDir
    Path directory;

    @Test
    void oneHasItAndTheNextWaits() throws Exception {
        Path file = directory.resolve("lock");
        CountDownLatch waits = new CountDownLatch(1);
        FutureTask<Boolean> second = new FutureTask<>(() -> {
            try (StoreLock _ = StoreLock.take(file, true, waits::countDown)) {
                return true;
            }
        });
        try (StoreLock _ = StoreLock.take(file, true, () -> {})) {
            assertTrue(StoreLock.tryTake(file, true).isEmpty());
            Thread.ofPlatform().start(second);
            Await.latch(waits);
            assertFalse(second.isDone());
        }
        assertTrue(second.get());
        assertFalse(Files.exists(file));
    }

    @Test
    void whoeverHasToWaitForTheStoreIsToldOnce() throws Exception {
        CountDownLatch waits = new CountDownLatch(1);
        AtomicInteger told = new AtomicInteger();
        StorePlaces places = new StorePlaces(directory.resolve("images"), () -> {
            told.incrementAndGet();
            waits.countDown();
        });
        places.prepare();
        try (StoreSession _ = StoreSession.open(places)) {
            assertEquals(0, told.get());
        }
        FutureTask<Boolean> second = new FutureTask<>(() -> {
            try (StoreSession session = StoreSession.open(places);
                    StoreLock _ = session.lock("blobs/x")) {
                return true;
            }
        });
        try (StoreLock _ = StoreSession.storeLock(places)) {
            Thread.ofPlatform().start(second);
            Await.latch(waits);
            assertFalse(second.isDone());
        }
        assertTrue(second.get());
        assertEquals(1, told.get());
    }

    /** Each lock removes its file, so that who waits has one that is not there any more. */
    @Test
    void manyExcludeEachOtherThoughTheFileGoes() throws Exception {
        Path file = directory.resolve("lock");
        AtomicInteger inside = new AtomicInteger();
        List<FutureTask<Integer>> tasks = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            FutureTask<Integer> task = new FutureTask<>(() -> {
                int most = 0;
                for (int round = 0; round < 50; round++) {
                    try (StoreLock _ = StoreLock.take(file, true, () -> {})) {
                        most = Math.max(most, inside.incrementAndGet());
                        Await.sleep(0);
                        inside.decrementAndGet();
                    }
                }
                return most;
            });
            tasks.add(task);
            Thread.ofPlatform().start(task);
        }
        for (FutureTask<Integer> task : tasks) {
            assertEquals(1, task.get());
        }
    }

    @Test
    void whoWaitsCanBeInterrupted() throws Exception {
        Path file = directory.resolve("lock");
        CountDownLatch waits = new CountDownLatch(1);
        FutureTask<String> second = new FutureTask<>(() -> assertThrows(
                        OciException.class, () -> StoreLock.take(file, true, waits::countDown))
                .getMessage());
        try (StoreLock _ = StoreLock.take(file, true, () -> {})) {
            Thread thread = Thread.ofPlatform().start(second);
            Await.latch(waits);
            thread.interrupt();
            assertEquals("interrupted while another javisor has " + file, second.get());
        }
    }

    @Test
    void aLinkIsNotFollowed() throws Exception {
        Path target = Files.createFile(directory.resolve("target"));
        Path link = Files.createSymbolicLink(directory.resolve("link"), target);
        assertThrows(OciException.class, () -> StoreLock.tryTake(link, true));
    }

    @Test
    void withoutItsDirectoryThereIsNone() {
        Path file = directory.resolve("none/lock");
        assertEquals(
                "can't lock " + file + ": its directory was removed meanwhile; try again",
                assertThrows(OciException.class, () -> StoreLock.tryTake(file, true))
                        .getMessage());
    }
}
